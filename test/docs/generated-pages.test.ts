import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { format } from "prettier";
import { afterwards, beforehand, pods } from "../../docs/generate/known-symptoms.ts";
import { neededBeforehandPage } from "../../docs/generate/needed-beforehand.ts";
import { networkPage } from "../../docs/generate/network.ts";
import { policyPage } from "../../docs/generate/policy.ts";
import { resultsPage } from "../../docs/generate/results.ts";
import { settingRows, settingsPage } from "../../docs/generate/settings.ts";
import { troubleshootingPage } from "../../docs/generate/troubleshooting.ts";
import { parity } from "../../render/parity.ts";
import { committedStacks, stackConfig } from "../../render/program.ts";
import { assertGoldenFiles } from "../support/golden.ts";
import { committedResources } from "../support/policy.ts";

const asCommitted = (page: string) => format(page, { parser: "markdown" });

describe("the generated pages", () => {
  // One case: a change of the list of services is on several of them.
  it("say what the program registers, the schema and the launcher's hints say now", async function () {
    this.timeout("1m");
    const clusters = Object.fromEntries(
      committedStacks().map((stack) => [stack, stackConfig(stack)["multi-client:cluster"]]),
    );
    assertGoldenFiles({
      "docs/policy.md": await asCommitted(policyPage(await committedResources())),
      "docs/parity.md": await asCommitted(await parity(committedStacks())),
      "docs/needed-beforehand.md": await asCommitted(neededBeforehandPage(clusters)),
      "docs/network.md": await asCommitted(networkPage()),
      "docs/results.md": await asCommitted(resultsPage()),
      "docs/settings.md": await asCommitted(settingsPage()),
      "docs/troubleshooting.md": await asCommitted(troubleshootingPage()),
    });
  });
});

describe("docs/settings.md", () => {
  it("says of every setting what it means, what is allowed, and gives an example", () => {
    const incomplete = settingRows()
      .filter(({ meaning, allowed, example }) => [meaning, allowed, example].includes(""))
      .filter(({ allowed }) => allowed !== "a group of settings")
      .map(({ key }) => key);
    assert.deepEqual(incomplete, []);
  });
});

describe("docs/troubleshooting.md", () => {
  it("titles what this project itself says with words that are in its sources", () => {
    const own = [...beforehand, ...pods, ...afterwards].filter(({ source }) => source === undefined);
    assert.ok(own.length > 5);
    const sources = globSync("{launcher,config,sandbox}/**/*.{ts,sh}").map((file) =>
      readFileSync(file, "utf8"),
    );
    for (const { seen } of own) {
      const words = seen.split(/\b[A-Z]{3,}\b/).map((part) => part.trim());
      assert.ok(
        sources.some((text) => words.every((part) => text.includes(part))),
        `nothing says ${JSON.stringify(seen)}`,
      );
    }
  });
});
