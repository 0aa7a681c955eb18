import assert from "node:assert/strict";
import { callByHand, passphrase } from "../../launcher/engine/environment.ts";

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

describe("the call of the CLI by hand", () => {
  const files = { url: "file:///a%20b/it's", because: "no Pulumi login found", env: {} };

  it("names the backend and the empty passphrase that the launcher chose, as a shell takes them", () => {
    assert.equal(
      callByHand("/c d/pulumi", files, { PULUMI_CONFIG_PASSPHRASE: "" }),
      `PULUMI_BACKEND_URL='file:///a%20b/it'\\''s' PULUMI_CONFIG_PASSPHRASE='' '/c d/pulumi'`,
    );
  });

  it("names a backend that was set for one make alone, and leaves the user's login and a URL with a password as they are", () => {
    const set = { url: "s3://bucket", because: "PULUMI_BACKEND_URL", env: {} };
    assert.equal(callByHand("pulumi", set, {}), "PULUMI_BACKEND_URL=s3://bucket pulumi");
    const secret = { ...set, url: "postgres://ann:hunter2@db/p" };
    assert.equal(callByHand("pulumi", secret, {}), "pulumi");
    assert.equal(callByHand("pulumi", { ...set, because: "the current Pulumi login" }, {}), "pulumi");
  });
});
