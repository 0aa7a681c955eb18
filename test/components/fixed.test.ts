import assert from "node:assert/strict";
import { refusal } from "../../components/cluster/fixed.ts";

describe("a setting that is fixed at creation", () => {
  const first = { "multi-client:namespace": "a", "multi-client:cluster.storageClass": "" };

  it("is refused with what was found, what the stack was created with, and the command that goes back", () => {
    const text = refusal(first, { ...first, "multi-client:namespace": "b" }, ["multi-client:namespace"]);
    assert.match(text, /nothing was changed/);
    assert.match(
      text,
      /found: {4}'b'\n {4}expected: 'a'\n {4}fix: {6}pulumi config set --path 'multi-client:namespace' a$/m,
    );
  });

  it("that was unset is removed again", () => {
    const now = { ...first, "multi-client:cluster.storageClass": "fast" };
    const text = refusal(first, now, ["multi-client:cluster.storageClass"]);
    assert.match(
      text,
      /expected: unset\n {4}fix: {6}pulumi config rm --path 'multi-client:cluster\.storageClass'/,
    );
  });
});
