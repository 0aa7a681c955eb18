import assert from "node:assert/strict";
import { isManagedProvider } from "../../config/clouds/index.ts";
import { validate } from "../../config/validate.ts";
import { services } from "../../services.ts";
import { assertGolden } from "../support/golden.ts";
import { facts, factsOf, goldenText } from "./facts.ts";
import { keyRefusals, textRefusals } from "./key-refusals.ts";
import { managedRefusals, memberRefusals, networkRefusals, neverRunRefusals } from "./managed-refusals.ts";
import { plainHttpRefusals } from "./plain-http-refusals.ts";
import { refusals, serviceRefusals } from "./refusals.ts";

const all = [
  ...refusals,
  ...serviceRefusals,
  ...managedRefusals,
  ...networkRefusals,
  ...plainHttpRefusals,
  ...memberRefusals,
  ...neverRunRefusals,
  ...keyRefusals,
  ...textRefusals,
];

function problemsOf(raw: Readonly<Record<string, unknown>>) {
  const { provider } = (raw.cluster ?? {}) as { provider?: unknown };
  return validate(raw, services, isManagedProvider(provider) ? factsOf(provider) : facts).problems;
}

describe("the configuration", () => {
  for (const [title, raw, key] of all)
    it(`refuses ${title}, and nothing else`, () => {
      assert.deepEqual(
        problemsOf(raw).map((problem) => problem.key),
        [`multi-client:${key}`],
      );
    });

  it("shows no secret in a refusal", () => {
    const texts = JSON.stringify(all.map(([, raw]) => problemsOf(raw)));
    assert.doesNotMatch(texts, /hunter2|PRIVATE KEY-----|MHcC/);
  });

  it("refuses with the words in test/config/refusals.txt", () => {
    const texts = all.map(([title, raw]) => goldenText(title, problemsOf(raw)));
    assertGolden("test/config/refusals.txt", texts.join("\n"));
  });
});
