import type { DrillReport } from "../../launcher/commands/drill.ts";
import type { DriftResult, PreviewResult } from "../../launcher/pipeline/result.ts";
import { expectedFields } from "../../launcher/stack/expected-fields.ts";
import type { PolicyRecord, PolicyRule } from "../../policy/report.ts";
import { code, table } from "../../system/markdown.ts";

/** The meaning of each key of an object, so that a key without one is a type error. */
type Meanings<T> = Readonly<Record<keyof T & string, string>>;

const change: Meanings<PreviewResult["changes"][number]> = {
  op: "What the engine does: `create`, `update`, `replace`, `delete`, and so on.",
  urn: "The resource, as the state names it.",
  keys: "The paths of the properties that differ.",
};

const planned = {
  stack: "The stack.",
  at: "When the command began (RFC 3339).",
  counts: "The number of resources by what is done to them, those that stay as `same`.",
  changes: "What is done to resources, one entry each.",
} as const;

const preview: Meanings<PreviewResult> = {
  ...planned,
  status:
    "`same`: nothing changes; `changes`: something does; `error`: no plan was made, or the command was killed.",
  destructive: "The changes that lose something, one entry each.",
};

const destructive: Meanings<PreviewResult["destructive"][number]> = {
  op: "`delete` or `replace`.",
  urn: "The resource.",
  type: "The type of the resource.",
  name: "Its name in the program.",
  why: "The reason of the change, and what is lost.",
};

const drift: Meanings<DriftResult> = {
  ...planned,
  status: "`clean`: nothing differs; `drift`: something does; `error`: as of a preview.",
  foreign: "The fields that others set in the cluster, one entry each.",
};

const foreign: Meanings<DriftResult["foreign"][number]> = {
  object: "Kind and name of the object.",
  manager: "The field manager, with its subresource where it has one.",
  field: "The path of the field.",
  isOurs: "Says that the program sets the field too: `make up` sets it back.",
};

const policy: Meanings<PolicyRecord> = {
  status:
    "`failed`: there are mandatory findings or problems; else `passed`. A run that fails before that leaves no file.",
  stacks: "By the name of each stack: its `class`, which chooses the levels, and its `rules`.",
  problems: "What is wrong with the exemptions.",
};

const rule: Meanings<PolicyRule> = {
  rule: "The name of the [rule](policy.md).",
  level: "`mandatory`, `advisory` or `disabled` for this stack.",
  result: "The cell of the table.",
  findings:
    "The resources that break the rule: `urn`, `at` (the path), `problem`, and `isUnknown` before a deployment.",
};

const drill: Meanings<DrillReport> = {
  stack: "The stack.",
  ok: "Says that the restored rows are those of the backup, and the application answered.",
  at: "When it began (RFC 3339).",
  dump: "The backup.",
  rows: "The number of restored rows by table.",
  recoveryPointSeconds: "The seconds between the backup and the drill, whose data would have been lost.",
  recoveryTimeSeconds: "The seconds from an empty namespace until the application answered with the data.",
  failedAssertions: "The number of assertions over HTTP that did not hold.",
  reason:
    "The reason why the drill did not come to its end, in the words of its log: `ok` is false then, and what it would have found is missing.",
};

/** The keys of an object as rows. @param path is where the object is, such as `changes[].` */
const rows = (object: Readonly<Record<string, string>>, path = ""): string[][] =>
  Object.entries(object).map(([key, meaning]) => [code(path + key), meaning]);

const fields = (title: string, ...all: readonly string[][][]) => [
  `## ${title}`,
  table(["key", "meaning"], all.flat()),
];
const listed = (all: readonly string[] | undefined) => all?.map(code).join(", ") ?? "all";

/** The page docs/results.md. */
export function resultsPage(): string {
  return [
    "# Results",
    "What commands leave for [pipelines](gitops.md), beside a `.md` for people that says the same. No value of an input or output is in " +
      "them. The page is generated from `docs/generate/results.ts`, which the types of the results hold complete; a test keeps it current.",
    ...fields(
      "`build/ci/preview-STACK.json`",
      rows(preview),
      rows(change, "changes[]."),
      rows(destructive, "destructive[]."),
    ),
    ...fields(
      "`build/ci/drift-STACK.json`",
      rows(drift),
      rows(change, "changes[]."),
      rows(foreign, "foreign[]."),
    ),
    ...fields("`build/ci/policy.json`", rows(policy), rows(rule, "stacks.STACK.rules[].")),
    ...fields("`build/drill/STACK.json`", rows(drill)),
    "## What is no drift",
    "Field managers set these as a part of their work, so that `make drift` and `make preview` do not name them. All other fields of the same " +
      "objects are compared. Whoever has a controller that completes objects adds it to `launcher/stack/expected-fields.ts`.",
    table(
      ["field managers", "kinds", "field", "why"],
      expectedFields.map(({ managers, kinds, field, reason, source }) => [
        listed(managers),
        listed(kinds),
        code(field),
        `${reason} [Source](${source})`,
      ]),
    ),
    "",
  ].join("\n\n");
}
