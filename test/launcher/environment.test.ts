import assert from "node:assert/strict";
import { passphrase } from "../../launcher/engine/environment.ts";

describe("the passphrase", () => {
  it("is empty for dev, sandbox and end-to-end stacks", () => {
    const empty = { PULUMI_CONFIG_PASSPHRASE: "" };
    assert.deepEqual(passphrase("dev", {}), empty);
    assert.deepEqual(passphrase("sandbox", {}), empty);
    assert.deepEqual(passphrase("any", {}, true), empty);
  });

  it("is left to the user for every other stack, and wherever one is set", () => {
    assert.deepEqual(passphrase("prod", {}), {});
    assert.deepEqual(passphrase("dev", { PULUMI_CONFIG_PASSPHRASE: "mine" }), {});
    assert.deepEqual(passphrase("dev", { PULUMI_CONFIG_PASSPHRASE_FILE: "/a/file" }), {});
  });
});
