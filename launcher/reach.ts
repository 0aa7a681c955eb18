import { writeFileSync } from "node:fs";
import type { Env } from "../system/folders.ts";
import type { Cli } from "./cli.ts";
import { contextOf, kubeconfigFile, type Plan } from "./plan.ts";
import { isManaged } from "./stacks.ts";
import { sandboxCluster } from "./start.ts";

/** How the API of a stack's cluster is asked: a context, and the environment in which it is found. */
export interface Reach {
  readonly context: string;
  readonly env: Env;
}

/**
 * The way to the cluster of a deployed stack. One that the stack made is in no kubeconfig of the user: its own is
 * written to a file that only the user reads, without a credential in it.
 *
 * @returns undefined for a managed cluster that is not there yet.
 */
export async function reach({ stack }: Plan, cli: Cli, env: Env): Promise<Reach | undefined> {
  if (!isManaged(stack)) return { context: contextOf(stack), env };
  const simulated = sandboxCluster(stack);
  if (simulated !== undefined) return { context: `kwok-${simulated}`, env };
  const { kubeconfig, clusterName } = await cli.outputs();
  if (kubeconfig === undefined || typeof clusterName !== "string") return undefined;
  const file = kubeconfigFile(stack.name, env);
  const { stdout } = await cli.ask(["stack", "output", "kubeconfig", "--show-secrets"]);
  writeFileSync(file, stdout, { mode: 0o600 });
  return { context: clusterName, env: { ...env, KUBECONFIG: file } };
}
