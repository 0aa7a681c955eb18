import { isDeepStrictEqual } from "node:util";
import { renderProgram, stackConfig, type Rendered } from "./program.ts";
import type { Recorded } from "./recorder.ts";

/** What is read of a workload, its autoscaler, a claim and a Service: the program made them, so they are so. */
interface Spec {
  readonly replicas?: number;
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
  readonly type?: string;
  readonly resources?: { readonly requests: { readonly storage: string } };
  readonly template: {
    readonly spec: {
      readonly containers: readonly {
        readonly image: string;
        readonly ports?: readonly { readonly containerPort: number }[];
      }[];
      readonly securityContext: { readonly runAsUser: number };
    };
  };
}

const specOf = ({ inputs }: Recorded): Spec => inputs.spec as Spec;

const DEV = "dev";
const PROD = ["prod", "prod-aks", "prod-gke"] as const;
type Prod = (typeof PROD)[number];

/** What a managed cluster must have, and the type of resource (and the input of it) that gives it, by stack. */
const CAPABILITIES: readonly ({ readonly what: string } & Readonly<Record<Prod, string>>)[] = [
  {
    what: "cluster, nodes scaled by the cloud",
    prod: "aws:eks/cluster:Cluster computeConfig",
    "prod-aks": "azure-native:containerservice:AgentPool enableAutoScaling",
    "prod-gke": "gcp:container/cluster:Cluster enableAutopilot",
  },
  {
    what: "network of its own",
    prod: "aws:ec2/vpc:Vpc cidrBlock",
    "prod-aks": "azure-native:network:VirtualNetwork addressSpace",
    "prod-gke": "gcp:compute/network:Network autoCreateSubnetworks",
  },
  {
    what: "private nodes, and their way out",
    prod: "aws:ec2/natGateway:NatGateway subnetId",
    "prod-aks": "azure-native:network:NatGateway publicIpAddresses",
    "prod-gke": "gcp:compute/routerNat:RouterNat router",
  },
  {
    what: "API server: who reaches it",
    prod: "aws:eks/cluster:Cluster vpcConfig",
    "prod-aks": "azure-native:containerservice:ManagedCluster apiServerAccessProfile",
    "prod-gke": "gcp:container/cluster:Cluster controlPlaneEndpointsConfig",
  },
  {
    what: "API server: who administers it",
    prod: "aws:eks/accessPolicyAssociation:AccessPolicyAssociation principalArn",
    "prod-aks": "azure-native:authorization:RoleAssignment principalId",
    "prod-gke": "gcp:projects/iAMMember:IAMMember member",
  },
  {
    what: "identity of cluster and nodes",
    prod: "aws:iam/role:Role assumeRolePolicy",
    "prod-aks": "azure-native:managedidentity:UserAssignedIdentity resourceGroupName",
    "prod-gke": "gcp:serviceaccount/account:Account project",
  },
  {
    what: "encryption of Secrets, or of everything on the hosts",
    prod: "aws:kms/key:Key enableKeyRotation",
    "prod-aks": "azure-native:containerservice:AgentPool enableEncryptionAtHost",
    "prod-gke": "gcp:kms/cryptoKey:CryptoKey rotationPeriod",
  },
  {
    what: "audit logs",
    prod: "aws:eks/cluster:Cluster enabledClusterLogTypes",
    "prod-aks": "azure-native:monitor:DiagnosticSetting logs",
    "prod-gke": "gcp:container/cluster:Cluster loggingConfig",
  },
  {
    what: "upgrades",
    prod: "aws:eks/cluster:Cluster upgradePolicy",
    "prod-aks": "azure-native:containerservice:MaintenanceConfiguration maintenanceWindow",
    "prod-gke": "gcp:container/cluster:Cluster maintenancePolicy",
  },
  {
    what: "protection against deletion",
    prod: "aws:eks/cluster:Cluster deletionProtection",
    "prod-aks": "azure-native:authorization:ManagementLockByScope level",
    "prod-gke": "gcp:container/cluster:Cluster deletionProtection",
  },
  {
    what: "disks of claims",
    prod: "kubernetes:storage.k8s.io/v1:StorageClass provisioner",
    "prod-aks": "kubernetes:storage.k8s.io/v1:StorageClass provisioner",
    "prod-gke": "kubernetes:storage.k8s.io/v1:StorageClass provisioner",
  },
  {
    what: "edge, and where TLS ends",
    prod: "kubernetes:networking.k8s.io/v1:Ingress spec",
    "prod-aks": "kubernetes:core/v1:Service spec",
    "prod-gke": "kubernetes:gateway.networking.k8s.io/v1:Gateway spec",
  },
];

