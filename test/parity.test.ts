import { format } from "prettier";
import { parity } from "../render/parity.ts";
import { assertGolden } from "./support/golden.ts";

describe("docs/parity.md", () => {
  it("says what the program registers now", async function () {
    this.timeout("1m");
    assertGolden("docs/parity.md", await format(await parity(), { parser: "markdown" }));
  });
});
