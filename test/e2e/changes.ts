import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Services } from "../../components/service.ts";
import { services } from "../../services.ts";
import { dataUids, podUids, rolled } from "./cluster.ts";
import type { TestStack } from "./stack.ts";
import type { Ran } from "./world.ts";

/** The resources of the sandbox's stack, a line each; the engine counts the stack itself too. */
const resources = readFileSync("test/golden/sandbox.txt", "utf8").trimEnd().split("\n");
export const resourceCount = resources.length + 1;
/** Those that are Kubernetes objects. */
export const objectCount = resources.filter((line) => /^ *kubernetes:/.test(line)).length;

/** Keys of the services. */
export const serviceKeys: readonly string[] = Object.keys(services);

/** Keys of the services in whose entry one of some values stands, such as `{ port: "redis" }`, sorted. */
export function servicesWith(...values: readonly object[]): string[] {
  const texts = values.map((value) => JSON.stringify(value).slice(1, -1));
  return Object.entries(services)
    .filter(([, entry]) => texts.some((text) => JSON.stringify(entry).includes(text)))
    .map(([key]) => key)
    .sort();
}

/** The plan's lines for services whose pods alone change, sorted. */
export function podUpdates(keys: readonly string[]): string[] {
  const list: Services = services;
  const kind = (key: string) => (list[key]?.storage ? "StatefulSet" : "Deployment");
  return keys.map((key) => `~ ${kind(key)} ${key} update [diff: ~spec]`).sort();
}

/** A step in the CLI's preview: mark, kind, name, and what it does. A slow one stands behind the dots of the wait. */
const STEP =
  /^(?:@ previewing update\.*)? (\S+) +(?:kubernetes:[\w./]+:|pulumi:index:)(\w+) (\S+) (.+?) *$/gm;

/**
 * What a preview says it would do, a line for each resource, sorted, such as `~ Deployment server update [diff: ~spec]`;
 * components are left out, and of a replacement its two halves.
 */
export function planned(output: string): string[] {
  return [...output.matchAll(STEP)]
    .filter(([, mark = ""]) => !["++", "--"].includes(mark))
    .map(([, mark = "", kind = "", name = "", what = ""]) =>
      [mark, kind, name.replace(/-[0-9a-f]{8}$/, "-*"), what].join(" "),
    )
    .sort();
}

/** The engine's own count of a run, one line for each kind of step. */
export function counted(output: string): string[] {
  const [, counts = ""] = /^Resources:\n((?: .*\n)+)(?![\s\S]*^Resources:)/m.exec(output) ?? [];
  return counts.split("\n").flatMap((line) => line.trim() || []);
}

/** Deploys what stands in the stack's folder: the preview's lines, the run, and whose pods are others than before. */
export async function deployed(stack: TestStack): Promise<{ plan: string[]; ran: Ran; rolled: string[] }> {
  const before = await podUids(stack.namespace);
  const plan = planned((await stack.must("preview")).output);
  const ran = await stack.must("up", "--yes", "--skip-preview");
  return { plan, ran, rolled: rolled(before, await podUids(stack.namespace)) };
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
  private readonly original: string;

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
