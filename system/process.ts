import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { constants as system } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { UserError } from "./errors.ts";
import { value, type Env } from "./folders.ts";

/** The result of a command. */
export interface RunResult {
  /** Its exit code; 128 + the signal's number where a signal ended it, as shells have it. */
  readonly code: number;
  /** stdout and stderr, in the order they came; empty with `inherit`. */
  readonly output: string;
  readonly stdout: string;
  /** A signal came to us meanwhile, and was passed on. */
  readonly interrupted: boolean;
}

/** The options of a command. */
export interface RunOptions {
  /** The whole environment. @default ours */
  readonly env?: Env;
  /** The working directory. @default ours */
  readonly cwd?: string | undefined;
  /** Is called for every line on either stream. */
  readonly onLine?: ((line: string) => void) | undefined;
  /** The command speaks to the user itself. @default false */
  readonly inherit?: boolean;
  /** The text of its stdin. @default none */
  readonly input?: string | undefined;
  /** Ends the command when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Completes "Interrupted while": an interrupt that comes meanwhile is thrown. @default the result says whether one came */
  readonly doing?: string | undefined;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs a command to its end. It has a process group of its own: a Ctrl-C reaches it once, through us, and we wait
 * until it has put its things in order (a second signal makes the Pulumi CLI give up half-way).
 *
 * @throws when the command cannot be started. @throws UserError with the command's exit code where an interrupt came and `doing` is given.
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { env = process.env, cwd, onLine, inherit = false, input, signal: end, doing } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...env },
      cwd,
      signal: end,
      detached: !inherit, // one that speaks to the terminal must stay in its group, and gets Ctrl-C from there
      stdio: inherit ? "inherit" : [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    child.stdin?.on("error", () => undefined).end(input); // one that ended early says why by its code
    const texts = { output: "", stdout: "" };
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        texts.output += `${line}\n`;
        if (stream === child.stdout) texts.stdout += `${line}\n`;
        onLine?.(line);
      });
    }
    let interrupted = false;
    const pass = (signal: NodeJS.Signals) => {
      if (!interrupted && !(inherit && signal === "SIGINT")) child.kill(signal);
      interrupted = true;
    };
    for (const signal of signals) process.on(signal, pass);
    const done = () => {
      for (const signal of signals) process.removeListener(signal, pass);
    };
    child.on("error", (error) => {
      if (error.name === "AbortError") return; // "close" follows
      done();
      reject(error);
    });
    child.on("close", (code, signal) => {
      done();
      const exitCode = code ?? 128 + (signal === null ? 0 : system.signals[signal]);
      if (interrupted && doing !== undefined) reject(new Interrupt(doing, exitCode));
      else resolve({ code: exitCode, ...texts, interrupted });
    });
  });
}

/** An interrupt that came while a command ran. */
export class Interrupt extends UserError {
  constructor(doing: string, code: number) {
    super(`Interrupted while ${doing}.\nThe same command goes on from there.`, code || 130);
  }
}

/** Throws an interrupt again, where any other error is no reason to end. */
export function passInterrupt(error: unknown): void {
  if (error instanceof Interrupt) throw error;
}

/** The last lines of a command's output. */
export const lastLines = (output: string, count: number): string =>
  output.trimEnd().split("\n").slice(-count).join("\n");

/** The first executable of that name on PATH. */
export function which(
  name: string,
  env: Env,
  accept: (path: string) => boolean = () => true,
): string | undefined {
  return (value(env.PATH) ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find((path) => isExecutable(path) && accept(path));
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() && statSync(path).size > 0;
  } catch {
    return false;
  }
}
