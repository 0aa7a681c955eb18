import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import { itSince } from "../e2e/plugin-version.ts";
import { create, removeNamespace, type Loose } from "../e2e/cluster.ts";
import { images } from "../e2e/stack.ts";
import type { EngineEvent } from "../../launcher/engine/events.ts";
import { cli, context, engineEvents, folder, prefix, type Ran } from "../e2e/world.ts";

/** One resource of a program: its type as `apps/v1:Deployment`, and what its constructor is given. */
export interface Listed {
  readonly type: string;
  readonly name: string;
  /** A text `${name.path}` is that output of a resource before it. */
  readonly props: Loose;
  readonly options?: Pick<
    CustomResourceOptions,
    "aliases" | "ignoreChanges" | "customTimeouts" | "import" | "protect" | "retainOnDelete"
  >;
  /** Top-level properties that are secret. */
  readonly secret?: readonly string[];
  /** Names of resources that come first. */
  readonly after?: readonly string[];
}

/** What program/index.ts reads. */
export interface Program {
  readonly provider: Readonly<Record<string, string | boolean>>;
  readonly resources: readonly Listed[];
}

/** A resource as the state has it. */
export interface Stated {
  readonly type: string;
  readonly urn: string;
  readonly id?: string;
  readonly inputs?: Loose;
  readonly outputs?: Loose;
}

/** An image whose container runs without arguments, rights or volumes. */
export const runnable = images.redis ?? "registry.k8s.io/pause:3.10";

/** The arguments of the CLI that deploy a program. */
export const upArgs = ["up", "--yes", "--skip-preview"] as const;

/** A stack of the generic program, in a namespace of its own that the plugin did not make. */
export class Project {
  readonly name: string;
  readonly #folder: string;
  /** Arguments of the provider. */
  provider: Program["provider"] = { context, clusterIdentifier: "one" };

  private constructor(name: string, folder: string) {
    this.name = name;
    this.#folder = folder;
  }

  static async open(label: string): Promise<Project> {
    const name = `${prefix}-conf-${label}`;
    const at = join(folder, "projects", name);
    mkdirSync(at, { recursive: true });
    cpSync("test/conformance/program", at, { recursive: true });
    symlinkSync(resolve("node_modules"), join(at, "node_modules"));
    const project = new Project(name, at);
    await create("Namespace", name, "");
    await project.must([], "stack", "init", "--no-select", "--secrets-provider", "passphrase");
    return project;
  }

  /** Runs the CLI on a program; never fails by itself. */
  pulumi(
    resources: readonly Listed[],
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    started?: (pid: number) => void,
  ): Promise<Ran> {
    const program = { provider: this.provider, resources: resources.map((each) => this.#placed(each)) };
    writeFileSync(join(this.#folder, "resources.json"), JSON.stringify(program));
    return cli(this.name, this.#folder, args, { env, ...(started && { started }) });
  }

  /** The engine's events of a command that must succeed. */
  events(resources: readonly Listed[], ...args: readonly string[]): Promise<EngineEvent[]> {
    return engineEvents((all, env) => this.pulumi(resources, all, env), args);
  }

  async must(resources: readonly Listed[], ...args: readonly string[]): Promise<Ran> {
    const ran = await this.pulumi(resources, args);
    if (ran.code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${ran.output}`);
    return ran;
  }

  /** Deploys a program that must succeed. */
  up(...resources: readonly Listed[]): Promise<Ran> {
    return this.must(resources, ...upArgs);
  }

  /** Deploys a program that must fail, and gives what it said. */
  async fails(...resources: readonly Listed[]): Promise<string> {
    const ran = await this.pulumi(resources, upArgs);
    if (ran.code === 0) throw new Error(`pulumi up did not fail:\n${ran.output}`);
    return ran.output;
  }

  /**
   * The plan of a program, as `operation name`. Left out is what stays the same, and what the case before left: cases
   * share a stack.
   */
  async plan(...resources: readonly Listed[]): Promise<string[]> {
    const { stdout } = await this.must(resources, "preview", "--json");
    const { steps } = JSON.parse(stdout) as { steps: { op: string; urn: string }[] };
    return steps
      .filter(({ op }) => op !== "same" && op !== "delete")
      .map(({ op, urn }) => `${op} ${urn.split("::").at(-1) ?? ""}`);
  }

  async state(): Promise<Stated[]> {
    const { stdout } = await this.must([], "stack", "export");
    return (JSON.parse(stdout) as { deployment: { resources?: Stated[] } }).deployment.resources ?? [];
  }

  /** A resource of the state by its name in the program. */
  async stated(name: string): Promise<Stated> {
    const found = (await this.state()).find(({ urn }) => urn.endsWith(`::${name}`));
    if (found === undefined) throw new Error(`${name} is not in the state`);
    return found;
  }

  async close(): Promise<void> {
    await this.must([], "destroy", "--yes", "--skip-preview");
    await this.must([], "stack", "rm", "--yes");
    await removeNamespace(this.name);
  }

  #placed(each: Listed): Listed {
    const metadata = { namespace: this.name, ...(each.props.metadata as object) };
    return { ...each, props: { ...each.props, metadata } };
  }
}

/** A rule of the official plugin, its source, and the case that shows it. */
export function rule(sentence: string, source: string, work: () => Promise<void>): void {
  it(`${sentence} [${source}]`, work);
}

/** A rule that the official plugin has since a version; see {@link itSince}. */
export function ruleSince(since: string, sentence: string, source: string, work: () => Promise<void>): void {
  itSince(since, `${sentence} [${source}]`, work);
}

/** A ConfigMap. */
export const map = (name: string, data: Loose, metadata: Loose = {}, rest: Partial<Listed> = {}): Listed => ({
  type: "core/v1:ConfigMap",
  name,
  props: { metadata, data },
  ...rest,
});

/** A Deployment of one container. */
export function deployment(name: string, { image = runnable, metadata = {}, ...rest }: Loose = {}): Listed {
  const labels = { app: name };
  const { options, ...spec } = rest as { options?: Listed["options"] } & Loose;
  return {
    type: "apps/v1:Deployment",
    name,
    props: {
      metadata: { name, ...(metadata as object) },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { terminationGracePeriodSeconds: 1, containers: [{ name: "main", image: String(image) }] },
        },
        ...spec,
      },
    },
    ...(options && { options }),
  };
}
