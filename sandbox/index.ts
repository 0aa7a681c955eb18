import { value, type Env } from "../system/folders.ts";
import { cacheDefect } from "./build/build-cache.ts";
import { type Group, recipes } from "./build/recipes.ts";
import { nodesOf, plannedNodes, type Nodes } from "./cluster/sandbox-cluster.ts";
import { lookAlikeImages } from "./node/node-images.ts";
import { takenPorts } from "./node/real-node.ts";
import { registryImages } from "./node/registry-images.ts";

export { officialKubernetesVersion } from "./build/recipes.ts";
export { ensureBuilt } from "./build/build-cache.ts";
export { debianTree, ensureDebianTools } from "./build/debian-tree.ts";
export { cloudLeftovers } from "./cloud-plugins/cloud-leftovers.ts";
export { runSnapshotController } from "./cloud-plugins/snapshot-controller.ts";
export type { Cloud } from "./cloud-plugins/cloud-rules.ts";
export {
  SimulatedAccount,
  type AccountSettings,
  type Fault,
  type CloudResource,
} from "./cloud-plugins/simulated-account.ts";
export {
  clusterDown,
  clusterStatus,
  clusterProcesses,
  clusterUp,
  nodesOf,
  plannedNodes,
} from "./cluster/sandbox-cluster.ts";
export { cgroupOf } from "./node/boot.ts";
export { lookAlikeImages } from "./node/node-images.ts";
export { helperProgramFolder, pulumiHome } from "./pulumi-home.ts";

/** Tells whether the cache has sound programs of a group, so that {@link ensureBuilt} has nothing to build. */
export const isBuilt = async (group: Group): Promise<boolean> => (await cacheDefect(group)) === undefined;

/** The groups of programs that a cluster with such nodes is made of. */
const groupsOf: Readonly<Record<Nodes, readonly Group[]>> = {
  real: ["pulumi", "kubernetes", "etcd", "kubelet", "coredns", "metrics-server", "network-policies"],
  simulated: ["pulumi", "kubernetes", "etcd", "kwok"],
};

/** Describes what is still to be built for a cluster, about how long that takes, and what its nodes do not show. */
export async function describe(name: string, env: Env): Promise<string> {
  const { nodes, reason } = await plannedNodes(name, env);
  const missing: Group[] = [];
  const plugin: Group[] = value(env.PLUGINS) === "official" ? ["official-kubernetes"] : [];
  for (const group of [...groupsOf[nodes], ...plugin])
    if ((await cacheDefect(group)) !== undefined) missing.push(group);
  const minutes = missing.reduce((sum, group) => sum + recipes[group].minutes, 0);
  const work =
    missing.length === 0
      ? "has all programs that it needs"
      : `builds with Go what cannot be fetched of ${missing.join(", ")} (up to about ${minutes} min, once)`;
  const kind =
    nodes === "real"
      ? "its node is real: containers run"
      : `its nodes are simulated (${reason ?? ""}): pods become Ready, but no container runs and no page will open`;
  return `The sandbox ${work}; ${kind}.`;
}

/** What the nodes of a cluster do not show, for whoever looks at what is deployed there. */
export function describeNodes(name: string): string {
  if (nodesOf(name) !== "real")
    return "The nodes are simulated: pods are Ready, but no container runs, so nothing answers there.";
  const images = lookAlikeImages(name)
    .filter(({ replaces }) => !replaces.startsWith("registry.k8s.io/"))
    .map(({ replaces, contents }) => `  ${replaces}: ${contents}`);
  const taken = takenPorts(name).map(
    (port) =>
      `Port ${port} of this computer is another program's, and does not lead to the node. End that program, or choose\n` +
      "another port: exposure.nodePort in the stack file, then make up.",
  );
  const note =
    registryImages(name) === undefined
      ? [
          "The containers are real; their images are look-alikes of those that no registry gave here:",
          ...images,
        ]
      : ["The containers are real, and their images are those of the registries."];
  return [...taken, ...note].join("\n");
}
