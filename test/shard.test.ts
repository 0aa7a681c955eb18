import assert from "node:assert/strict";
import { shareOf } from "./e2e/shard.ts";

describe("a share of the end-to-end cases", () => {
  const files = ["a", "b", "c", "d", "e", "f", "g"];

  it("is all of them where none is asked for", () => {
    assert.deepEqual(shareOf(files, undefined), files);
  });

  it("has what the others have not, and begins a round where it ended the one before", () => {
    const shares = ["1/3", "2/3", "3/3"].map((shard) => shareOf(files, shard));
    assert.deepEqual(shares, [
      ["a", "f", "g"],
      ["b", "e"],
      ["c", "d"],
    ]);
  });

  it("is refused where there is none such", () => {
    for (const wrong of ["0/3", "4/3", "1", "1/0", "a/b", "-1/3"])
      assert.throws(
        () => shareOf(files, wrong),
        { name: "UserError", message: /^SHARD=.*Fix: SHARD=1\/4/s },
        wrong,
      );
  });
});
