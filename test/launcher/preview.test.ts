import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { destroy } from "../../launcher/commands/destroy.ts";
import { preview } from "../../launcher/commands/preview.ts";
import { up } from "../../launcher/commands/up.ts";
import type { Invocation } from "../../launcher/stack/plan.ts";
import { withEngine } from "../support/engine.ts";

describe("a stack that is not there yet, with an engine that only answers", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "multi-client-preview-test-"));
    writeFileSync(join(root, "Pulumi.prod.yaml"), stackFile);
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const stackFile =
    "secretsprovider: awskms://alias/pulumi\nconfig:\n  multi-client:cluster: { provider: eks }\n";
  const absent = `[ "$1 $2" != 'stack export' ] || { echo "error: no stack named 'prod' found"; exit 255; }`;
  /** Runs a command on stack prod. @param script is what the engine does beside its answer */
  const ran = (command: (invocation: Invocation) => Promise<void>, env: NodeJS.ProcessEnv, script = "") =>
    withEngine(`${absent}\n${script}`, command, { root, env: { STACK: "prod", ...env } });
  const calls = () => readFileSync(join(root, "calls"), "utf8").trim().split("\n");
  const files = () => ({ PULUMI_BACKEND_URL: `file://${root}` });

  for (const command of [preview, up, destroy])
    it(`is refused by make ${command.name} where nobody chose the backend, and nothing is made`, async () => {
      for (const env of [{}, { PULUMI_BACKEND_URL: "" }])
        await assert.rejects(async () => ran(command, { CONFIRM: "prod", ...env }), {
          name: "UserError",
          message: new RegExp(
            `^Stack prod is not in (file://${root}/\\S+), which [^]*Nothing was changed[^]*pulumi login\\n.*PULUMI_BACKEND_URL=\\1$`,
          ),
        });
      assert.deepEqual(new Set(calls()), new Set(["stack export"]));
    });

  it("is planned and made in files that were chosen, and where a login says so", async () => {
    await ran(preview, files());
    await ran(preview, { PULUMI_ACCESS_TOKEN: "pul-1" });
    await assert.rejects(async () => ran(up, files(), "[ $1 != preview ] || exit 7"));
    assert.deepEqual(calls().slice(-3), ["stack export", "stack init", "preview --refresh"]);
  });

  it("is not made with an empty passphrase", async () => {
    writeFileSync(join(root, "Pulumi.prod.yaml"), stackFile.replace(/.*/, "encryptionsalt: v1:x"));
    const empty = { ...files(), PULUMI_CONFIG_PASSPHRASE: "" };
    await assert.rejects(async () => ran(up, empty), /empty passphrase[^]*PULUMI_CONFIG_PASSPHRASE_FILE=/);
    assert.ok(!calls().includes("stack init"));
    const made = async (env: NodeJS.ProcessEnv) => {
      await assert.rejects(async () => ran(up, { ...empty, ...env }, "[ $1 != preview ] || exit 7"));
      return calls().includes("stack init");
    };
    assert.ok(await made({ PULUMI_CONFIG_PASSPHRASE_FILE: "/a/file" }));
  });

  it("is planned without a trace in its file, and what a person writes meanwhile stays there", async () => {
    const file = () => readFileSync(join(root, "Pulumi.prod.yaml"), "utf8");
    const salted = `[ "$1 $2" != 'stack init' ] || echo 'encryptionsalt: v1:x' >>Pulumi.prod.yaml`;
    await ran(preview, files(), salted);
    assert.equal(file(), stackFile);
    await assert.rejects(async () => ran(preview, files(), `${salted}\n[ "$1" = stack ] && exit 1`));
    assert.equal(file(), stackFile);
    await ran(preview, files(), `${salted}\n[ "$1" != preview ] || echo '# mine' >>Pulumi.prod.yaml`);
    assert.equal(file(), `${stackFile}# mine\n`);
  });
});
