import { sandboxContext } from "../../system/sandbox-context.ts";
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { engineEnvironment } from "../../launcher/engine/environment.ts";
import {
  SimulatedAccount,
  type AccountSettings,
  clusterProcesses,
  type Cloud,
  type Fault,
  type CloudResource,
} from "../../sandbox/index.ts";
import type { Fields } from "../../system/fields.ts";
import { stateFolder } from "../../system/folders.ts";
import { copyProgram, open, TestStack, type Sections } from "./stack.ts";
import { prefix, run, type Ran } from "./world.ts";

type Settings = Record<string, Record<string, unknown>>;

/** A committed prod stack under another name, on its simulated cloud: nothing of it is there yet. */
export class CloudStack extends TestStack {
  readonly cloud: Cloud;
  private readonly original: string;

  constructor(original: string, cloud: Cloud, label = original) {
    const name = `${prefix}-${label}`;
    super(name, "multi-client", copyProgram(name), {});
    this.original = original;
    this.cloud = cloud;
    this.configure();
    open.add(this);
  }

  /** The committed stack file with some settings of a section replaced, such as `{ cluster: { authorizedCidrs: [] } }`. */
  override configure(sections: Sections = {}): void {
    const file = parse(readFileSync(`Pulumi.${this.original}.yaml`, "utf8")) as { config: Settings };
    for (const [section, content] of Object.entries(sections)) {
      const key = section.includes(":") ? section : `multi-client:${section}`;
      file.config[key] =
        typeof content === "object" && !Array.isArray(content)
          ? { ...file.config[key], ...content }
          : (content as Record<string, unknown>);
    }
    writeFileSync(this.file, stringify({ ...file, ...this.salt() }));
  }

  /** What the engine wrote into the stack file as the stack was made. */
  private salt(): object {
    if (!existsSync(this.file)) return {};
    const { encryptionsalt } = parse(readFileSync(this.file, "utf8")) as { encryptionsalt?: string };
    return encryptionsalt === undefined ? {} : { encryptionsalt };
  }

  override make(target: string, env: NodeJS.ProcessEnv = {}, started?: (pid: number) => void): Promise<Ran> {
    return super.make(target, { PLUGINS: "standin", ...env }, started);
  }

  override async pulumi(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
    const { pulumi, env: all } = await engineEnvironment({
      log: () => undefined,
      plugins: "standin",
      simulatesClouds: true,
      context: this.context,
    });
    const flags = ["--stack", this.name, "--non-interactive", "--color=never"];
    return run(pulumi, [...args, ...flags], { env: { ...all, ...env }, cwd: this.project });
  }

  /** Context of the sandbox cluster that stands for the cloud's. */
  get context(): string {
    return sandboxContext(this.name);
  }

  private get folder(): string {
    return join(stateFolder(process.env), "clouds", this.cloud);
  }

  /** Ends the controllers of that cluster, as an API server that was away for long does. */
  loseControllers(): void {
    const processes = clusterProcesses(this.name);
    for (const name of ["kube-controller-manager", "kube-scheduler"]) {
      const pid = processes.get(name);
      assert.ok(pid, `${name} runs`);
      process.kill(pid, "SIGKILL");
    }
  }

  /** Everything in the simulated account. */
  account(): CloudResource[] {
    return new SimulatedAccount(this.folder).all();
  }

  /** Limits of the account, and what it lacks: see {@link AccountSettings}. */
  settings(settings: Partial<AccountSettings>): void {
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(join(this.folder, "settings"), JSON.stringify(settings));
  }

  /** The cloud changes inputs of the resources of some types by itself. */
  shows(changes: Readonly<Record<string, Fields>>): void {
    const account = new SimulatedAccount(this.folder);
    for (const found of account.all()) {
      const change = changes[found.type] ?? {};
      account.put({
        ...found,
        inputs: { ...found.inputs, ...change },
        outputs: { ...found.outputs, ...change },
      });
    }
  }

  /** The next calls of these kinds fail. */
  faults(...faults: readonly Fault[]): void {
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(join(this.folder, "faults"), JSON.stringify(faults));
  }
}
