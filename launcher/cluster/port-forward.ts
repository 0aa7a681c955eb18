import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { UserError } from "../../system/errors.ts";
import type { Env } from "../../system/folders.ts";
import { which } from "../../system/process.ts";

/** A port of this computer that leads to a Service. */
export interface Forward {
  readonly port: number;
  /** Gives the complaints of kubectl since it started. */
  readonly complaints: () => readonly string[];
  readonly end: () => void;
}

/** Waits for the end of its input, which we hold open for as long as we live, and then ends the command. */
const LEASH = '"$@" </dev/null & pid=$!; cat >/dev/null; kill "$pid" 2>/dev/null';
/** The time that kubectl may take to say which port it listens on, in milliseconds. */
const START = 15_000;

/**
 * A port of this computer that leads to the port of a Service, until `end`, or until we are gone, however that came.
 *
 * @param byHand how kubectl is called by hand to reach the namespace.
 * @throws UserError when there is no kubectl, or it finds no pod to lead to.
 */
export async function forward(
  context: string,
  namespace: string,
  target: string,
  env: Env,
  byHand = `kubectl --context ${context} -n ${namespace}`,
): Promise<Forward> {
  const kubectl = which("kubectl", env);
  if (kubectl === undefined) {
    throw new UserError(
      "The stack has no url that answers by itself, and kubectl, which could lead there, is not on PATH.\n" +
        "Fix: install it (https://kubernetes.io/docs/tasks/tools/).",
    );
  }
  const args = ["--context", context, "-n", namespace, "port-forward", ...target.split(" ")];
  // A process group of its own: a Ctrl-C would end the shell, and nobody the command.
  const child = spawn("sh", ["-c", LEASH, "sh", kubectl, ...args], {
    env: { ...env },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const complaints: string[] = [];
  const end = () => {
    child.stdin.end();
  };
  return new Promise((done, fail) => {
    const give = (why: string) => {
      clearTimeout(timer);
      end();
      fail(
        new UserError(
          `The application cannot be reached: kubectl port-forward ${target} says:\n  ${why}\n` +
            `See: ${byHand} get pods,services`,
        ),
      );
    };
    const timer = setTimeout(() => {
      give(complaints.join("\n  ") || `nothing within ${String(START / 1000)} s`);
    }, START);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const port = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      done({ port: Number(port), complaints: () => complaints, end });
    });
    createInterface({ input: child.stderr }).on("line", (line) => {
      complaints.push(line);
      if (/^error:|^Error/.test(line)) give(line); // after the port was given nobody hears it any more
    });
    child.once("error", (error) => {
      give(error.message);
    });
  });
}
