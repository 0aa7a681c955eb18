import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Services } from "../../components/service.ts";
import type { EngineEvent } from "../../launcher/engine/events.ts";
import { services } from "../../services.ts";
import { dataUids, podUids, rolled } from "./cluster.ts";
import type { TestStack } from "./stack.ts";

/** The resources of the sandbox's stack, a line each; the engine counts the stack itself too. */
const resources = readFileSync("test/golden/sandbox.txt", "utf8").trimEnd().split("\n");
export const resourceCount = resources.length + 1;
/** Those that are Kubernetes objects. */
export const objectCount = resources.filter((line) => /^ *kubernetes:/.test(line)).length;

/** Keys of the services. */
export const serviceKeys: readonly string[] = Object.keys(services);

/**
 * Keys of the services in whose pods one of some values stands, such as `{ port: "redis" }`, sorted. A job that copies backups is
 * none of them.
 */
export function servicesWith(...values: readonly object[]): string[] {
  const texts = values.map((value) => JSON.stringify(value).slice(1, -1));
  return Object.entries(services)
    .filter(([, entry]) =>
      texts.some((text) => JSON.stringify({ ...entry, bucketCopy: undefined }).includes(text)),
    )
    .map(([key]) => key)
    .sort();
}

/** The plan's lines for services whose pods alone change, sorted. */
export function podUpdates(keys: readonly string[]): string[] {
  const list: Services = services;
  const kind = (key: string) => (list[key]?.storage ? "StatefulSet" : "Deployment");
  return keys.map((key) => `update ${kind(key)} ${key}: spec`).sort();
}

const kindAndName = ({ type, urn }: { readonly type: string; readonly urn: string }): string =>
  `${type.split(":").at(-1) ?? ""} ${urn.split("::").at(-1) ?? ""}`;

/**
 * What a run does to the resources of a program, a line each, sorted, such as `update Deployment server: spec`, with the
 * properties that differ. Left out are components, and of a replacement its two halves.
 */
export function planned(events: readonly EngineEvent[]): string[] {
  const halves = ["create-replacement", "delete-replaced"];
  return events
    .flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? [])
    .filter(
      ({ op, type }) =>
        !["same", "refresh", ...halves].includes(op) && /^(kubernetes|pulumi:index):/.test(type),
    )
    .map((step) => {
      const isKept = step.op === "delete" && step.old?.retainOnDelete === true;
      const paths = Object.keys(step.detailedDiff ?? {}).map((path) => path.replace(/[.[].*/, ""));
      const differing = [...new Set(paths)].sort().join(", ");
      return `${isKept ? "retain" : step.op} ${kindAndName(step)}${differing && `: ${differing}`}`;
    })
    .sort();
}

/** Fails unless one step of a run ended before another one began; both such as `delete-replaced Deployment server`. */
export function assertOrder(events: readonly EngineEvent[], first: string, next: string): void {
  const at = (key: "resourcePreEvent" | "resOutputsEvent", step: string) =>
    events.findIndex(
      ({ [key]: event }) => event && `${event.metadata.op} ${kindAndName(event.metadata)}` === step,
    );
  const [end, begin] = [at("resOutputsEvent", first), at("resourcePreEvent", next)];
  assert.ok(end >= 0 && end < begin, `"${first}" is event ${String(end)}, "${next}" ${String(begin)}`);
}

/** The engine's count of the last run that changed a stack, whoever started it: resources by what was done to them. */
export async function counted(stack: TestStack): Promise<Readonly<Record<string, number>>> {
  const { stdout } = await stack.must("stack", "history", "--json", "--page-size=1", "--page=1");
  return (JSON.parse(stdout) as { resourceChanges: Record<string, number> }[])[0]?.resourceChanges ?? {};
}

/** What a deployment did: its steps as a plan has them, the run's events, and whose pods are others than before. */
interface Deployed {
  readonly plan: string[];
  readonly ran: EngineEvent[];
  readonly rolled: string[];
}

/** Deploys what stands in the stack's folder. An update tells of its steps in the words of a preview. */
export async function deployed(stack: TestStack): Promise<Deployed> {
  const before = await podUids(stack.namespace);
  const ran = await stack.events("up", "--yes", "--skip-preview");
  return { plan: planned(ran), ran, rolled: rolled(before, await podUids(stack.namespace)) };
}

/** The same, of an update that must do what a preview says. */
export async function deployedAsPlanned(stack: TestStack): Promise<Deployed> {
  const plan = planned(await stack.events("preview"));
  const done = await deployed(stack);
  assert.deepEqual(done.plan, plan);
  return done;
}

/** Runs a change that must leave everything that holds data as it is. */
export async function keepingData<T>(stack: TestStack, work: () => Promise<T>): Promise<T> {
  const before = await dataUids(stack.namespace);
  const result = await work();
  assert.deepEqual(await dataUids(stack.namespace), before);
  return result;
}

/** The list of services in the stack's own copy of the program, as text that a case edits. */
export class ServiceList {
  readonly path: string;
  readonly original: string;

  constructor(stack: TestStack) {
    this.path = join(stack.project, "services.ts");
    this.original = readFileSync(this.path, "utf8");
  }

  /** The original with some texts replaced, wherever they stand. */
  edit(...changes: readonly (readonly [from: string, to: string])[]): void {
    const text = changes.reduce((all, [from, to]) => {
      assert.ok(all.includes(from), `services.ts has no ${from}`);
      return all.replaceAll(from, to);
    }, this.original);
    writeFileSync(this.path, text);
  }

  /** The original with one more entry, or several, as they stand in the file. */
  add(entries: string): void {
    this.edit(["} as const satisfies Services;", `${entries}\n} as const satisfies Services;`]);
  }

  /** An entry with a claim, of redis' image and in its words; `more` is the text of further members. */
  stateful(key: string, more = ""): string {
    return `  ${key}: {${more}
    image: "${this.image("redis")}",
    port: 6379,
    user: 999,
    resources: {},
    storage: { size: "1Gi", mountPath: "/data" },
    gracePeriodSeconds: 5,
  },\n`;
  }

  /** The original without an entry. */
  remove(key: string, ...changes: readonly (readonly [from: string, to: string])[]): void {
    const [entry] = new RegExp(`^  ${key}: \\{\\n[\\s\\S]*?^  \\},\\n`, "m").exec(this.original) ?? [];
    this.edit([entry ?? `  ${key}: {`, ""], ...changes);
  }

  /** An entry's image. */
  image(key: string): string {
    return new RegExp(`^  ${key}: \\{\\n[\\s\\S]*?image:\\s*"([^"]+)"`, "m").exec(this.original)?.[1] ?? "";
  }
}
