import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How `run` starts a command. */
export interface RunOptions {
  readonly cwd?: string;
  /** Variables on top of the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called for every line the command writes, on either stream. */
  readonly onLine?: (line: string) => void;
  /** Stops the command. */
  readonly signal?: AbortSignal;
}

/** What a command answered: `code` is its exit code, -1 when a signal ended it; `tail` its last 20 lines. */
export interface RunResult {
  readonly code: number;
  readonly tail: string;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs a command to its end. It does not outlive this process: a signal that ends us is passed on first. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const tail: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        tail.push(line);
        if (tail.length > 20) tail.shift();
        options.onLine?.(line);
      });
    }
    const pass = (signal: NodeJS.Signals) => {
      child.kill(signal);
      for (const other of signals) process.removeListener(other, pass);
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
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
    child.on("close", (code) => {
      done();
      resolve({ code: code ?? -1, tail: tail.join("\n") });
    });
  });
}
