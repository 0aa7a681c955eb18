import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { format } from "prettier";
import { parity } from "../render/parity.ts";

describe("docs/parity.md", () => {
  it("says what the program registers now: make parity > docs/parity.md", async function () {
    this.timeout("1m");
    const now = await format(await parity(), { parser: "markdown" });
    assert.equal(readFileSync("docs/parity.md", "utf8"), now);
  });
});
