import assert from "node:assert/strict";
import { createSteps } from "../../launcher/steps.ts";

describe("the progress of a command", () => {
  it("is one line for a silent step, with its time", async () => {
    let text = "";
    const steps = createSteps(2, (part) => (text += part));
    steps.done("dependencies", 34);
    assert.equal(await steps.run("engine", () => Promise.resolve(3)), 3);
    assert.equal(text, "[1/2] dependencies ... 34 s\n[2/2] engine ... 0.0 s\n");
  });

  it("puts what a step says between its title and its time, also when it fails", async () => {
    let text = "";
    const steps = createSteps(1, (part) => (text += part));
    const failing = steps.run("cluster", (log) => {
      log("starting");
      return Promise.reject(new Error("no"));
    });
    await assert.rejects(failing, /no/);
    assert.equal(text, "[1/1] cluster ...\n      starting\n[1/1] cluster ... 0.0 s\n");
  });
});
