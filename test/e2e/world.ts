import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineEnvironment } from "../../launcher/engine/environment.ts";
import { hiddenCommands, receiveEvents, type EngineEvent } from "../../launcher/engine/events.ts";
import { kubeconfigFiles, value } from "../../system/folders.ts";

/** What a command gave. */
export interface Ran {
  readonly code: number;
  /** stdout and stderr, in the order they came. */
  readonly output: string;
  readonly stdout: string;
}

/** How a command is started. */
export interface Start {
  /** Variables on top of the run's own; `undefined` removes one. */
  readonly env?: NodeJS.ProcessEnv;
  /** @default the work tree */
  readonly cwd?: string;
  /** Is told the process id at once. */
  readonly started?: (pid: number) => void;
}

const asked = value(process.env.CONTEXT);
/** Whether this run has a cluster of its own, where faults may be injected; else it is a guest on CONTEXT. */
export const isSandbox = asked === undefined;
export const context = asked ?? "sandbox-multi-client";
/** Whose plugins drive the cluster: the sandbox's, unless PLUGINS says otherwise; elsewhere Pulumi's. */
export const plugins = value(process.env.PLUGINS) ?? (isSandbox ? "standin" : "official");

/** Where this run keeps everything: nothing of the user's own logins or state is touched. Shared by all its processes. */
export const folder = value(process.env.MULTI_CLIENT_E2E) ?? mkdtempSync(join(tmpdir(), "multi-client-e2e-"));
process.env.MULTI_CLIENT_E2E = folder;
/** First part of the name of every stack and namespace that this run makes. */
export const prefix = `mc-e2e-${folder.slice(-6).toLowerCase()}`;
export const kubeconfig = isSandbox ? join(folder, "kubeconfig") : (kubeconfigFiles(process.env)[0] ?? "");

// For this process too: what it calls without a command of its own must not touch the user's sandbox either.
Object.assign(process.env, {
  E2E: "1",
  // The cases of this run's own cluster inject faults into its nodes; a real one is started by the run itself.
  NODES: "simulated",
  PLUGINS: plugins,
  XDG_STATE_HOME: join(folder, "state"),
  // Each stack has a copy of the program: what Node compiled of it must go with the run.
  NODE_COMPILE_CACHE: join(folder, "node-compile-cache"),
  KUBECONFIG: kubeconfig,
  PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
  PULUMI_CONFIG_PASSPHRASE: "",
});
for (const name of ["backend", "log"]) mkdirSync(join(folder, name), { recursive: true });

/** Everything any command of this process printed. */
export const log: string[] = [];

/** Everything any command of the whole run printed, for the search for secrets. */
export const wholeLog = (): string =>
  readdirSync(join(folder, "log"))
    .map((file) => readFileSync(join(folder, "log", file), "utf8"))
    .join("\n");

/** Runs a command; never fails by itself. */
export function run(
  command: string,
  args: readonly string[],
  { env, cwd, started }: Start = {},
): Promise<Ran> {
  const begin = Date.now();
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(cwd === undefined ? {} : { cwd }),
  });
  started?.(child.pid ?? 0);
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
      const seconds = ((Date.now() - begin) / 1000).toFixed(1);
      log.push(`$ ${command} ${args.join(" ")}\n${output}[exit ${String(code)}, ${seconds} s]\n`);
      writeFileSync(join(folder, "log", `${process.pid}.txt`), log.join("\n"));
      done({ code: code ?? 1, output, stdout });
    });
  });
}

/** The CLI with its plugins: its path and its environment. */
export function engine(): Promise<{ readonly pulumi: string; readonly env: NodeJS.ProcessEnv }> {
  const log = () => undefined;
  if (plugins === "official") return engineEnvironment({ log, plugins });
  return engineEnvironment({ log, plugins: "standin", context });
}

/** Runs the CLI on a stack, from the folder of its program; never fails by itself. */
export async function cli(
  stack: string,
  cwd: string,
  args: readonly string[],
  { env, ...start }: Start = {},
): Promise<Ran> {
  const { pulumi, env: all } = await engine();
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  const flags = ["--stack", stack, "--non-interactive", "--color=never"];
  const whole = [...args.slice(0, end), ...flags, ...args.slice(end)];
  return run(pulumi, whole, { ...start, cwd, env: { ...all, ...env } });
}

/** Runs a command of the CLI that must succeed, and gives the engine's events instead of what the CLI shows of them. */
export async function engineEvents(
  pulumi: (args: readonly string[], env: NodeJS.ProcessEnv) => Promise<Ran>,
  args: readonly string[],
): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [];
  const { code, output } = await receiveEvents(
    (address) => pulumi([...args, "--event-log", address], hiddenCommands),
    (event) => events.push(event),
  );
  if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${output}`);
  return events;
}

/** Runs a make target for stack `sandbox`, in the work tree. */
export function make(target: string, env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  return run("make", [target, "STACK=sandbox"], { env });
}
