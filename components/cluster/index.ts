import type * as pulumi from "@pulumi/pulumi";
import type { KubeContext } from "../../system/kubeconfig.ts";
import type { AksArgs } from "./aks/args.ts";
import type { Cluster } from "./cluster.ts";
import type { EksArgs } from "./eks/args.ts";
import { ExistingCluster } from "./existing.ts";
import type { GkeArgs } from "./gke/args.ts";
import { MinikubeCluster } from "./minikube.ts";

export type { Cluster } from "./cluster.ts";

/** Where a stack runs: one shape for each provider. */
export type ClusterArgs =
  | { readonly provider: "minikube"; readonly profile: string; readonly context: KubeContext }
  | {
      readonly provider: "existing";
      readonly context: KubeContext;
      readonly local: boolean;
      readonly nodeAddress?: string | undefined;
      readonly storageClass?: string | undefined;
    }
  | ({ readonly provider: "eks" } & EksArgs)
  | ({ readonly provider: "aks" } & AksArgs)
  | ({ readonly provider: "gke" } & GkeArgs);

/** The cluster of the stack: the only place that looks at its provider. Only the module of its own cloud is loaded. */
export async function createCluster(
  name: string,
  args: ClusterArgs,
  opts?: pulumi.ComponentResourceOptions,
): Promise<Cluster> {
  switch (args.provider) {
    case "minikube": {
      const { profile, context } = args;
      return new MinikubeCluster(name, { name: profile, profile, server: context.server }, opts);
    }
    case "existing":
      return new ExistingCluster(
        name,
        { ...args, name: args.context.name, context: args.context.name },
        opts,
      );
    case "eks":
      return new (await import("./eks/index.ts")).EksCluster(name, args, opts);
    case "aks":
      return new (await import("./aks/index.ts")).AksCluster(name, args, opts);
    case "gke":
      return new (await import("./gke/index.ts")).GkeCluster(name, args, opts);
    default:
      return assertNever(args);
  }
}

function assertNever(value: never): never {
  throw new Error(`unhandled: ${JSON.stringify(value)}`);
}
