/** Resources that need not satisfy a rule, with the reason and the last day on which that holds. */
export interface Exemption {
  readonly rule: string;
  readonly type: string;
  /** The name of the resource in the program; `*` stands for any part of it. */
  readonly name: string;
  readonly why: string;
  /** A date such as 2026-11-27. From the next day on `make policy` fails. */
  readonly until: string;
}

const deployment = "kubernetes:apps/v1:Deployment";
const statefulSet = "kubernetes:apps/v1:StatefulSet";
const cronJob = "kubernetes:batch/v1:CronJob";

/** What is decided for good is read again once a year. */
const nextYear = "2027-11-30";
/** What somebody else may change, such as an image, is read again after half a year. */
const halfAYear = "2027-05-31";

/** The same exemption for several resources, each by its type and name. */
function each(
  resources: readonly (readonly [type: string, name: string])[],
  exemption: Omit<Exemption, "type" | "name">,
): Exemption[] {
  return resources.map(([type, name]) => ({ ...exemption, type, name }));
}

/** Every exemption there is: of the rules, and of kube-score's checks, which are among the rules. */
export const exemptions: readonly Exemption[] = [
  ...each(
    [
      [deployment, "*"],
      [statefulSet, "*"],
      [cronJob, "*"],
    ],
    {
      rule: "cpu-limit",
      why: "A limit slows a container down while its node is idle. Requests share the processor where it is short.",
      until: nextYear,
    },
  ),
  ...each(
    [
      [deployment, "*"],
      [statefulSet, "*"],
      [cronJob, "*"],
    ],
    {
      rule: "pull-policy-always",
      why: "An image by digest is the same at every start, and a registry that is away must not stop a pod. No image is private.",
      until: nextYear,
    },
  ),
  ...each(
    [
      [deployment, "client"],
      [deployment, "server"],
      [deployment, "worker"],
      [statefulSet, "postgres"],
      [statefulSet, "redis"],
      [cronJob, "postgres-bucket-copy"],
    ],
    {
      rule: "high-user-id",
      why: "The image's files belong to this user. Pod Security restricted and a read-only root hold all the same.",
      until: halfAYear,
    },
  ),
  ...each(
    [
      [deployment, "client"],
      [deployment, "server"],
      [deployment, "worker"],
    ],
    {
      rule: "trusted-registry",
      why: "The course's own images; nobody builds them here. Pinned by digest, so their owners cannot change what runs.",
      until: halfAYear,
    },
  ),
  ...each(
    [
      [deployment, "server"],
      [statefulSet, "postgres"],
      [cronJob, "postgres-bucket-copy"],
    ],
    {
      rule: "secrets-as-files",
      why: "The server's image reads PGPASSWORD from its environment only; postgres and its tools take the same variable.",
      until: halfAYear,
    },
  ),
  {
    rule: "trusted-registry",
    type: cronJob,
    name: "postgres-bucket-copy",
    why: "The image of rclone's own project. Pinned by digest, so its owners cannot change what runs.",
    until: halfAYear,
  },
  {
    rule: "no-exposed-service",
    type: "kubernetes:core/v1:Service",
    name: "client",
    why: "The edge of AKS is a load balancer, and that of a local cluster a node port. Nothing else is reached.",
    until: nextYear,
  },
  {
    rule: "named-peers",
    type: "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    name: "client",
    why: "Behind a node port or AKS' load balancer, callers have addresses of nodes or of anyone: docs/network.md.",
    until: nextYear,
  },
  ...["own-namespace", "labels"].map((rule) => ({
    rule,
    type: "kubernetes:core/v1:ConfigMap",
    name: "*-network-policies",
    why: "The switch of EKS' network policy agent has its name and namespace from EKS, and belongs to the cluster.",
    until: nextYear,
  })),
  {
    rule: "data-protected",
    type: "pulumi:index:Stash",
    name: "immutable-settings",
    why: "Copies of settings of the stack file: without them the next run writes them anew.",
    until: nextYear,
  },
  ...each(
    [
      ["aws:eks/cluster:Cluster", "*"],
      ["azure-native:containerservice:ManagedCluster", "*"],
      ["gcp:container/cluster:Cluster", "*"],
    ],
    {
      rule: "private-control-plane",
      why: "It is deployed from outside of its network. EKS and AKS answer named addresses only, GKE whoever IAM lets in.",
      until: nextYear,
    },
  ),
  {
    rule: "encrypted-secrets",
    type: "azure-native:containerservice:ManagedCluster",
    name: "*",
    why: "Azure encrypts them with a key of its own. A key of ours needs a key vault that is reached by its network.",
    until: halfAYear,
  },
  {
    rule: "flow-log",
    type: "azure-native:network:VirtualNetwork",
    name: "*",
    why: "Azure's flow logs need a storage account and the subscription's Network Watcher, which others own.",
    until: halfAYear,
  },
  {
    rule: "least-privilege",
    type: "azure-native:authorization:RoleAssignment",
    name: "*-disks",
    why: "AKS makes and deletes disks there: Contributor of a group that holds nothing else.",
    until: nextYear,
  },
  {
    rule: "scoped-administrators",
    type: "azure-native:authorization:RoleAssignment",
    name: "*-admin-*",
    why: "The administrators that the stack file names, for this one cluster.",
    until: nextYear,
  },
  {
    rule: "scoped-administrators",
    type: "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    name: "*",
    why: "The administrators that the stack file names, for this one cluster.",
    until: nextYear,
  },
];
