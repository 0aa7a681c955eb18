import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../system/errors.ts";
import { planEvents, unchangedResources, type EngineEvent } from "../engine/events.ts";
import { foreignFields, type ForeignField } from "../stack/foreign-fields.ts";
import { destructiveSteps, kindOf, nameOf, type DestructiveStep } from "./destructive.ts";

/** A step of a plan that changes something, without any value. */
interface Change {
  readonly op: string;
  readonly urn: string;
  /** The paths of the properties that differ. */
  readonly keys: readonly string[];
}

/** What a plan is about, as the result files have it. They are published: no value of an input or output is in them. */
interface Planned {
  readonly stack: string;
  /** When the command began. */
  readonly at: string;
  /** The number of resources by what is done to them. */
  readonly counts: Readonly<Record<string, number>>;
  readonly changes: readonly Change[];
}

/** The result of `make preview`. */
export interface PreviewResult extends Planned {
  readonly status: "same" | "changes" | "error";
  readonly destructive: readonly DestructiveStep[];
}

/** The result of `make drift`. */
export interface DriftResult extends Planned {
  readonly status: "clean" | "drift" | "error";
  /** The fields that others set in the cluster. */
  readonly foreign: readonly Pick<ForeignField, "object" | "manager" | "field" | "isOurs">[];
}

/** The results by the command that writes them. */
export interface Results {
  readonly preview: PreviewResult;
  readonly drift: DriftResult;
}
export type ResultKind = keyof Results;

/** The steps of the engine that read, change nothing, or are halves of a replacement, which has a step of its own. */
const SILENT = ["refresh", "same", "read", "create-replacement", "delete-replaced"];

function plannedOf(stack: string, at: string, events: readonly EngineEvent[]) {
  const steps = planEvents(events)
    .flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? [])
    .filter(({ op }) => !SILENT.includes(op));
  const counts = events.findLast(({ summaryEvent }) => summaryEvent)?.summaryEvent?.resourceChanges ?? {};
  const changes = steps.map(({ op, urn, detailedDiff, diffs }) => ({
    op,
    urn,
    keys: Object.keys(detailedDiff ?? {}).length > 0 ? Object.keys(detailedDiff ?? {}) : (diffs ?? []),
  }));
  return { steps, isSame: unchangedResources(events) !== undefined, planned: { stack, at, counts, changes } };
}

/** The result of a preview, of the events of its plan. */
export function previewResult(stack: string, at: string, events: readonly EngineEvent[]): PreviewResult {
  const { steps, isSame, planned } = plannedOf(stack, at, events);
  return { ...planned, status: isSame ? "same" : "changes", destructive: destructiveSteps(steps) };
}

/** What the cluster differs in from the program, of the events of a plan. */
export function driftResult(stack: string, at: string, events: readonly EngineEvent[]): DriftResult {
  const { isSame, planned } = plannedOf(stack, at, events);
  const foreign = foreignFields(events).map(({ object, manager, field, isOurs }) => ({
    object,
    manager,
    field,
    isOurs,
  }));
  return { ...planned, status: isSame && foreign.length === 0 ? "clean" : "drift", foreign };
}

/** What the result of a command that did not come to its end has beside the fields of both. */
const empty = { preview: { destructive: [] }, drift: { foreign: [] } } as const;

const pathOf = (kind: ResultKind, stack: string, end: "json" | "md"): string =>
  join("build", "ci", `${kind}-${stack}.${end}`);

/**
 * Does the work of a command and writes its result to `build/ci/`. A command that fails or is killed leaves one that says
 * `error`, never that of an earlier run.
 *
 * @returns the result.
 */
export async function recorded<K extends ResultKind>(
  root: string,
  kind: K,
  stack: string,
  work: (at: string) => Promise<Results[K]>,
): Promise<Results[K]> {
  const at = new Date().toISOString();
  mkdirSync(join(root, "build", "ci"), { recursive: true });
  const write = (result: Results[K]) => {
    writeFileSync(join(root, pathOf(kind, stack, "json")), `${JSON.stringify(result, null, 2)}\n`);
    writeFileSync(join(root, pathOf(kind, stack, "md")), markdown(kind, result));
  };
  write({ stack, at, status: "error", counts: {}, changes: [], ...empty[kind] } as unknown as Results[K]);
  const result = await work(at);
  write(result);
  return result;
}

/** Reads the result of an earlier command. @throws UserError where there is none */
export function readResult<K extends ResultKind>(
  root: string,
  kind: K,
  stack: string,
): { readonly result: Results[K]; readonly text: string } {
  const read = (end: "json" | "md") => {
    const file = pathOf(kind, stack, end);
    try {
      return readFileSync(join(root, file), "utf8");
    } catch {
      throw new UserError(`${file} is not there.\nFix: make ${kind} STACK=${stack}, which writes it`);
    }
  };
  return { result: JSON.parse(read("json")) as Results[K], text: read("md") };
}

/** Text inside of a table or list, as code: nothing in it is markup. */
const code = (text: string): string => `\`${text.replaceAll(/[`|\n]/g, " ")}\``;
const resource = (urn: string): string => `${kindOf(urn.split("::").at(-2) ?? "")} ${code(nameOf(urn))}`;

const titles: Readonly<Record<string, string>> = {
  same: "nothing changes",
  clean: "clean: the cluster is as the program has it",
  drift: "drift",
  error: "error: it did not come to its end, and its log says why",
};

/** A result as a comment or an issue shows it. */
export function markdown(kind: ResultKind, result: Results[ResultKind]): string {
  const { stack, status, counts, changes } = result;
  const count = Object.entries(counts).map(([op, number]) => `${number} ${op}`);
  const lines = [
    `### ${kind === "drift" ? "Drift" : "Preview"} of stack ${code(stack)}: ${titles[status] ?? (count.join(", ") || "changes")}`,
  ];
  if ("destructive" in result && result.destructive.length > 0)
    lines.push(
      "",
      "**This plan loses something:**",
      "",
      ...result.destructive.map(({ urn, why }) => `- ${resource(urn)} ${why}`),
    );
  if (changes.length > 0)
    lines.push(
      "",
      "| operation | resource | changed |",
      "| --- | --- | --- |",
      ...changes.map(({ op, urn, keys }) => `| ${op} | ${resource(urn)} | ${keys.map(code).join(", ")} |`),
    );
  if ("foreign" in result && result.foreign.length > 0)
    lines.push(
      "",
      "| set by others in | field manager | field | |",
      "| --- | --- | --- | --- |",
      ...result.foreign.map(
        ({ object, manager, field, isOurs }) =>
          `| ${code(object)} | ${code(manager)} | ${code(field)} | ${isOurs ? "the program sets it too" : "beside the program's"} |`,
      ),
    );
  if (status === "drift")
    lines.push(
      "",
      `\`make up STACK=${stack}\` sets back what the program sets; the job's log has the values.`,
    );
  return `${lines.join("\n")}\n`;
}
