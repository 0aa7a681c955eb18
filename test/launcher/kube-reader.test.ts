import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { kubeReader, kubeRemover } from "../../launcher/cluster/kube-reader.ts";

describe("kubectl, interrupted", () => {
  const folder = mkdtempSync(join(tmpdir(), "kube-reader-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("ends the command, also where it answers all the same", async () => {
    const script = `#!/bin/sh\ntrap '' HUP\nsleep 0.1\nkill -HUP ${String(process.pid)}\nsleep 0.2\necho '{}'\n`;
    writeFileSync(join(folder, "kubectl"), script, { mode: 0o755 });
    const env = { ...process.env, PATH: [folder, process.env.PATH ?? ""].join(delimiter) };
    const expected = { exitCode: 130, message: /^Interrupted while kubectl asked the cluster\./ };
    await assert.rejects(kubeReader("far", env)("/api"), expected);
    await assert.rejects(kubeRemover("far", env)("/api"), expected);
  });
});
