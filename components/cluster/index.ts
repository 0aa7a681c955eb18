import type * as pulumi from "@pulumi/pulumi";
import type { AksArgs } from "./aks/args.ts";
import type { Cluster } from "./cluster.ts";
import type { EksArgs } from "./eks/args.ts";
import { ExistingCluster, type ExistingArgs } from "./existing.ts";
import type { GkeArgs } from "./gke/args.ts";
import { MinikubeCluster, type MinikubeArgs } from "./minikube.ts";

export type { Cluster } from "./cluster.ts";

/** The arguments of each cluster, by its provider. */
interface ArgsByProvider {
  readonly minikube: MinikubeArgs;
  readonly existing: ExistingArgs;
  readonly eks: EksArgs;
  readonly aks: AksArgs;
  readonly gke: GkeArgs;
}
type Provider = keyof ArgsByProvider;

/** The cluster that a stack runs on: its provider, and the arguments that this provider takes. */
export type ClusterArgs<P extends Provider = Provider> = {
  [K in P]: { readonly provider: K } & ArgsByProvider[K];
}[P];

/** The component of each provider. A cloud's module is loaded only where it is the stack's own: its SDK is large. */
const components: {
  readonly [P in Provider]: () => Promise<
    new (name: string, args: ArgsByProvider[P], opts?: pulumi.ComponentResourceOptions) => Cluster
  >;
} = {
  minikube: () => Promise.resolve(MinikubeCluster),
  existing: () => Promise.resolve(ExistingCluster),
  eks: async () => (await import("./eks/index.ts")).EksCluster,
  aks: async () => (await import("./aks/index.ts")).AksCluster,
  gke: async () => (await import("./gke/index.ts")).GkeCluster,
};

/** Creates the cluster of the stack. Nothing else in this room looks at its provider. */
export async function createCluster<P extends Provider>(
  name: string,
  args: ClusterArgs<P>,
  opts?: pulumi.ComponentResourceOptions,
): Promise<Cluster> {
  const Component = await components[args.provider]();
  return new Component(name, args, opts);
}
