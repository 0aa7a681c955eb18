import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { outputOf } from "../../launcher/stack/plan.ts";
import { run } from "../../system/process.ts";

describe("what the launcher prints", () => {
  const root = mkdtempSync(join(tmpdir(), "printed-"));
  after(() => {
    rmSync(root, { recursive: true });
  });
  const evil = "a\u001b]0;title\u0007b\u001b[31mc\u009bd\r\u007f\te é 日";
  const shown = "a]0;titleb[31mcd\te é 日";
  const make = (target: string, env: NodeJS.ProcessEnv) =>
    run(process.execPath, [resolve("launcher/main.ts"), target], {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: root, ...env },
    });

  it("has no character that a terminal obeys, on either stream", async () => {
    mkdirSync(join(root, "build/ci"), { recursive: true });
    writeFileSync(join(root, "Pulumi.far.yaml"), "config:\n  multi-client:namespace: shop\n");
    writeFileSync(join(root, "build/ci/preview-far.json"), "{}");
    writeFileSync(join(root, "build/ci/preview-far.md"), `${evil}\n`);
    const { stdout } = await make("report", { STACK: "far", KIND: "preview" });
    assert.equal(stdout, `${shown}\n`);
    const { code, output } = await make("guard", { STACK: evil });
    assert.equal(code, 1);
    assert.ok(output.includes(`Pulumi.${shown}.yaml is not there`), output);
  });

  it("has none either where stdout is for JSON", () => {
    const write = process.stderr.write.bind(process.stderr);
    let written = "";
    process.stderr.write = (text) => ((written += String(text)), true);
    try {
      const nothing = () => undefined;
      outputOf({ command: "status", root, env: { JSON: "1" }, write: nothing, log: nothing }).log(evil);
    } finally {
      process.stderr.write = write;
    }
    assert.equal(written, `${shown}\n`);
  });
});
