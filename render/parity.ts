import { isManagedProvider, type ManagedProvider } from "../config/clouds/index.ts";
import { renderProgram, stackConfig } from "./program.ts";
import { table } from "../system/markdown.ts";
import { isObjectType, type Recorded } from "./recorder.ts";

/** The stack with which the others are compared. */
const DEV = "dev";

/** The fields of a workload and of its autoscaler that are read: the program made them, so they are of this form. */
interface Spec {
  readonly replicas?: number;
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
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

/** The capabilities of a managed cluster. */
const capabilities = [
  "cluster, nodes scaled by the cloud",
  "network of its own",
  "private nodes, and their egress",
  "API server: who reaches it",
  "API server: who administers it",
  "identity of cluster and nodes",
  "encryption of Secrets, or of everything on the hosts",
  "audit logs",
  "upgrades",
  "protection against deletion",
  "disks of claims",
  "edge, and where TLS ends",
] as const;

/** The type of the resource, and the input of it, that gives each capability on each cloud. */
const givenBy: Readonly<Record<ManagedProvider, Readonly<Record<(typeof capabilities)[number], string>>>> = {
  eks: {
    "cluster, nodes scaled by the cloud": "aws:eks/cluster:Cluster computeConfig",
    "network of its own": "aws:ec2/vpc:Vpc cidrBlock",
    "private nodes, and their egress": "aws:ec2/natGateway:NatGateway subnetId",
    "API server: who reaches it": "aws:eks/cluster:Cluster vpcConfig",
    "API server: who administers it": "aws:eks/accessPolicyAssociation:AccessPolicyAssociation principalArn",
    "identity of cluster and nodes": "aws:iam/role:Role assumeRolePolicy",
    "encryption of Secrets, or of everything on the hosts": "aws:kms/key:Key enableKeyRotation",
    "audit logs": "aws:eks/cluster:Cluster enabledClusterLogTypes",
    upgrades: "aws:eks/cluster:Cluster upgradePolicy",
    "protection against deletion": "aws:eks/cluster:Cluster deletionProtection",
    "disks of claims": "kubernetes:storage.k8s.io/v1:StorageClass provisioner",
    "edge, and where TLS ends": "kubernetes:networking.k8s.io/v1:Ingress spec",
  },
  aks: {
    "cluster, nodes scaled by the cloud": "azure-native:containerservice:AgentPool enableAutoScaling",
    "network of its own": "azure-native:network:VirtualNetwork addressSpace",
    "private nodes, and their egress": "azure-native:network:NatGateway publicIpAddresses",
    "API server: who reaches it": "azure-native:containerservice:ManagedCluster apiServerAccessProfile",
    "API server: who administers it": "azure-native:authorization:RoleAssignment principalId",
    "identity of cluster and nodes": "azure-native:managedidentity:UserAssignedIdentity resourceGroupName",
    "encryption of Secrets, or of everything on the hosts":
      "azure-native:containerservice:AgentPool enableEncryptionAtHost",
    "audit logs": "azure-native:monitor:DiagnosticSetting logs",
    upgrades: "azure-native:containerservice:MaintenanceConfiguration maintenanceWindow",
    "protection against deletion": "azure-native:authorization:ManagementLockByScope level",
    "disks of claims": "kubernetes:storage.k8s.io/v1:StorageClass provisioner",
    "edge, and where TLS ends": "kubernetes:core/v1:Service spec",
  },
  gke: {
    "cluster, nodes scaled by the cloud": "gcp:container/cluster:Cluster enableAutopilot",
    "network of its own": "gcp:compute/network:Network autoCreateSubnetworks",
    "private nodes, and their egress": "gcp:compute/routerNat:RouterNat router",
    "API server: who reaches it": "gcp:container/cluster:Cluster controlPlaneEndpointsConfig",
    "API server: who administers it": "gcp:projects/iAMMember:IAMMember member",
    "identity of cluster and nodes": "gcp:serviceaccount/account:Account project",
    "encryption of Secrets, or of everything on the hosts": "gcp:kms/cryptoKey:CryptoKey rotationPeriod",
    "audit logs": "gcp:container/cluster:Cluster loggingConfig",
    upgrades: "gcp:container/cluster:Cluster maintenancePolicy",
    "protection against deletion": "gcp:container/cluster:Cluster deletionProtection",
    "disks of claims": "kubernetes:storage.k8s.io/v1:StorageClass provisioner",
    "edge, and where TLS ends": "kubernetes:gateway.networking.k8s.io/v1:Gateway spec",
  },
};

/** A stack with what it registers, and the cloud on which it makes its cluster. */
interface Compared {
  readonly stack: string;
  readonly cloud: ManagedProvider | undefined;
  readonly resources: readonly Recorded[];
}

const kindOf = ({ type }: Recorded): string => type.split(":").at(-1) ?? "";
const isWorkload = (resource: Recorded): boolean => ["Deployment", "StatefulSet"].includes(kindOf(resource));
const specOf = ({ inputs }: Recorded): Spec => inputs.spec as Spec;

/** The values of an object by path; a suffix that is made of what is in an object is a `*`. */
function fieldsOf(value: unknown, path = ""): [path: string, value: string][] {
  if (typeof value !== "object" || value === null)
    return [[path, String(value).replace(/-[0-9a-f]{8}$/, "-*")]];
  return Object.entries(value).flatMap(([key, item]) => {
    if (Array.isArray(value)) return fieldsOf(item, `${path}[${key}]`);
    const step = /^[\w-]+$/.test(key) ? `.${key}` : `["${key}"]`;
    return fieldsOf(item, path === "" ? key : path + step);
  });
}

/**
 * The differences of the Kubernetes objects, a row each: an object that some stacks do not have, or a field that has
 * not the same value in all stacks that have its object. Objects of a kind that differ alike share their rows.
 *
 * @throws when a stack lacks a workload, or its pod differs in more than what it asks of the cluster's autoscaler (annotations)
 * and scheduler (spread): that must not be.
 */
export function differences(stacks: readonly Pick<Compared, "resources">[]): string[][] {
  const objects = stacks.map(
    ({ resources }) =>
      new Map(
        resources
          .filter(({ type }) => isObjectType(type))
          .map((object) => [`${kindOf(object)} ${object.name}`, new Map(fieldsOf(object.inputs))] as const),
      ),
  );
  const titles = [...new Set(objects.flatMap((all) => [...all.keys()]))].sort();
  const rows = titles.flatMap((title) => {
    const found = objects.map((all) => all.get(title));
    const paths = [...new Set(found.flatMap((fields) => [...(fields?.keys() ?? [])]))].sort();
    const rows = paths
      .filter((path) => new Set(found.flatMap((fields) => (fields ? [fields.get(path)] : []))).size > 1)
      .map((path) => [
        title,
        `\`${path}\``,
        ...found.map((fields) => {
          const value = fields?.get(path);
          return value === undefined ? "" : `\`${value}\``;
        }),
      ]);
    const pod = rows.find(([, path = ""]) =>
      /^`spec\.template\.(?!metadata\.annotations|spec\.topologySpreadConstraints)/.test(path),
    );
    if (pod) throw new Error(`the pods of ${title} differ: ${pod.join(" ")}`);
    if (!found.includes(undefined)) return rows;
    if (/^(Deployment|StatefulSet) /.test(title)) throw new Error(`${title} is not in every stack`);
    return [[title, "", ...found.map((fields) => (fields ? "yes" : "no"))], ...rows];
  });
  return merged(rows);
}

/** The rows with one for all objects of a kind that differ alike, in the place of the first of them. */
function merged(rows: readonly string[][]): string[][] {
  const alike = new Map<string, string[]>();
  for (const [title = "", ...rest] of rows) {
    const [kind = "", name = ""] = title.split(" ");
    const key = JSON.stringify([kind, rest]);
    const row = alike.get(key);
    if (row) row[0] = `${row[0] ?? ""}, ${name}`;
    else alike.set(key, [title, ...rest]);
  }
  return [...alike.values()];
}

function numberOfPods({ resources }: Compared, name: string): string {
  const own = resources.filter((resource) => resource.name === name);
  const scaler = own.find((resource) => kindOf(resource) === "HorizontalPodAutoscaler");
  if (scaler) {
    const { minReplicas = 1, maxReplicas = 1 } = specOf(scaler);
    return `${String(minReplicas)} to ${String(maxReplicas)}`;
  }
  const workload = own.find(isWorkload);
  return String((workload && specOf(workload).replicas) ?? 1);
}

/** The row of a workload: what its pod is on every stack. */
function podRow(workload: Recorded): string[] {
  const { containers, securityContext } = specOf(workload).template.spec;
  const [{ image, ports = [] } = { image: "" }] = containers;
  const port = ports.map(({ containerPort }) => String(containerPort)).join(", ");
  const user = String(securityContext.runAsUser);
  return [workload.name, `\`${image.split("@")[0] ?? ""}\``, port === "" ? "none" : port, user];
}

/** The resource that gives a capability to a stack, as `Type.input`. */
function giver({ stack, cloud, resources }: Compared, capability: (typeof capabilities)[number]): string {
  const [type = "", input = ""] = cloud === undefined ? [] : givenBy[cloud][capability].split(" ");
  if (!resources.some((each) => each.type === type && input in each.inputs))
    throw new Error(`${stack}: no resource gives ${capability} (${type} ${input})`);
  return `\`${type.split(":").at(-1) ?? ""}.${input}\``;
}

/**
 * The page that says what is the same in dev and in every stack that makes its cluster, and what is not, from what the
 * program registers.
 *
 * @param stacks those that are compared with dev; one that makes no cluster is left out.
 * @throws when a pod differs, or a capability has no resource.
 */
export async function parity(stacks: readonly string[]): Promise<string> {
  const all: Compared[] = [];
  for (const stack of new Set([DEV, ...stacks])) {
    const config = stackConfig(stack);
    const { provider } = config["multi-client:cluster"] as { provider: unknown };
    const cloud = isManagedProvider(provider) ? provider : undefined;
    if (stack === DEV || cloud !== undefined)
      all.push({ stack, cloud, resources: (await renderProgram(stack, config)).resources });
  }
  const [dev, ...managed] = all;
  const workloads = (dev?.resources ?? []).filter(isWorkload).sort((a, b) => (a.name < b.name ? -1 : 1));
  const columns = all.map(({ stack }) => `\`${stack}\``);
  return [
    "# Parity",
    "",
    "Generated by `make test UPDATE=1` from what the program registers for each stack; a test keeps it current.",
    "",
    "## The same in `dev` and in every prod stack",
    "",
    "The whole pod of each workload, but for number, annotations and spread: images by digest, commands, ports, environment, probes,",
    "security, resources, volumes. The program refuses to print this page when one differs.",
    "",
    table(["workload", "image (by digest)", "port", "user"], workloads.map(podRow)),
    "",
    "## What differs",
    "",
    table(
      ["", ...columns],
      [
        ...workloads.map(({ name }) => [`pods of ${name}`, ...all.map((each) => numberOfPods(each, name))]),
        ["resources", ...all.map(({ resources }) => String(resources.length))],
      ],
    ),
    "",
    "Every Kubernetes object that some of them do not have, and every field whose value differs where they have it:",
    "",
    table(["object", "field", ...columns], differences(all)),
    "",
    "## What gives each capability of the cluster",
    "",
    table(
      ["capability", ...managed.map(({ stack, cloud = "" }) => `${cloud.toUpperCase()} (\`${stack}\`)`)],
      capabilities.map((capability) => [capability, ...managed.map((each) => giver(each, capability))]),
    ),
    "",
    "Who may connect to whom is the same on every stack: [network](network.md).",
    "",
  ].join("\n");
}
