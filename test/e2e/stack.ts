import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { value } from "../../system/folders.ts";
import type { EngineEvent } from "../../launcher/engine/events.ts";
import { list, remove } from "./cluster.ts";
import { cli, context, engineEvents, folder, prefix, run, type Ran } from "./world.ts";

/** Sections of the configuration to replace; `undefined` removes one. */
export type Sections = Readonly<Record<string, unknown>>;

/** One step of a plan that does something. */
export interface Step {
  readonly op: string;
  readonly type: string;
  readonly name: string;
}

/** Images that a cluster without the course's registry has instead: `IMAGES="client=registry.example/client:1 ..."`. */
export const images: Readonly<Record<string, string>> = Object.fromEntries(
  (value(process.env.IMAGES) ?? "")
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((pair): [string, string] => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
);

/** What of the work tree a copy of the program has no use for. */
const LEFT_OUT = [".git", "build", "node_modules", "test", "bench"].map((name) => resolve(name));

/** A copy of the program in a folder of its own: a case may give it another stack file or another list of services. */
export function copyProgram(name: string): string {
  const project = join(folder, "projects", name);
  mkdirSync(project, { recursive: true });
  cpSync(".", project, { recursive: true, filter: (source) => !LEFT_OUT.includes(resolve(source)) });
  symlinkSync(resolve("node_modules"), join(project, "node_modules"));
  return project;
}

/** A stack file: the sandbox's, on this run's cluster, with some sections replaced. */
function stackFile(sections: Sections): string {
  const file = parse(readFileSync("Pulumi.sandbox.yaml", "utf8")) as { config: Record<string, unknown> };
  for (const [section, content] of Object.entries(sections)) file.config[`multi-client:${section}`] = content;
  return stringify(file);
}

/** A stack as whoever works in its folder has it: every method reads its `Pulumi.<name>.yaml`. */
export class TestStack {
  readonly name: string;
  readonly namespace: string;
  /** Folder of its own copy of the program. */
  readonly project: string;
  /** Configuration on top of which `configure` replaces sections. */
  readonly base: Sections;

  constructor(name: string, namespace: string, project: string, base: Sections) {
    this.name = name;
    this.namespace = namespace;
    this.project = project;
    this.base = base;
  }

  /** Path of the stack file. */
  get file(): string {
    return join(this.project, `Pulumi.${this.name}.yaml`);
  }

  /** Writes the stack file: the stack's own configuration with some sections replaced. */
  configure(sections: Sections = {}): void {
    writeFileSync(this.file, stackFile({ ...this.base, ...sections }));
  }

  /** Runs the CLI on this stack, as whoever has it does; never fails by itself. */
  pulumi(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    return cli(this.name, this.project, args, { env });
  }

  /** The engine's events of a command that must succeed. */
  events(...args: readonly string[]): Promise<EngineEvent[]> {
    return engineEvents((all, env) => this.pulumi(all, env), args);
  }

  /** Runs a make target for this stack; never fails by itself. */
  make(target: string, env: NodeJS.ProcessEnv = {}, started?: (pid: number) => void): Promise<Ran> {
    const args = [target, `STACK=${this.name}`];
    return run("make", args, { env, cwd: this.project, ...(started === undefined ? {} : { started }) });
  }

  /** `pulumi` for a command that must succeed. */
  async must(...args: readonly string[]): Promise<Ran> {
    const ran = await this.pulumi(args);
    if (ran.code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${ran.output}`);
    return ran;
  }

  /** Deploys a configuration. */
  up(sections: Sections = {}): Promise<Ran> {
    this.configure(sections);
    return this.must("up", "--yes", "--skip-preview");
  }

  /** The plan for a configuration: every step that is not `same`. */
  async plan(sections: Sections = {}, ...args: readonly string[]): Promise<Step[]> {
    this.configure(sections);
    const { stdout } = await this.must("preview", "--json", ...args);
    const { steps } = JSON.parse(stdout) as { steps: { op: string; urn: string }[] };
    return steps
      .filter(({ op }) => op !== "same")
      .map(({ op, urn }) => {
        const [types = "", name = ""] = urn.split("::").slice(2);
        return { op, type: types.split("$").at(-1) ?? "", name };
      });
  }

  /** Removes everything of it, and the stack. */
  async destroy(): Promise<void> {
    // A claim that still has its finalizer when the namespace controller looks first costs 8 s, until it looks again.
    for (const { metadata } of await list("PersistentVolumeClaim", this.namespace))
      await remove("PersistentVolumeClaim", metadata.name as string, this.namespace);
    await this.must("destroy", "--yes", "--skip-preview");
    await this.must("stack", "rm", "--yes");
    open.delete(this);
  }

  /** Removes its namespace and forgets the stack, without waiting: for one whose removal no case is about. */
  async drop(): Promise<void> {
    await remove("Namespace", this.namespace);
    await this.must("stack", "rm", "--yes", "--force");
    open.delete(this);
  }
}

/** Stacks that this process made and did not destroy yet: what is looked at when a case fails. */
export const open = new Set<TestStack>();

/** A stack of this case alone: its own namespace, its own copy of the program, nothing deployed yet. */
export async function testStack(label: string, sections: Sections = {}): Promise<TestStack> {
  const name = `${prefix}-${label}`;
  const stack = new TestStack(name, name, copyProgram(name), {
    namespace: name,
    cluster: { provider: "existing", context, local: true },
    exposure: { type: "clusterIP" },
    ...(Object.keys(images).length > 0 && { images }),
    ...sections,
  });
  stack.configure();
  open.add(stack);
  await stack.must("stack", "init", "--no-select", "--secrets-provider", "passphrase");
  return stack;
}

/** Lets the pods of a stack go at once, by its list of services: for cases that do not ask the application meanwhile. */
export function quickEnds({ project }: TestStack): void {
  const path = join(project, "services.ts");
  let text = readFileSync(path, "utf8");
  for (const [grace, drain] of [
    [30, 20],
    [15, 5],
  ] as const) {
    const from = `gracePeriodSeconds: ${grace},\n    drainSeconds: ${drain},`;
    assert.ok(text.includes(from), `services.ts has no ${from}`);
    text = text.replaceAll(from, "gracePeriodSeconds: 3,\n    drainSeconds: 1,");
  }
  writeFileSync(path, text);
}

/** Stack `sandbox` of this run, as the work tree has it: what `make` deployed, seen from a copy of the program. */
export function sandboxStack(): TestStack {
  return new TestStack("sandbox", "multi-client", copyProgram(`sandbox-${process.pid}`), {});
}
