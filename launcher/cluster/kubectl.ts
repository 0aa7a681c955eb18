import { spawn } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { UserError } from "../../system/errors.ts";
import { lastLines, which } from "../../system/process.ts";
import { kubeconfigFile } from "../stack/plan.ts";
import type { DeployedStack } from "../stack/deployed-stack.ts";
import { sandbox, sandboxCluster } from "./cluster-lifecycle.ts";

/** The program kubectl, as it reaches the cluster of a stack and its namespace. */
export interface Kubectl {
  /** Runs it, with text as its input. @throws UserError with its last words */
  run(args: readonly string[], text?: string): Promise<string>;
  /** The program and the arguments by which everything goes there. */
  readonly command: readonly [string, ...string[]];
}

/** Finds kubectl: on PATH, else the sandbox's own. @throws UserError where there is none */
export async function kubectlFor({
  stack,
  cluster,
  root,
}: Pick<DeployedStack, "stack" | "cluster" | "root">): Promise<Kubectl> {
  const isSandbox = sandboxCluster(stack) !== undefined;
  const own = async () =>
    join(await (await sandbox(root)).ensureBuilt("kubernetes", () => undefined), "kubectl");
  const program = which("kubectl", cluster.env) ?? (isSandbox ? await own() : undefined);
  if (program === undefined) {
    throw new UserError(
      "kubectl is needed to reach the containers, and it is not on PATH.\nFix: install it (https://kubernetes.io/docs/tasks/tools/).",
    );
  }
  const { target } = stack;
  // A cluster that the stack made is in no kubeconfig of the user's: pasted, the command must lead there too.
  const ofStack =
    target.provider === "managed" && !target.simulated
      ? ["--kubeconfig", kubeconfigFile(stack.name, cluster.env)]
      : [];
  const command = [program, ...ofStack, "--context", cluster.context, "-n", stack.namespace] as const;
  return {
    command,
    run: async (args, text = "") => {
      const { code, stdout, stderr } = await piped([...command, ...args], cluster.env, { text });
      if (code !== 0)
        throw new UserError(`kubectl ${args.slice(0, 3).join(" ")} failed:\n${lastLines(stderr, 5)}`);
      return stdout;
    },
  };
}

/** Labels as the selector that finds what has all of them. */
export const selectorOf = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");

/** The end of a command. */
export interface Piped {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command with a file or text as its input, and text or a file for its output.
 *
 * @throws the error of the file that cannot be read or written; the command is ended.
 */
export function piped(
  [program = "", ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  { text = "", from, to }: { readonly text?: string; readonly from?: string; readonly to?: string } = {},
): Promise<Piped> {
  const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  let fault: Error | undefined;
  const stop = (error: Error) => {
    fault ??= error;
    child.kill();
  };
  child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
  if (to === undefined) child.stdout.setEncoding("utf8").on("data", (part: string) => (stdout += part));
  const written =
    to === undefined
      ? Promise.resolve()
      : pipeline(child.stdout, createWriteStream(to, { mode: 0o600 })).catch(stop);
  child.stdin.on("error", () => undefined); // it has ended, and its exit code says why
  if (from === undefined) child.stdin.end(text);
  else createReadStream(from).on("error", stop).pipe(child.stdin);
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => {
      void written.then(() => {
        if (fault === undefined) done({ code: code ?? 1, stdout, stderr });
        else fail(fault);
      });
    });
  });
}
