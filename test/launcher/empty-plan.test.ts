import assert from "node:assert/strict";
import { isEmptyPlan } from "../../launcher/commands/up.ts";

// What the CLI 3.259.0 wrote, shortened.
const clean =
  "Previewing update (dev):\n\n    pulumi:pulumi:Stack multi-client-dev\nResources:\n    35 unchanged\n\n";

describe("a plan", () => {
  it("that proposes nothing is not carried out a second time", () => {
    assert.equal(isEmptyPlan(clean), true);
  });

  it("with a changed resource is carried out", () => {
    assert.equal(isEmptyPlan(clean.replace("35 unchanged", "~ 1 to update\n    34 unchanged")), false);
  });

  it("with a changed output alone is carried out", () => {
    const output = '  ~ url: "" => "http://192.168.49.2:31515/"\n';
    assert.equal(isEmptyPlan(clean.replace("Resources:", `Outputs:\n${output}\nResources:`)), false);
  });

  it("over something left from an interrupted run is carried out", () => {
    const warning =
      "warning: Attempting to deploy or update resources with 1 pending operations from previous deployment.\n";
    assert.equal(isEmptyPlan(warning + clean), false);
  });

  it("that cannot be read is carried out", () => {
    assert.equal(isEmptyPlan(""), false);
  });
});
