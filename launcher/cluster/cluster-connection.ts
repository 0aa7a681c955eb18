import { mkdirSync, writeFileSync } from "node:fs";
import { stateFolder, type Env } from "../../system/folders.ts";
import { sandboxContext } from "../../system/sandbox-context.ts";
import type { Cli } from "../engine/cli.ts";
import type { State } from "../recovery/pending-operations.ts";
import { contextOf, kubeconfigFile, type Plan } from "../stack/plan.ts";
import { isManaged } from "../stack/read-stack.ts";
import { sandboxCluster } from "./cluster-lifecycle.ts";

/** A connection to the API of a stack's cluster: a context, and the environment in which it is found. */
export interface ClusterConnection {
  readonly context: string;
  readonly env: Env;
}

/**
 * The connection to the cluster of a deployed stack. One that the stack made is in no kubeconfig of the user: its own is
 * written to a file that only the user reads, without a credential in it.
 *
 * @returns undefined for a managed cluster that is not there yet.
 */
export async function connectionTo(
  { stack }: Plan,
  cli: Cli,
  env: Env,
): Promise<ClusterConnection | undefined> {
  if (!isManaged(stack)) return { context: contextOf(stack), env };
  const simulated = sandboxCluster(stack);
  if (simulated !== undefined) return { context: sandboxContext(simulated), env };
  const { stdout } = await cli.ask(["stack", "export", "--show-secrets"]);
  const made = clusterIn(JSON.parse(stdout) as State);
  if (made === undefined) return undefined;
  const file = kubeconfigFile(stack.name, env);
  mkdirSync(stateFolder(env), { recursive: true, mode: 0o700 }); // where the state is elsewhere nobody made it yet
  writeFileSync(file, made.kubeconfig, { mode: 0o600 });
  return { context: made.name, env: { ...env, KUBECONFIG: file } };
}

/**
 * The cluster that a stack made, from the outputs of its component: those of the stack are missing until a first `up`
 * succeeded (pulumi/pulumi#16289), and stay when the cluster is gone.
 *
 * @param state with its secrets in clear.
 */
function clusterIn({
  deployment,
}: State): { readonly name: string; readonly kubeconfig: string } | undefined {
  const component = deployment.resources?.find(({ type }) => /^multi-client:cluster:\w+Cluster$/.test(type));
  const name = component?.outputs?.name;
  const secret = component?.outputs?.kubeconfig as { readonly plaintext?: string } | undefined;
  if (typeof name !== "string" || secret?.plaintext === undefined) return undefined;
  return { name, kubeconfig: JSON.parse(secret.plaintext) as string };
}
