import type { ProviderArgs } from "../cluster.ts";

/** The arguments of an {@link EksCluster}, from settings that passed their checks. */
export interface EksArgs extends ProviderArgs {
  /** The cluster's name, with which the name of everything made for it begins. It never changes. */
  readonly name: string;
  /** The AWS region that the cluster is in. */
  readonly region: string;
  /** The minor version of Kubernetes, such as `1.36`. */
  readonly kubernetesVersion: string;
  /** The ARNs of the IAM roles that administer the cluster; the deployer's is one of them. */
  readonly admins: readonly string[];
  readonly network: {
    /** The addresses of the VPC: IPv4, from /16 to /20. */
    readonly cidr: string;
    /** The addresses of Services, which no network of the VPC may overlap. */
    readonly serviceCidr: string;
    /** The names of three availability zones. */
    readonly zones: readonly string[];
    /** `zone` gives each zone a NAT gateway of its own; `single` gives all zones one. */
    readonly nat: "zone" | "single";
    /** The connections that the flow log has; `none` makes no flow log. */
    readonly flowLog: "all" | "rejected" | "none";
  };
  /** The networks that reach the public endpoint. An empty list turns it off: the endpoint is then private. */
  readonly authorizedCidrs: readonly string[];
  /** The number of days that the cluster's log and the network's flow log are kept. */
  readonly logRetentionDays: number;
  /** `true` protects the cluster and its key from deletion, both in the engine and in AWS. */
  readonly deletionProtection: boolean;
  /** The ARN of the ACM certificate with which the load balancer ends TLS. @default no certificate */
  readonly certificate?: string | undefined;
  /** The tags of everything that can have tags. */
  readonly tags: Readonly<Record<string, string>>;
}
