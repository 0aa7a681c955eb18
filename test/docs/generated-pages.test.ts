import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { format } from "prettier";
import { afterwards, beforehand, pods } from "../../docs/generate/known-symptoms.ts";
import { troubleshootingPage } from "../../docs/generate/troubleshooting.ts";
import { assertGolden } from "../support/golden.ts";

const asCommitted = (page: string) => format(page, { parser: "markdown" });

describe("docs/troubleshooting.md", () => {
  it("says what the launcher's hints say now", async () => {
    assertGolden("docs/troubleshooting.md", await asCommitted(troubleshootingPage()));
  });

  it("titles what this project itself says with words that are in its sources", () => {
    const own = [...beforehand, ...pods, ...afterwards].filter(({ source }) => source === undefined);
    assert.ok(own.length > 5);
    const sources = globSync("{launcher,config}/**/*.{ts,sh}").map((file) => readFileSync(file, "utf8"));
    for (const { seen } of own) {
      const words = seen.split(/\b[A-Z]{3,}\b/).map((part) => part.trim());
      assert.ok(
        sources.some((text) => words.every((part) => text.includes(part))),
        `nothing says ${JSON.stringify(seen)}`,
      );
    }
  });
});
