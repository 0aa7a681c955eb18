import assert from "node:assert/strict";
import fc from "fast-check";
import { refusals, rendered } from "./accept.ts";
import { disagreements } from "./agreement.ts";
import { kept } from "./kept.ts";
import { mutations } from "./mutations.ts";
import { sample, sampleTitle, seed } from "./sample.ts";
import type { Problem } from "../../config/problems.ts";
import { configurations, patternOf, uncovered, withSetting, type Raw } from "./settings.ts";

/** How many configurations are tried. */
const RUNS = Number(process.env.FC_RUNS ?? 40);

const namespaceOf = (raw: Raw): string =>
  typeof raw.namespace === "string" ? raw.namespace : "multi-client";

/** Mistakes that only a check of its own finds: the schema takes both. */
const SECOND: Readonly<Record<string, string>> = {
  namespace: "kube-system",
  "cluster.kubernetesVersion": "1.20",
};

/** Whether a problem names a setting: by its own key, in its words, or by the group that is shown with the setting in it. */
function names({ key, found, expected }: Problem, path: string): boolean {
  const group = key.replace("multi-client:", "");
  const name = path.split(".").at(-1) ?? "";
  return (
    `${key} ${expected}`.includes(path) ||
    (path.startsWith(`${group}.`) && `${found} ${expected}`.includes(name)) ||
    (group === "cluster.provider" && path.startsWith("cluster.") && found.includes(name))
  );
}

const providerOf = ({ cluster }: Raw): string => String((cluster as Raw | null | undefined)?.provider);

const isManagedRaw = (raw: Raw): boolean => ["eks", "aks", "gke"].includes(providerOf(raw));

describe("any configuration", () => {
  it("is made of settings this test knows values for: a new key needs a line in settings.ts", () => {
    assert.deepEqual(uncovered, []);
  });

  it("that is accepted gives objects that fit each other", async function () {
    this.timeout("2m");
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(configurations, async (raw) => {
        if (refusals(raw).length > 0) return;
        accepted += 1;
        assert.deepEqual(disagreements(await rendered(raw), namespaceOf(raw)), []);
      }),
      { seed, numRuns: RUNS, examples: kept.map(([, raw]) => [raw]) },
    );
    assert.ok(
      accepted > RUNS / 4,
      `only ${accepted} of ${RUNS} were accepted: the values fit the schema badly`,
    );
  });
});

describe(`any single mistake in a valid configuration${sampleTitle}`, () => {
  it("hides no other", function () {
    this.timeout("2m");
    // One mistake of each kind: of text, of a list, of settings, of a name.
    const kinds = ["null", '"x y"', "[]", "{}", "missing", "misspelt", "of another cluster"];
    const some = sample(mutations.filter(({ what }) => kinds.includes(what)));
    const hidden = some.flatMap(({ path, what, raw }) => {
      const others = ["namespace", "cluster.kubernetesVersion"].filter(
        (other) =>
          !other.startsWith(path) &&
          (other === "namespace" || (path !== "cluster.provider" && isManagedRaw(raw))),
      );
      const two = others.reduce((all, other) => withSetting(all, other, SECOND[other]), raw);
      const told = refusals(two).map(({ key }) => key);
      return others
        .filter((other) => !told.includes(`multi-client:${other}`))
        .map((other) => `${path}, ${what}, hides ${other}`);
    });
    assert.deepEqual(hidden, []);
  });

  it("is refused naming that key alone, or gives objects that fit each other", async function () {
    this.timeout("5m");
    const faults: string[] = [];
    const accepted = new Map<string, Raw>();
    for (const { path, what, raw } of sample(mutations)) {
      const problems = refusals(raw);
      // The same mistake in another service gives the same objects under another name: one of them is looked at.
      if (problems.length === 0) accepted.set(`${providerOf(raw)} ${patternOf(path)} ${what}`, raw);
      // Nothing is concluded from what stands in for it; but a misspelt key is missing besides, where one is required.
      else if (
        !problems.some((problem) => names(problem, path)) ||
        !problems.every((problem) => names(problem, path) || problem.found === "nothing")
      )
        faults.push(`${path}, ${what}: ${problems.map(({ key }) => key).join()}`);
    }
    assert.deepEqual(faults, []);
    for (const raw of accepted.values())
      assert.deepEqual(disagreements(await rendered(raw), namespaceOf(raw)), [], JSON.stringify(raw));
  });
});
