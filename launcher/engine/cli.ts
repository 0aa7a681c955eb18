import { rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { operationsOf } from "../clouds/registry.ts";
import { prepareBackend, removeEmptyAttributes, shownUrl } from "./backend.ts";
import { UserError } from "../../system/errors.ts";
import { stateFolder, value, type Env } from "../../system/folders.ts";
import { hintFor } from "../hints/hints.ts";
import { beganAt, programOf } from "../../system/lock.ts";
import type { State } from "../recovery/pending-operations.ts";
import { contextOf, kubectlOf, type Invocation, type Plan } from "../stack/plan.ts";
import { isLocal } from "../stack/read-stack.ts";
import { sandboxContext } from "../../system/sandbox-context.ts";
import { BY_HAND } from "../../system/shell-command.ts";
import { run, which, type RunResult } from "../../system/process.ts";
import { callByHand, engineEnvironment, passphrase } from "./environment.ts";
import {
  hiddenCommands,
  planEvents,
  receiveEvents,
  withoutPatchVersions,
  type EngineEvent,
} from "./events.ts";
import type { Outputs } from "../stack/report.ts";
import type { Log } from "../../system/log.ts";

/** The CLI failed, and nobody interrupted it. */
export class CliFailure extends UserError {
  /** Everything that the CLI wrote. */
  readonly output: string;

  constructor(message: string, { code, output }: RunResult) {
    super(message, code);
    this.output = output;
  }
}

/** The CLI failed, and only its own words tell why: no hint fits. */
export class UnknownFailure extends CliFailure {}

/** The CLI, on one stack. */
export interface Cli {
  readonly stack: string;
  /** How the same CLI is called by hand: see {@link callByHand}. */
  readonly byHand: string;
  /** Runs a command to its end and gives everything it wrote; fails with a hint. @param input for its stdin */
  ask(args: readonly string[], input?: string): Promise<RunResult>;
  /** Runs a command to its end and shows what it writes, line by line; fails with a hint. */
  show(args: readonly string[]): Promise<RunResult>;
  /**
   * Plans an update against what really runs: what others changed in the cluster is part of the plan. A patch of Kubernetes
   * that the cloud itself brought is not.
   *
   * @param isDetailed shows each change with its values, when the plan is made; else its progress.
   */
  plan(isDetailed: boolean): Promise<readonly EngineEvent[]>;
  /** The state of the stack; undefined when the backend has no such stack. */
  state(): Promise<State | undefined>;
  /** The state of a stack that is there, with its secrets in clear: for this process alone. */
  stateInClear(): Promise<State>;
  /** Puts a state in the place of the stack's own. Its secrets may be in clear: no file and no process list has them. */
  importState(state: State): Promise<void>;
  /** Puts another state in the place of the stack's own, which is kept in a file. @returns that file */
  replaceState(before: State, after: State): Promise<string>;
  /** Makes the stack in the backend; never one without a secrets provider. */
  init(): Promise<void>;
  outputs(): Promise<Outputs>;
  /** Gives the locks of the stack, as a backend of files or a bucket has them; none where an update could begin. */
  locks(state: State): Promise<StackLock[]>;
}

/** Brings the engine and its plugins, and gives the CLI for the planned stack. */
export async function openCli(plan: Plan, { command, env, log: print }: Invocation, log: Log): Promise<Cli> {
  const { stack, backend, plugins } = plan;
  const engine = await engineEnvironment({
    plugins,
    because: plan.pluginsBecause,
    log,
    env,
    ...(plugins === "standin" ? { context: standinContext(stack) } : {}),
    simulatesClouds: stack.target.provider === "managed",
  });
  prepareBackend(backend);
  // What is simulated, or tested, has no secret but a throw-away password.
  const simulated = stack.target.provider === "managed" && stack.target.simulated;
  const isThrownAway = backend.standsFor !== undefined && stack.secretsProvider === undefined;
  const hasNoSecrets = plan.endToEnd || simulated || isThrownAway;
  const secrets = passphrase(stack.name, env, hasNoSecrets);
  const named = backend.standsFor ?? backend;
  const program = which("pulumi", env) === engine.pulumi ? "pulumi" : engine.pulumi;
  const pulumi = callByHand(program, named, passphrase(stack.name, env, plan.endToEnd || simulated));
  const all = { ...engine.env, ...backend.env, ...secrets, [BY_HAND]: pulumi };
  const context = "context" in stack.target ? stack.target.context : stack.name;
  const kubectl = kubectlOf(stack, env);
  const facts = {
    stack: stack.name,
    namespace: stack.namespace,
    context,
    kubectl,
    backend: shownUrl(named),
    pulumi,
    again: `make ${command} STACK=${stack.name}${command === "destroy" ? ` CONFIRM=${stack.name}` : ""}`,
  };
  const once = (args: readonly string[], onLine?: (line: string) => void, input?: string) =>
    run(engine.pulumi, [...args, "--stack", stack.name, "--non-interactive"], {
      env: args.includes("--event-log") ? { ...all, ...hiddenCommands } : all,
      onLine,
      input,
      doing: `pulumi ${args[0] ?? ""} ran; its state is saved`,
    });
  const call = async (
    args: readonly string[],
    onLine?: (line: string) => void,
    isShown = () => onLine !== undefined,
    input?: string,
  ): Promise<RunResult> => {
    let ran = await once(args, onLine, input);
    const dead = deadOwner(ran);
    if (dead !== undefined && backend.url.startsWith("file:")) {
      log(`The lock of process ${dead} is left over: that process is gone. It is removed (pulumi cancel).`);
      await once(["cancel", "--yes"]);
      ran = await once(args, onLine, input);
    }
    if (ran.code === 0) return ran;
    throw failure(args, ran, isShown());
  };
  const failure = (args: readonly string[], ran: RunResult, isShown: boolean): UserError => {
    const failed = `pulumi ${args[0] ?? ""} ended with code ${String(ran.code)}`;
    const rest = isShown ? `${failed}; its messages are above.` : `${failed}:\n${ran.output.trim()}`;
    const hint = hintFor(ran.output, facts);
    return hint === undefined ? new UnknownFailure(rest, ran) : new CliFailure(hint, ran);
  };
  const importState = async (state: State) => {
    await call(["stack", "import"], undefined, () => false, JSON.stringify(state));
  };
  /** Shows events as `pulumi preview --diff` shows them. */
  const replay = async (events: readonly EngineEvent[]) => {
    const file = join(stateFolder(env), `${stack.name}-${String(process.pid)}.events`);
    try {
      writeFileSync(file, events.map((event) => JSON.stringify(event)).join("\n"), { mode: 0o600 });
      print(`Previewing update (${stack.name}):`);
      const args = [
        engine.pulumi,
        "replay-events",
        "update",
        file,
        "--preview",
        "--diff",
        "--non-interactive",
      ];
      // One stream for all: warnings keep their place.
      await run("sh", ["-c", 'exec "$@" 2>&1', "sh", ...args], {
        env: { ...all, ...hiddenCommands },
        onLine: print,
      });
    } finally {
      rmSync(file, { force: true });
    }
  };
  return {
    stack: stack.name,
    byHand: pulumi,
    ask: (args, input) => call(args, undefined, undefined, input),
    show: (args) => call(args, print),
    async plan(isDetailed) {
      const events: EngineEvent[] = [];
      const preview = ["preview", "--refresh", "--event-log"];
      const isShown = () => !isDetailed || events.length > 0;
      const planned = () => withoutPatchVersions(events, operationsOf(stack)?.version.inFull);
      try {
        await receiveEvents(
          (address) => call([...preview, address], isDetailed ? undefined : print, isShown),
          (event) => events.push(event),
        );
      } finally {
        if (isDetailed && isShown()) await replay(planEvents(planned()));
      }
      return planned();
    },
    async state() {
      let ran = await once(["stack", "export"]);
      if (ran.output.includes("failed to load checkpoint: EOF")) {
        for (const file of removeEmptyAttributes(backend))
          log(
            `An engine was killed while it wrote ${file}: it is empty, and removed. The state itself is whole.`,
          );
        ran = await once(["stack", "export"]);
      }
      // pkg/backend/backenderr/backenderr.go (StackNotFoundError)
      if (ran.output.includes("no stack named")) return undefined;
      return JSON.parse((ran.code === 0 ? ran : await call(["stack", "export"])).stdout) as State;
    },
    async stateInClear() {
      return JSON.parse((await call(["stack", "export", "--show-secrets"])).stdout) as State;
    },
    importState,
    async replaceState(before, after) {
      const kept = join(stateFolder(env), `${stack.name}-${new Date().toISOString()}.json`);
      // Secrets in it are encrypted; who deploys what is nobody else's business.
      writeFileSync(kept, JSON.stringify(before), { mode: 0o600 });
      await importState(after);
      return kept;
    },
    async init() {
      const provider = stack.secretsProvider;
      if (!hasNoSecrets) checkSecretsProvider(plan, env, `${pulumi} stack init ${stack.name}`);
      await call(["stack", "init", "--no-select", "--secrets-provider", provider ?? "passphrase"]);
    },
    async outputs() {
      const { stdout } = await call(["stack", "output", "--json"]);
      return JSON.parse(stdout) as Outputs;
    },
    async locks({ deployment }) {
      // No command lists locks. A refresh of the stack's own entry needs the lock, asks no provider and changes nothing.
      const root = deployment.resources?.find(({ type }) => type === "pulumi:pulumi:Stack");
      const args = ["refresh", "--yes", "--skip-preview", ...(root ? ["--target", root.urn] : [])];
      const ran = await once(args);
      const locks = stackLocks(ran);
      if (ran.code !== 0 && locks.length === 0) throw failure(args, ran, false);
      return locks;
    },
  };
}

/** The one context that stand-ins serve for a stack. */
function standinContext(stack: Plan["stack"]): string {
  return stack.target.provider === "managed" ? sandboxContext(stack.name) : contextOf(stack);
}

/** A lock of a stack: who made it, and when. */
export interface StackLock {
  readonly user: string;
  readonly host: string;
  readonly pid: string;
  /** As RFC 3339. */
  readonly at: string;
}

/** Refuses to make a stack whose state whoever reads it could decrypt. @param init makes it by hand */
function checkSecretsProvider({ stack, backend }: Plan, env: Env, init: string): void {
  const fix =
    `  ${init} --secrets-provider PROVIDER\n` +
    "where PROVIDER is a key of yours (awskms://..., azurekeyvault://..., gcpkms://...) or passphrase.";
  if (stack.secretsProvider === undefined)
    throw new UserError(
      `Stack ${stack.name} is not in ${shownUrl(backend)} yet, and Pulumi.${stack.name}.yaml names no secrets provider.\n` +
        `A stack is never made without one: its state holds the database password. Fix, once:\n${fix}`,
    );
  const { PULUMI_CONFIG_PASSPHRASE: text, PULUMI_CONFIG_PASSPHRASE_FILE: file } = env;
  if (stack.secretsProvider !== "passphrase" || isLocal(stack) || text !== "" || value(file) !== undefined)
    return;
  throw new UserError(
    `Stack ${stack.name} would be made with an empty passphrase, and its state holds the database password.\n` +
      'Found: PULUMI_CONFIG_PASSPHRASE="". Expected: a passphrase, or a key.\n' +
      `Fix: export PULUMI_CONFIG_PASSPHRASE_FILE=<a file that has it>, or, once:\n${fix}`,
  );
}

/**
 * The CLI's complaint about locks, as it ends with it: what a resource or a pod says stands indented, or behind other words.
 * Source of the text: pkg/backend/diy/lock.go (checkForLock), pkg/cmd/pulumi/stack/io.go.
 */
const COMPLAINT =
  /^error: (?:could not import deployment: )?the stack is currently locked by (\d+) lock\(s\)[\s\S]*/m;

/** The locks in the CLI's complaint; none where it did not fail. */
function stackLocks({ code, output }: Pick<RunResult, "code" | "output">): StackLock[] {
  const [complaint = "", count] = (code === 0 ? null : COMPLAINT.exec(output)) ?? [];
  const found = complaint.matchAll(/^ {2}\S.*: created by ([^@\n]+)@(\S+) \(pid (\d+)\) at (\S+)$/gm);
  const locks = [...found].map(([, user = "", host = "", pid = "", at = ""]) => ({ user, host, pid, at }));
  return locks.length === Number(count) ? locks : [];
}

/** The milliseconds by which a process may seem to begin after the lock that it made: of that, whole seconds are known. */
const TOLERANCE = 1000;

/**
 * Tells whether the process that made a lock works on this computer. What began later and is no CLI has its number, and is a
 * stranger; a CLI may only seem to have begun later, where the clock was set or the computer slept meanwhile.
 */
export function isAtWork({ host, pid, at }: StackLock): boolean {
  const began = host === hostname() ? beganAt(Number(pid)) : undefined;
  return (
    began !== undefined && (!(began > Date.parse(at) + TOLERANCE) || programOf(Number(pid)) === "pulumi")
  );
}

/** The process that holds the one lock in the CLI's complaint, if it was on this computer and is gone. */
export function deadOwner(ran: Pick<RunResult, "code" | "output">): string | undefined {
  const [lock, another] = stackLocks(ran);
  return lock && !another && lock.host === hostname() && !isAtWork(lock) ? lock.pid : undefined;
}
