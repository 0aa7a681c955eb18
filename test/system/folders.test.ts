import assert from "node:assert/strict";
import { userInfo } from "node:os";
import { homeFolder, kubeconfigFiles } from "../../system/folders.ts";

describe("the home folder", () => {
  it("is HOME", () => {
    assert.equal(homeFolder({ HOME: "/home/ann" }), "/home/ann");
  });

  for (const env of [{}, { HOME: "" }]) {
    it(`is the one that the system knows where HOME is ${"HOME" in env ? "empty" : "unset"}`, () => {
      assert.equal(homeFolder(env), userInfo().homedir);
      assert.deepEqual(kubeconfigFiles(env), [`${userInfo().homedir}/.kube/config`]);
    });
  }
});
