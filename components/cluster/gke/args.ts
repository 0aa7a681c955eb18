import type { ProviderArgs } from "../cluster.ts";

/** The arguments of a {@link GkeCluster}, from settings that passed their checks. */
export interface GkeArgs extends ProviderArgs {
  /** The first part of the name of everything. The cluster's own name is generated, so that each has an id of its own. */
  readonly name: string;
  readonly project: string;
  /** The Google Cloud region that the cluster is in. */
  readonly region: string;
  /** The least minor version of Kubernetes, such as `1.36`: the REGULAR channel upgrades it. */
  readonly kubernetesVersion: string;
  /** The IAM members that administer the cluster, such as `group:platform@example.com`; the deployer is one of them. */
  readonly admins: readonly string[];
  /** The addresses of nodes, of pods and of Services, none of which overlap. */
  readonly network: {
    readonly cidr: string;
    readonly podCidr: string;
    readonly serviceCidr: string;
    /** The connections that the flow logs have. */
    readonly flowLog: "all" | "half" | "none";
  };
  /** The networks that reach the IP endpoint. An empty list turns it off: the DNS endpoint, behind IAM, is then alone. */
  readonly authorizedCidrs: readonly string[];
  /** `true` protects the cluster and its key from deletion. */
  readonly deletionProtection: boolean;
  /** The name of the Certificate Manager map with which the Gateway ends TLS. @default no certificate */
  readonly certificate?: string | undefined;
  /** The labels of everything that can have labels. */
  readonly labels: Readonly<Record<string, string>>;
}
