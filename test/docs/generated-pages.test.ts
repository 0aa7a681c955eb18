import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { format } from "prettier";
import { afterwards, beforehand, pods } from "../../docs/generate/known-symptoms.ts";
import { troubleshootingPage } from "../../docs/generate/troubleshooting.ts";
import { assertGolden } from "../support/golden.ts";

const asCommitted = (page: string) => format(page, { parser: "markdown" });

describe("docs/troubleshooting.md", () => {
  it("says what the launcher's hints say now", async () => {
    assertGolden("docs/troubleshooting.md", await asCommitted(troubleshootingPage()));
  });

  it("titles what the launcher itself says with words that are in its sources", () => {
    const own = [...beforehand, ...pods, ...afterwards].filter(({ source }) => !source.startsWith("https:"));
    assert.ok(own.length > 5);
    for (const { seen, source } of own) {
      assert.ok(existsSync(source), `${seen}: there is no ${source}`);
      const text = readFileSync(source, "utf8");
      for (const words of seen.split(/\b[A-Z]{3,}\b/))
        assert.ok(text.includes(words.trim()), `${source} does not say ${JSON.stringify(words.trim())}`);
    }
  });
});
