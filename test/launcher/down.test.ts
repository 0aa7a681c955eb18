import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { down } from "../../launcher/commands/down.ts";
import { status } from "../../launcher/commands/status.ts";
import { withEngine } from "../support/engine.ts";

describe("a stack whose context is gone", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "multi-client-down-test-"));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  const state = '{ "deployment": { "resources": [{ "urn": "u", "type": "kubernetes:core/v1:Namespace" }] } }';
  const asked = (command: typeof down, local: boolean) => {
    const cluster = `{ provider: existing, context: kind-kind, local: ${String(local)} }`;
    writeFileSync(join(root, "Pulumi.mine.yaml"), `config:\n  multi-client:cluster: ${cluster}\n`);
    const env = { STACK: "mine", KUBECONFIG: join(root, "none"), PULUMI_BACKEND_URL: "file:///state" };
    return withEngine(`[ "$1 $2" != 'stack export' ] || echo '${state}'`, command, { root, env });
  };

  for (const command of [down, status])
    it(`is forgotten by a command that make ${command.name} names, on a local cluster alone`, async () => {
      await assert.rejects(asked(command, true), {
        name: "UserError",
        message:
          /^Context kind-kind is not in [^]*\n {2}PULUMI_BACKEND_URL=file:\/\/\/state \S+pulumi stack rm --force --preserve-config --stack mine$/,
      });
      await assert.rejects(asked(command, false), (error) => !String(error).includes("stack rm"));
    });
});
