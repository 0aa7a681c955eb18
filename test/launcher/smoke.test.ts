import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
});
