import { clouds } from "../../launcher/clouds/registry.ts";
import { hintsOf } from "../../launcher/clouds/cloud-operations.ts";
import type { Facts, Hint, Step } from "../../launcher/hints/hint.ts";
import { hints } from "../../launcher/hints/hints.ts";
import { afterwards, beforehand, pods } from "./known-symptoms.ts";
import { anchor, code, commands } from "../../system/markdown.ts";

/** A failure by the text that one sees, and how to continue. */
interface Entry {
  readonly seen: string;
  readonly explanation: string;
  readonly steps: readonly Step[];
}

/** What a run would fill in: words in capitals, which the reader replaces. */
const facts: Facts = {
  stack: "NAME",
  namespace: "multi-client",
  context: "CONTEXT",
  kubectl: "kubectl --context CONTEXT",
  backend: "the backend",
  pulumi: "pulumi",
  again: "make up STACK=NAME",
};

/**
 * The entry of a hint, made from what the launcher itself would say to the text that the hint is for.
 *
 * @throws Error if the hint does not know its own text again.
 */
function entryOf({ seen, pattern, advice }: Hint): Entry {
  const match = pattern.exec(seen);
  if (!match) throw new Error(`the pattern ${String(pattern)} does not find ${JSON.stringify(seen)}`);
  return { seen, ...advice(facts, match) };
}

/** The page docs/troubleshooting.md. */
export function troubleshootingPage(): string {
  const byCloud = Object.values(clouds).map((cloud) => ({ title: cloud.title, hints: hintsOf(cloud) }));
  const ofClouds = new Set(byCloud.flatMap((cloud) => cloud.hints.map(({ seen }) => seen)));
  const sections: readonly (readonly [title: string, entries: readonly Entry[]])[] = [
    ["Before anything is deployed", beforehand],
    ["While a command runs", hints.filter(({ seen }) => !ofClouds.has(seen)).map(entryOf)],
    ["Pods that do not become Ready", pods],
    ...byCloud.map(({ title, hints: own }) => [title, own.map(entryOf)] as const),
    ["After a deployment", afterwards],
  ];
  return [
    "# Troubleshooting",
    "Generated from the hints of `launcher/` and from `docs/generate/known-symptoms.ts`; a test keeps it current.",
    "Each failure has as its title the text that one sees. Words in capitals stand for yours. `make up` recognises most of these " +
      "texts in the output of the engine, and prints the same advice with your names filled in. Where the engine fails with " +
      "something that is not here, its own output stands above the end of the run.",
    ...sections.map(([title, entries]) =>
      [
        `- [${title}](#${anchor(title)})`,
        ...entries.map(({ seen }) => `  - [${code(seen)}](#${anchor(seen)})`),
      ].join("\n"),
    ),
    ...sections.flatMap(([title, entries]) => [`## ${title}`, ...entries.map(entryText)]),
  ].join("\n\n");
}

function entryText({ seen, explanation, steps }: Entry): string {
  const parts = steps.flatMap((step) => [
    step.what,
    ...(step.commands.length > 0 ? [commands(step.commands)] : []),
  ]);
  return [`### ${code(seen)}`, ...explanation.split("\n"), ...parts].join("\n\n");
}
