import type { Output } from "@pulumi/pulumi";
import type { ProviderArgs } from "../cluster.ts";

/** The arguments of an {@link AksCluster}, from settings that passed their checks. */
export interface AksArgs extends ProviderArgs {
  /** The first part of the name of everything. The cluster's own name is generated, so that each has an id of its own. */
  readonly name: string;
  /** The Azure region that the cluster is in. */
  readonly location: string;
  /** The id of the Entra tenant that people and pipelines log in to. */
  readonly tenantId: string;
  readonly subscriptionId: string;
  /** The minor version of Kubernetes, such as `1.36`. */
  readonly kubernetesVersion: string;
  /** The object ids of the Entra groups that administer the cluster; the deployer is in one of them. */
  readonly admins: readonly string[];
  /** The addresses of nodes, of pods and of Services, none of which overlap. */
  readonly network: { readonly cidr: string; readonly podCidr: string; readonly serviceCidr: string };
  /** The networks that reach the public endpoint. An empty list makes it private (API server VNet integration). */
  readonly authorizedCidrs: readonly string[];
  /** The pool of the application: a size with a local disk and host encryption. */
  readonly nodes: {
    readonly vmSize: string;
    readonly min: number;
    readonly max: number;
    /** The size of the system's pool, which never changes it. */
    readonly systemVmSize: string;
  };
  /** The resource id of the container registry from which the nodes may pull. @default none */
  readonly containerRegistry?: string | undefined;
  /** The number of days that the audit log is kept. */
  readonly logRetentionDays: number;
  /** `true` protects the cluster from deletion, in the engine and by a lock in Azure. */
  readonly deletionProtection: boolean;
  /** The tags of everything that can have tags. */
  readonly tags: Readonly<Record<string, string>>;
}

/** The resource group of a cluster, and what everything in it has. */
export interface AzureScope {
  readonly resourceGroupName: Output<string>;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** The cluster that a resource belongs to. */
export interface ClusterScope {
  readonly resourceGroupName: Output<string>;
  readonly resourceName: Output<string>;
}
