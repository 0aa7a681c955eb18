import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execBy, patienceOf } from "../../launcher/commands/smoke.ts";
import { run } from "../../system/process.ts";

const state = mkdtempSync(join(tmpdir(), "multi-client-smoke-"));
const smoke = (env: NodeJS.ProcessEnv) =>
  run(process.execPath, ["launcher/main.ts", "smoke"], {
    env: { ...process.env, XDG_STATE_HOME: state, ...env },
  });

describe("make smoke", () => {
  after(() => {
    rmSync(state, { recursive: true });
  });

  it("refuses a cluster whose nodes are simulated before it starts anything", async () => {
    mkdirSync(join(state, "multi-client/kwok/clusters/multi-client"), { recursive: true });
    const { code, output } = await smoke({ STACK: "sandbox" });
    assert.equal(code, 1);
    assert.match(
      output,
      /^\nThe nodes of stack sandbox are simulated: no container runs, so there is nothing to/,
    );
  });

  it("refuses a WRITE that is neither 1 nor 0", async () => {
    const { code, output } = await smoke({ STACK: "dev", WRITE: "no" });
    assert.equal(code, 1);
    assert.match(output, /^\nWRITE is "no"\.\nExpected: 1 to add a row, 0 to add none\.\n/);
  });

  it("waits as long as its assertions say, or as the cases that break the application ask", () => {
    assert.equal(patienceOf({ MULTI_CLIENT_SMOKE_SECONDS: "" }), undefined);
    assert.equal(patienceOf({ MULTI_CLIENT_SMOKE_SECONDS: "8" }), 8000);
  });

  it("lets kubectl say within 5 s that no pod of a service runs, in its own words", async () => {
    const kubectl = join(state, "kubectl");
    const none = 'case "$*" in *deploy/none*) echo "error: timed out" >&2; exit 1 ;; esac';
    writeFileSync(kubectl, `#!/bin/sh\n${none}\necho "$@"\n`);
    chmodSync(kubectl, 0o755);
    const exec = execBy({ command: [kubectl, "--context", "rig"] }, process.env);
    assert.equal(
      await exec("worker", ["node", "--version"]),
      "--context rig exec --pod-running-timeout=5s deploy/worker -c worker -- node --version\n",
    );
    await assert.rejects(exec("none", ["true"]), { message: "error: timed out" });
  });
});
