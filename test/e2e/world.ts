import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { engineEnvironment } from "../../launcher/pulumi.ts";

/** What a command gave. */
export interface Ran {
  readonly code: number;
  /** stdout and stderr, in the order they came. */
  readonly output: string;
  readonly stdout: string;
}

const stack = "sandbox";
export const context = "kwok-multi-client";

/** Where this run keeps everything: nothing of the user's own clusters, logins or state is touched. */
export const folder = mkdtempSync(join(tmpdir(), "multi-client-e2e-"));
export const kubeconfig = join(folder, "kubeconfig");
/** Everything any command printed, for the search for secrets. */
export const log: string[] = [];

const own = {
  XDG_STATE_HOME: join(folder, "state"),
  KUBECONFIG: kubeconfig,
  PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
};
mkdirSync(join(folder, "backend"), { recursive: true });

/** Runs a command in the work tree; never fails by itself. */
export function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const started = Date.now();
  const child = spawn(command, args, {
    env: { ...process.env, ...own, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, output] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => {
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      log.push(`$ ${command} ${args.join(" ")}\n${output}[exit ${String(code)}, ${seconds} s]\n`);
      writeFileSync(join(folder, "log.txt"), log.join("\n"));
      done({ code: code ?? 1, output, stdout });
    });
  });
}

/** Runs a make target for the sandbox. */
export function make(target: string, env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  return run("make", [target, `STACK=${stack}`], env);
}

/** Sections of the configuration to replace; `undefined` removes one. */
export type Sections = Readonly<Record<string, unknown>>;

/** A copy of the sandbox's stack file with some sections replaced. */
export function stackFile(sections: Sections = {}): string {
  const file = parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as { config: Record<string, unknown> };
  for (const [section, value] of Object.entries(sections)) file.config[`multi-client:${section}`] = value;
  const path = join(mkdtempSync(join(folder, "config-")), `Pulumi.${stack}.yaml`);
  writeFileSync(path, stringify(file));
  return path;
}

/** Runs the engine itself, as whoever has the CLI does. */
export async function pulumi(
  args: readonly string[],
  {
    config = stackFile(),
    env = {},
    stackName = stack,
  }: { config?: string; env?: NodeJS.ProcessEnv; stackName?: string } = {},
): Promise<Ran> {
  const engine = await engineEnvironment({ plugins: "standin", context, log: () => undefined });
  const flags = args[0] === "stack" ? [] : ["--config-file", config];
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const all = [...args.slice(0, end), "--stack", stackName, ...flags, "--non-interactive", "--color=never"];
  return run(engine.pulumi, [...all, ...args.slice(end)], {
    ...engine.env,
    ...own,
    PULUMI_CONFIG_PASSPHRASE: "",
    ...env,
  });
}

/** Makes another stack in this run's backend, from a folder of its own: the CLI writes a stack file beside Pulumi.yaml. */
export async function initStack(stackName: string): Promise<void> {
  const project = mkdtempSync(join(folder, "project-"));
  copyFileSync("Pulumi.yaml", join(project, "Pulumi.yaml"));
  const { code, output } = await pulumi(["stack", "init", "--cwd", project], { stackName });
  if (code !== 0) throw new Error(`stack init failed:\n${output}`);
}

/** One step of a plan that does something. */
export interface Step {
  readonly op: string;
  readonly type: string;
  readonly name: string;
}

/** The plan for a configuration: every step that is not `same`. */
export async function plan(sections: Sections): Promise<Step[]> {
  const { code, stdout, output } = await pulumi(["preview", "--json"], { config: stackFile(sections) });
  if (code !== 0) throw new Error(`preview failed:\n${output}`);
  const { steps } = JSON.parse(stdout) as { steps: { op: string; urn: string }[] };
  return steps
    .filter(({ op }) => op !== "same")
    .map(({ op, urn }) => {
      const [types = "", name = ""] = urn.split("::").slice(2);
      return { op, type: types.split("$").at(-1) ?? "", name };
    });
}

/** Deploys a configuration of the sandbox's stack. */
export async function up(sections: Sections = {}): Promise<Ran> {
  const ran = await pulumi(["up", "--yes", "--skip-preview"], { config: stackFile(sections) });
  if (ran.code !== 0) throw new Error(`up failed:\n${ran.output}`);
  return ran;
}

/** Removes what the run left. Kept where a case failed, for whoever looks. */
export function cleanUp(): void {
  rmSync(folder, { recursive: true, force: true });
}
