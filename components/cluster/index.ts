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
  // The same keys for every provider: a switch from one to another is a change like any other.
  const profile = args.provider === "minikube" ? args.profile : "";
  const named = args.provider === "existing" ? args.context : "";
  const storageClass = args.provider === "existing" ? (args.storageClass ?? "") : "";
  const fixed = fixedAtCreation(
    `${name}-fixed`,
    {
      "multi-client:cluster.provider": args.provider,
      "multi-client:cluster.profile": profile,
      "multi-client:cluster.context": named,
      "multi-client:cluster.storageClass": storageClass,
      "multi-client:namespace": namespace,
    },
    opts ?? {},
  );
  switch (args.provider) {
    case "minikube": {
      const checked = fixed.apply(() => args.profile);
      return new MinikubeCluster(
        name,
        { name: args.profile, profile: checked, server: context.server },
        opts,
      );
    }
    case "existing": {
      const checked = fixed.apply(() => args.context);
      return new ExistingCluster(name, { ...args, name: args.context, context: checked }, opts);
    }
    default:
      return assertNever(args);
  }
}

function assertNever(value: never): never {
  throw new Error(`unhandled: ${JSON.stringify(value)}`);
}
