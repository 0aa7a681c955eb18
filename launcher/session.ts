import { join } from "node:path";
import { chooseBackend, prepareBackend, type Backend } from "./backend.ts";
import { explainWrite, UserError } from "./errors.ts";
import { stateFolder, value, type Env } from "./folders.ts";
import { hintFor } from "./hints.ts";
import { withLock } from "./lock.ts";
import { minikubeFound } from "./minikube.ts";
import { choosePlugins, type Plugins } from "./plugins.ts";
import { run, which, type Ran } from "./process.ts";
import { engineEnvironment, passphrase } from "./pulumi.ts";
import type { Outputs } from "./report.ts";
import { chooseStack, readStack, type Stack } from "./stacks.ts";
import type { Log } from "./steps.ts";

/** What a command was called with. */
export interface Invocation {
  /** The make target. */
  readonly command: string;
  readonly root: string;
  readonly env: Env;
  /** Takes text for the user. */
  readonly write: (text: string) => void;
}

/** A stack, who drives it and where its state is: settled before anything is started. */
export interface Plan {
  readonly stack: Stack;
  readonly because: string;
  readonly plugins: Plugins;
  readonly pluginsBecause: string;
  readonly backend: Backend;
  readonly endToEnd: boolean;
}

export function makePlan({ root, env }: Invocation): Plan {
  const { name, because } = chooseStack(value(env.STACK), minikubeFound(env));
  const stack = readStack(root, name);
  const endToEnd = value(env.E2E) !== undefined;
  const choice = choosePlugins(stack, value(env.PLUGINS), endToEnd);
  const backend = chooseBackend(env);
  return { stack, because, plugins: choice.plugins, pluginsBecause: choice.because, backend, endToEnd };
}

/** Two lines that stand over everything: which stack, and where its state is. */
export function headline({ stack, because, backend }: Plan): string {
  const { target } = stack;
  const where =
    target.provider === "minikube"
      ? `minikube profile ${target.context}`
      : target.provider === "existing"
        ? `context ${target.context}`
        : "a cluster its file does not name";
  return `Stack ${stack.name} on ${where} (${because}).\nState: ${backend.url} (${backend.because}).`;
}

/** The context of a stack. */
export function contextOf({ name, target }: Stack): string {
  if (target.provider !== "other") return target.context;
  throw new UserError(
    `Pulumi.${name}.yaml names no cluster in multi-client:cluster.\n` +
      "Expected: {provider: minikube} or {provider: existing, context: NAME}.\n" +
      `Fix: pulumi config set --path 'multi-client:cluster.provider' minikube --stack ${name}`,
  );
}

/** Two at once on one stack: the second waits for the first, and says so. */
export async function locked<T>(
  { command, env }: Invocation,
  { stack }: Plan,
  log: Log,
  work: () => Promise<T>,
) {
  const folder = stateFolder(env);
  try {
    return await withLock(
      join(folder, `stack-${stack.name}.lock`),
      `make ${command}, stack ${stack.name}`,
      log,
      work,
    );
  } catch (error) {
    throw explainWrite(error, folder, "XDG_STATE_HOME");
  }
}

/** What a stack holds. */
export interface StackInfo {
  readonly resources: number;
}

/** The CLI, on one stack. */
export interface Cli {
  /** Runs a command to its end and gives everything it wrote; fails with a hint. */
  ask(args: readonly string[]): Promise<Ran>;
  /** The same, but what it writes is shown line by line. */
  show(args: readonly string[]): Promise<Ran>;
  /** @returns undefined when the backend has no such stack. */
  info(): Promise<StackInfo | undefined>;
  /** Makes the stack in the backend; never one without a secrets provider. */
  init(): Promise<void>;
  outputs(): Promise<Outputs>;
}

/** Brings the engine and its plugins, and gives the CLI for the planned stack. */
export async function openCli(plan: Plan, { env, write }: Invocation, log: Log): Promise<Cli> {
  const { stack, backend, plugins } = plan;
  const engine = await engineEnvironment({
    plugins,
    because: plan.pluginsBecause,
    log,
    env,
    ...(plugins === "standin" ? { context: contextOf(stack) } : {}),
  });
  prepareBackend(backend);
  const all = { ...engine.env, ...backend.env, ...passphrase(stack.name, env, plan.endToEnd) };
  // How the same CLI finds the same state when it is called by hand.
  const url = backend.env.PULUMI_BACKEND_URL;
  const pulumi = `${url === undefined ? "" : `PULUMI_BACKEND_URL=${url} `}${which("pulumi", env) === engine.pulumi ? "pulumi" : engine.pulumi}`;
  const context = stack.target.provider === "other" ? "?" : stack.target.context;
  const facts = { stack: stack.name, namespace: stack.namespace, context, backend: backend.url, pulumi };
  const call = async (args: readonly string[], onLine?: (line: string) => void): Promise<Ran> => {
    const flags = args[1] === "ls" ? [] : ["--stack", stack.name];
    const ran = await run(engine.pulumi, [...args, ...flags, "--non-interactive"], {
      env: all,
      ...(onLine === undefined ? {} : { onLine }),
    });
    if (ran.code === 0) return ran;
    const failed = `pulumi ${args[0] ?? ""} ended with code ${String(ran.code)}`;
    if (ran.interrupted) {
      throw new UserError(
        `Interrupted: ${failed}, its state is saved.\nThe same command goes on from there.`,
        ran.code,
      );
    }
    const rest =
      onLine === undefined ? `${failed}:\n${ran.output.trim()}` : `${failed}; its messages are above.`;
    throw new UserError(hintFor(ran.output, facts) ?? rest, ran.code);
  };
  return {
    ask: (args) => call(args),
    show: (args) =>
      call(args, (line) => {
        write(`${line}\n`);
      }),
    async info() {
      const { stdout } = await call(["stack", "ls", "--json"]);
      const stacks = JSON.parse(stdout) as { readonly name: string; readonly resourceCount?: number }[];
      const found = stacks.find(({ name }) => name.split("/").at(-1) === stack.name);
      return found && { resources: found.resourceCount ?? 0 };
    },
    async init() {
      const provider = stack.secretsProvider;
      if (provider === undefined && !plan.endToEnd) {
        throw new UserError(
          `Stack ${stack.name} is not in ${backend.url} yet, and Pulumi.${stack.name}.yaml names no secrets provider.\n` +
            "A stack is never made without one: its state holds the database password. Fix, once:\n" +
            `  ${pulumi} stack init ${stack.name} --secrets-provider PROVIDER\n` +
            "where PROVIDER is a key of yours (awskms://..., azurekeyvault://..., gcpkms://...) or passphrase.",
        );
      }
      await call(["stack", "init", "--no-select", "--secrets-provider", provider ?? "passphrase"]);
    },
    async outputs() {
      const { stdout } = await call(["stack", "output", "--json"]);
      return JSON.parse(stdout) as Outputs;
    },
  };
}
