import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Cli } from "../../launcher/engine/cli.ts";
import { checkConfiguration } from "../../launcher/stack/check-configuration.ts";
import type { State } from "../../launcher/recovery/pending-operations.ts";
import type { Stack } from "../../launcher/stack/read-stack.ts";
import { clouds } from "../../launcher/clouds/registry.ts";
import type { ManagedProvider } from "../../config/clouds/index.ts";
import { UserError } from "../../system/errors.ts";

type Settings = Record<string, unknown>;

const configOf = (stack: string) =>
  (parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as { config: Settings }).config;
const clusterOf = (stack: string) => configOf(stack)["multi-client:cluster"];

/** What `pulumi config --json --show-secrets` says of a committed stack file with other settings. */
function cli(stack: string, change: Settings, secret: readonly string[] = []): Cli {
  const said = Object.entries({ ...configOf(stack), ...change }).map(([key, value]) => [
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

/** The state of a stack whose cluster has a version. */
const deployed = (running: string, cloud: ManagedProvider = "eks"): State => {
  const { clusterType: type, version } = clouds[cloud];
  return {
    deployment: { resources: [{ urn: "urn:pulumi:c", type, outputs: { [version.output]: running } }] },
  };
};

describe("the check of a configuration before a refresh", () => {
  it("passes what the program accepts", async () => {
    await checkConfiguration(cli("prod", {}), stack, env, deployed("1.36"));
  });

  it("refuses in the program's words, with every problem", async () => {
    const change = {
      "aws:region": "nowhere",
      "multi-client:namespace": "default",
      "multi-client:clutser": "x",
    };
    await assert.rejects(checkConfiguration(cli("prod", change), stack, env, deployed("1.36")), (error) => {
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

  it("says nothing before anything is deployed, when the program says it as soon", async () => {
    await checkConfiguration(cli("prod", { "aws:region": "nowhere" }), stack, env, undefined);
  });

  it("refuses a version of Kubernetes that is not the next one", async () => {
    for (const [version, found] of [
      ["1.34", "1.36"],
      ["1.36", "1.35"],
    ] as const) {
      const cluster = { ...(clusterOf("prod") as object), kubernetesVersion: found };
      const refused = checkConfiguration(
        cli("prod", { "multi-client:cluster": cluster }),
        stack,
        env,
        deployed(version),
      );
      await assert.rejects(refused, (error) => {
        assert.ok(error instanceof UserError);
        const [, minor = ""] = version.split(".");
        const expected = `expected: 1.${minor}, which runs, or 1.${String(Number(minor) + 1)}`;
        assert.match(
          error.message,
          /^1 problem .*; nothing was changed\.\n {2}multi-client:cluster\.kubernetesVersion/,
        );
        assert.ok(error.message.includes(expected), error.message);
        assert.match(
          error.message,
          /config set --stack prod --path 'multi-client:cluster\.kubernetesVersion' '?1\.3[56]/,
        );
        return true;
      });
    }
  });

  it("takes the version that runs, a patch of it that the cloud put there, and the next one, which is an upgrade", async () => {
    for (const [version, upgrade] of [
      ["1.35", "1.36"],
      ["1.36", undefined],
      ["1.36.4", undefined],
      ["1.35.9-gke.100", "1.36"],
    ] as const)
      assert.equal(
        await checkConfiguration(cli("prod", {}), stack, env, deployed(version)),
        upgrade,
        version,
      );
  });

  it("lets a stack file stay behind a cloud that moves its clusters on, and no further ahead", async () => {
    const name = "prod-gke";
    const gke = { name, target: { provider: "managed", cloud: "gke", simulated: true } } as Stack;
    const check = (running: string) => checkConfiguration(cli(name, {}), gke, env, deployed(running, "gke"));
    await check("1.37.2-gke.100");
    await check("1.35.9-gke.100");
    await assert.rejects(check("1.34.1-gke.1"), /expected: 1\.34, which runs, or 1\.35/);
  });

  it("shows no secret", async () => {
    const key = "multi-client:exposure";
    const change = { [key]: { type: "loadBalancer", tls: { certificate: "open", key: "hunter2" } } };
    await assert.rejects(
      checkConfiguration(cli("prod", change, [key]), stack, env, deployed("1.36")),
      (error) => {
        assert.doesNotMatch(String(error), /hunter2|open/);
        return true;
      },
    );
  });
});
