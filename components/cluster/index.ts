import type * as pulumi from "@pulumi/pulumi";
import type { KubeContext } from "../kubernetes/kubeconfig.ts";
import type { Cluster } from "./cluster.ts";
import { ExistingCluster } from "./existing.ts";
import { fixedAtCreation } from "./fixed.ts";
import { MinikubeCluster } from "./minikube.ts";

export type { Cluster } from "./cluster.ts";

/** Where a stack runs: one shape for each provider. */
export type ClusterArgs =
  | { readonly provider: "minikube"; readonly profile: string }
  | {
      readonly provider: "existing";
      readonly context: string;
      readonly local: boolean;
      readonly nodeAddress?: string | undefined;
      readonly storageClass?: string | undefined;
    };

/**
 * The cluster of the stack: the only place that looks at its provider.
 *
 * @param context the kubeconfig context that `args` names.
 * @param namespace fixed at creation together with the cluster.
 */
export function createCluster(
  name: string,
  args: ClusterArgs,
  context: KubeContext,
  namespace: string,
  opts?: pulumi.CustomResourceOptions,
): Cluster {
  const pinned = (settings: Record<string, string>) =>
    fixedAtCreation(`${name}-fixed`, { ...settings, "multi-client:namespace": namespace }, opts ?? {});
  switch (args.provider) {
    case "minikube": {
      const key = "multi-client:cluster.profile";
      const fixed = pinned({ [key]: args.profile });
      const profile = fixed.apply((settings) => settings[key] ?? args.profile);
      return new MinikubeCluster(name, { name: args.profile, profile, server: context.server }, opts);
    }
    case "existing": {
      const key = "multi-client:cluster.context";
      const storageClass = args.storageClass ?? "";
      const fixed = pinned({ [key]: args.context, "multi-client:cluster.storageClass": storageClass });
      const checked = fixed.apply((settings) => settings[key] ?? args.context);
      return new ExistingCluster(name, { ...args, name: args.context, context: checked }, opts);
    }
    default:
      return assertNever(args);
  }
}

function assertNever(value: never): never {
  throw new Error(`unhandled: ${JSON.stringify(value)}`);
}