/** What of a workload is the same everywhere: all of its pod, but for what a stack scales or places. */
function pods({ resources }: Rendered): Map<string, Spec> {
  const workloads = resources.filter(({ type }) => /:(Deployment|StatefulSet)$/.test(type));
  return new Map(
    workloads.map((workload) => {
      const spec: Record<string, unknown> = { ...specOf(workload) };
      delete spec.replicas;
      // Names that are made of what is in them: a ConfigMap of nginx differs where TLS ends elsewhere.
      return [workload.name, JSON.parse(JSON.stringify(spec).replaceAll(/-[0-9a-f]{8}"/g, '-*"')) as Spec];
    }),
  );
}

const find = ({ resources }: Rendered, wanted: string): Recorded | undefined => {
  const [type = "", input = ""] = wanted.split(" ");
  return resources.find((each) => each.type === type && input in each.inputs);
};

const named = ({ resources }: Rendered, kinds: RegExp, name: string): Recorded | undefined =>
  resources.find((each) => kinds.test(each.type) && each.name === name);

function numberOfPods(rendered: Rendered, name: string): string {
  const scaled = named(rendered, /:HorizontalPodAutoscaler$/, name);
  if (scaled) {
    const { minReplicas = 1, maxReplicas = 1 } = specOf(scaled);
    return `${String(minReplicas)} to ${String(maxReplicas)}`;
  }
  const workload = named(rendered, /:(Deployment|StatefulSet)$/, name);
  return String((workload && specOf(workload).replicas) ?? 1);
}

const claims = ({ resources }: Rendered): string =>
  resources
    .filter(({ type }) => type.endsWith(":PersistentVolumeClaim"))
    .map((claim) => `${claim.name} ${specOf(claim).resources?.requests.storage ?? ""}`)
    .sort()
    .join("<br>");

function edge(rendered: Rendered): string {
  const way = rendered.resources.find(({ type }) => /:(Ingress|Gateway)$/.test(type));
  if (way) return way.type.split(":")[2] ?? "";
  const service = named(rendered, /:Service$/, "client");
  return (service && specOf(service).type) ?? "ClusterIP";
}

const disks = ({ resources }: Rendered): string => {
  const own = resources.find(({ type }) => type.endsWith(":StorageClass"));
  return own === undefined ? "class `standard`" : String(own.inputs.provisioner);
};

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/**
 * What is the same in dev and in every prod stack, and what is not, from what the program registers.
 *
 * @throws when a workload differs where it must not, or a capability has no resource.
 */
export async function parity(): Promise<string> {
  const stacks = [DEV, ...PROD];
  const rendered = new Map<string, Rendered>();
  for (const stack of stacks) rendered.set(stack, await renderProgram(stack, stackConfig(stack)));
  const of = (stack: string): Rendered => rendered.get(stack) ?? { resources: [], outputs: {} };
  const dev = pods(of(DEV));
  for (const stack of PROD)
    for (const [name, spec] of pods(of(stack)))
      if (!isDeepStrictEqual(spec, dev.get(name)))
        throw new Error(`${name} of ${stack} is not what it is in dev`);
  const names = [...dev.keys()].sort();
  const images = [...dev].sort().map(([name, { template }]) => {
    const { containers, securityContext } = template.spec;
    const [{ image, ports = [] } = { image: "" }] = containers;
    const port = ports.map(({ containerPort }) => String(containerPort)).join(", ");
    const user = String(securityContext.runAsUser);
    return [name, `\`${image.split("@")[0] ?? ""}\``, port === "" ? "none" : port, user];
  });
  const capabilities = CAPABILITIES.map((each) => [
    each.what,
    ...PROD.map((stack) => {
      const found = find(of(stack), each[stack]);
      if (!found) throw new Error(`${stack}: no resource gives ${each.what} (${each[stack]})`);
      const [type = "", input = ""] = each[stack].split(" ");
      return `\`${type.split(":").at(-1) ?? ""}.${input}\``;
    }),
  ]);
  return [
    "# Parity",
    "",
    "Generated by `make test UPDATE=1` from what the program registers for each stack; a test keeps it current.",
    "",
    "## The same in `dev` and in every prod stack",
    "",
    "The whole pod of each workload, but for its number: images by digest, commands, ports, environment, probes,",
    "security, resources, volumes. The program refuses to print this page when one differs.",
    "",
    table(["workload", "image (by digest)", "port", "user"], images),
    "",
    "## What differs",
    "",
    table(
      ["", ...stacks.map((stack) => `\`${stack}\``)],
      [
        ...names.map((name) => [`pods of ${name}`, ...stacks.map((stack) => numberOfPods(of(stack), name))]),
        ["claims", ...stacks.map((stack) => claims(of(stack)))],
        ["disks", ...stacks.map((stack) => disks(of(stack)))],
        ["way in", ...stacks.map((stack) => edge(of(stack)))],
        ["resources", ...stacks.map((stack) => String(of(stack).resources.length))],
      ],
    ),
    "",
    "## What gives each capability of the cluster",
    "",
    table(["capability", "EKS (`prod`)", "AKS (`prod-aks`)", "GKE (`prod-gke`)"], capabilities),
    "",
    "DNS peers, which a network policy must let through, are `dnsPeers` of each cluster (`components/cluster/`).",
    "",
  ].join("\n");
}
