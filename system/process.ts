import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { constants as system } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { value, type Env } from "./folders.ts";

/** What a command gave. `code` is 128 + the signal's number where a signal ended it, as shells have it. */
export interface RunResult {
  readonly code: number;
  /** stdout and stderr, in the order they came; empty with `inherit`. */
  readonly output: string;
  readonly stdout: string;
  /** Whether a signal came to us meanwhile, and was passed on. */
  readonly interrupted: boolean;
}

export interface RunOptions {
  /** The whole environment. @default ours */
  readonly env?: Env;
  /** Called for every line on either stream. */
  readonly onLine?: (line: string) => void;
  /** The command speaks to the user itself. @default false */
  readonly inherit?: boolean;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs a command to its end. It has a process group of its own: a Ctrl-C reaches it once, through us, and we wait
 * until it has put its things in order (a second signal makes the Pulumi CLI give up half-way).
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { env = process.env, onLine, inherit = false } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { ...env },
      detached: !inherit, // one that speaks to the terminal must stay in its group, and gets Ctrl-C from there
      stdio: inherit ? "inherit" : ["ignore", "pipe", "pipe"],
    });
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
      done();
      reject(error);
    });
    child.on("close", (code, signal) => {
      done();
      resolve({ code: code ?? 128 + (signal === null ? 0 : system.signals[signal]), ...texts, interrupted });
    });
  });
}

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
