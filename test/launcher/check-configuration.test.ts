import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Cli } from "../../launcher/engine/cli.ts";
import { checkConfiguration } from "../../launcher/stack/check-configuration.ts";
import type { Stack } from "../../launcher/stack/read-stack.ts";
import { UserError } from "../../system/errors.ts";

type Settings = Record<string, unknown>;

/** What `pulumi config --json --show-secrets` says of a committed stack file with other settings. */
function cli(stack: string, change: Settings, secret: readonly string[] = []): Cli {
  const { config } = parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as { config: Settings };
  const said = Object.entries({ ...config, ...change }).map(([key, value]) => [
    key,
    { value: typeof value === "string" ? value : JSON.stringify(value), secret: secret.includes(key) },
  ]);
  const ask = (args: readonly string[]) => {
    assert.deepEqual(args, ["config", "--json", "--show-secrets"]);
    return Promise.resolve({ stdout: JSON.stringify(Object.fromEntries(said)) });
  };
  return { ask, byHand: "PULUMI_BACKEND_URL=file:///s /c/pulumi" } as unknown as Cli;
}
const stack = { name: "prod", target: { provider: "managed", cloud: "eks", simulated: true } } as Stack;
const env = { KUBECONFIG: "/nowhere" };

describe("the check of a configuration before a refresh", () => {
  it("passes what the program accepts", async () => {
    await checkConfiguration(cli("prod", {}), stack, env);
  });

  it("refuses in the program's words, with every problem", async () => {
    const change = {
      "aws:region": "nowhere",
      "multi-client:namespace": "default",
      "multi-client:clutser": "x",
    };
    await assert.rejects(checkConfiguration(cli("prod", change), stack, env), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /^3 problems in the configuration of stack prod; nothing was changed\.\n/);
      const fixes = error.message.match(/(?<=fix: +)\S.*/g) ?? [];
      assert.equal(fixes.length, 3);
      for (const fix of fixes)
        assert.match(fix, /^PULUMI_BACKEND_URL=file:\/\/\/s \/c\/pulumi config (set|rm) --stack prod /);
      for (const key of ["aws:region", "multi-client:namespace", "multi-client:clutser"])
        assert.ok(error.message.includes(`\n  ${key}\n`), key);
      return true;
    });
  });

  it("shows no secret", async () => {
    const key = "multi-client:exposure";
    const change = { [key]: { type: "loadBalancer", tls: { certificate: "open", key: "hunter2" } } };
    await assert.rejects(checkConfiguration(cli("prod", change, [key]), stack, env), (error) => {
      assert.doesNotMatch(String(error), /hunter2|open/);
      return true;
    });
  });
});
