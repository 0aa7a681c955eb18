import { existsSync } from "node:fs";
import { join } from "node:path";
import { explainWrite } from "../../system/errors.ts";
import { kubeconfigFiles, stateFolder, value, type Env } from "../../system/folders.ts";
import { withLock } from "../../system/lock.ts";
import type { Log } from "../../system/log.ts";
import { sandboxContext } from "../../system/sandbox-context.ts";
import { kubernetesVersion } from "../build/recipes.ts";
import { realNode } from "../node/real-node.ts";
import { realNodeObstacle } from "../node/requirements.ts";
import { sweepRemoved } from "./cluster-folder.ts";
import type { ClusterRuntime, ClusterStatus, Provisions } from "./cluster-runtime.ts";
import { simulatedNodes } from "./simulated-nodes.ts";
import { addContext, removeContext } from "./user-context.ts";

/** The kind of the nodes of a cluster: `real` runs containers, `simulated` runs none. */
export type Nodes = "real" | "simulated";

/** A cluster of the sandbox, and the file that its context is written to. */
export interface ClusterOptions extends Provisions {
  /** The name of the cluster. @default "multi-client" */
  readonly name?: string;
  /** The kubeconfig that gets the context. @default the first file of $KUBECONFIG, else ~/.kube/config */
  readonly kubeconfig?: string;
  /** The nodes of a cluster that is not there yet; one that is keeps its own. @default "simulated" */
  readonly nodes?: Nodes;
}

const defaultName = "multi-client";
const runtimes: Readonly<Record<Nodes, ClusterRuntime>> = { real: realNode, simulated: simulatedNodes };
/** Removes what interrupted removals of a cluster left. */
const sweep = (name: string): void => {
  for (const runtime of Object.values(runtimes)) sweepRemoved(runtime.folder(name));
};
const lockFile = (name: string): string => join(stateFolder(), `cluster-${name}.lock`);
/** The file that kubectl writes to. */
const userKubeconfig = (): string => kubeconfigFiles(process.env)[0] ?? "";

/** The nodes that a cluster has; undefined when it is not there. */
export function nodesOf(name = defaultName): Nodes | undefined {
  return (["real", "simulated"] as const).find((nodes) => existsSync(runtimes[nodes].folder(name)));
}

/**
 * The nodes that a cluster has, or would get: a real one wherever this computer can have one.
 *
 * @param env NODES: `real` or `simulated` for a cluster that is not there yet.
 * @returns with the reason why there is no real one.
 * @throws where NODES is something else, or asks for what cannot be.
 */
export async function plannedNodes(
  name: string,
  env: Env,
): Promise<{ readonly nodes: Nodes; readonly reason?: string }> {
  const asked = value(env.NODES);
  if (asked !== undefined && asked !== "real" && asked !== "simulated")
    throw new Error(`NODES is ${JSON.stringify(asked)}.\nExpected: real or simulated.`);
  const present = nodesOf(name);
  if (present !== undefined && present !== (asked ?? present))
    throw new Error(
      `NODES is ${asked ?? ""}, and cluster ${name} is there with ${present} nodes.\nFix: make down removes it with its data; then make up NODES=${asked ?? ""}`,
    );
  if (present === "real") return { nodes: "real" };
  if (present === "simulated") return { nodes: "simulated", reason: "the cluster was made so" };
  const reason = await realNodeObstacle(env);
  if (reason === undefined) return { nodes: "real" };
  if (asked === "real")
    throw new Error(`NODES is real, but ${reason}.\nFix: that, or make up NODES=simulated`);
  return { nodes: "simulated", reason };
}

const runtimeOf = (name: string, nodes: Nodes = "simulated") => runtimes[nodesOf(name) ?? nodes];

/** The programs of a cluster that run, by name, with their process ids. */
export const clusterProcesses = (name = defaultName): Map<string, number> => runtimeOf(name).processes(name);

/** Finds the state of a cluster; changes nothing. */
export const clusterStatus = (name = defaultName): Promise<ClusterStatus> => runtimeOf(name).status(name);

/**
 * Starts a cluster, and writes its context. Nothing happens to a cluster that runs; programs that are gone are started
 * again on the same data; what an interrupted creation left is removed first.
 *
 * @throws when the cluster does not come up. Data is removed by {@link clusterDown} only.
 */
export async function clusterUp(options: ClusterOptions): Promise<{ readonly context: string }> {
  const { name = defaultName, kubeconfig = userKubeconfig(), nodes, log } = options;
  const context = sandboxContext(name);
  try {
    if (!isUsable(name, await clusterStatus(name))) {
      await withLock(lockFile(name), `starting cluster ${name}`, log, async () => {
        sweep(name);
        const runtime = runtimeOf(name, nodes); // another process may have started it meanwhile
        const status = await runtime.status(name);
        if (!isUsable(name, status)) await runtime.ensureRunning(name, status, options);
      });
    }
    await withLock(lockFile(name), `giving cluster ${name} its images`, log, async () => {
      await runtimeOf(name).provide?.(name, options);
    });
  } catch (error) {
    throw explainWrite(error, stateFolder(), "XDG_STATE_HOME");
  }
  await writing(kubeconfig, log, () => {
    addContext(kubeconfig, context, runtimeOf(name).kubeconfig(name));
  });
  return { context };
}

/**
 * Tells whether a cluster needs nothing.
 *
 * @throws when it has another version of Kubernetes.
 */
function isUsable(name: string, { state, version }: ClusterStatus): boolean {
  if (version !== undefined && version !== kubernetesVersion) {
    throw new Error(
      `Sandbox cluster ${name} runs Kubernetes ${version}, needed is ${kubernetesVersion}.\n` +
        "Fix: make down (removes it with its data), then make up.",
    );
  }
  return state === "running";
}

/** Removes a cluster with its processes, data and context. Nothing happens when there is none. */
export async function clusterDown(options: ClusterOptions): Promise<void> {
  const { name = defaultName, kubeconfig = userKubeconfig(), log } = options;
  const runtime = runtimeOf(name);
  const status = await clusterStatus(name);
  if (status.state !== "absent") {
    await withLock(lockFile(name), `using cluster ${name}`, log, () => runtime.remove(name));
    log(`Cluster ${name} is removed, with its data.`);
  }
  sweep(name);
  await writing(kubeconfig, log, () => {
    removeContext(kubeconfig, sandboxContext(name), runtime.folder(name));
  });
}

/** Changes the kubeconfig, which all clusters share: one at a time, so that no context is lost. */
async function writing(kubeconfig: string, log: Log, change: () => void): Promise<void> {
  const lock = join(stateFolder(), "kubeconfig.lock");
  await withLock(lock, `writing ${kubeconfig}`, log, () => {
    try {
      change();
    } catch (error) {
      throw explainWrite(error, kubeconfig, "KUBECONFIG");
    }
    return Promise.resolve();
  });
}
