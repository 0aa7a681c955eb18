import { z } from "zod";
import { enumOf, describe, object, string, integer } from "./schema-types.ts";

/** The five kinds of `multi-client:cluster`: a cluster that is there, or one that the stack makes. */

const kubeContextName = string(/^[\w.:@/+-]+$/, {
  allowed: "the name of a kubeconfig context",
  example: "kind-kind",
});
const minikube = z.strictObject({
  provider: z.literal("minikube"),
  profile: string(/^[a-zA-Z0-9][a-zA-Z0-9_-]*$/, {
    allowed: "a minikube profile, which is also its context",
    example: "minikube",
  })
    .default("minikube")
    .describe("minikube profile; also the name of its kubeconfig context."),
  driver: enumOf(["docker", "hyperkit", "kvm2", "vfkit", "none"])
    .exactOptional()
    .describe("minikube driver. Default: minikube's own choice. hyperkit is deprecated: prefer vfkit."),
  kubernetesVersion: string(/^1\.\d+(\.\d+)?$/, { allowed: "a Kubernetes version", example: "'1.36'" })
    .exactOptional()
    .describe("Kubernetes version that `make up` starts minikube with."),
});

const existing = z.strictObject({
  provider: z.literal("existing"),
  context: kubeContextName.describe("kubeconfig context of the cluster."),
  local: z
    .boolean({ error: describe("true or false", "true") })
    .default(false)
    .describe("On this computer: node ports and images without digest are allowed, data is not protected."),
  nodeAddress: string(/^([a-zA-Z0-9][\w.-]*|\[[0-9a-fA-F:]+\])$/, {
    allowed: "an address",
    example: "127.0.0.1",
  })
    .exactOptional()
    .describe("Address at which node ports answer. Only makes `url`."),
  storageClass: string(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/, {
    allowed: "the name of a StorageClass: a DNS name in lower case",
    example: "standard",
  })
    .exactOptional()
    .describe("StorageClass of the claims. Fixed at creation."),
});

/** One part of a dotted address. */
const OCTET = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const cidr = (example: string) =>
  string(new RegExp(`^${OCTET}(\\.${OCTET}){3}/(\\d|[12]\\d|3[0-2])$`), {
    allowed: "an IPv4 network in CIDR notation",
    example,
  });
const list = <T extends z.ZodType>(of: T, allowed: string, example: string) =>
  z.array(of, { error: describe(allowed, example) });

/** Of every managed cluster. */
const managed = {
  name: string(/^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/, {
    // The providers add 8. Google's service accounts have 30 characters at most, and the group that AKS makes for its
    // nodes, MC_<group>_<cluster>_<location>, has 80: test/config/names.test.ts.
    allowed: "up to 20 lower-case letters, digits and '-', first a letter",
    example: "multi-client",
  })
    .default("multi-client")
    .describe("First part of the name of everything that is made. Fixed at creation."),
  kubernetesVersion: string(/^1\.\d+$/, { allowed: "a minor version of Kubernetes", example: "'1.36'" })
    .default("1.36")
    .describe("Minor version of the control plane; upgraded in place, one at a time."),
  authorizedCidrs: list(
    cidr("203.0.113.0/24"),
    "a list of CIDRs that may reach the API server",
    "'[]'",
  ).describe(
    "Who reaches the API server over the internet; an empty list: nobody, only the cluster's network (on GKE the " +
      "DNS endpoint still answers whom IAM lets in). On AKS, whether it is empty is fixed at creation.",
  ),
  deletionProtection: z
    .boolean({ error: describe("true or false", "true") })
    .default(true)
    .describe(
      "Nobody deletes the cluster by accident: the cloud itself refuses on EKS and AKS, the provider on GKE. make destroy takes it off.",
    ),
  owner: tag("platform").describe("Who answers for it: a tag or label of everything."),
  costCentre: tag("cc-1234").describe("Who pays for it: a tag or label of everything."),
};

/** What is a tag in AWS and Azure and a label in Google Cloud, the strictest of the three. */
function tag(example: string) {
  return string(/^[a-z0-9_-]{1,63}$/, { allowed: "1 to 63 of a-z, 0-9, '_' and '-'", example });
}
const logRetentionDays = integer(30, 730, 90).default(90).describe("Days for which audit logs are kept.");
const serviceCidr = (example: string) =>
  cidr(example).default(example).describe("Addresses of Services. Fixed at creation.");
const podCidr = (example: string) =>
  cidr(example).default(example).describe("Addresses of pods. Fixed at creation.");
const nodesCidr = (example: string) =>
  cidr(example).default(example).describe("The network. Fixed at creation.");

const eks = z.strictObject({
  provider: z.literal("eks"),
  ...managed,
  admins: list(
    string(/^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]+$/, {
      allowed: "the ARN of an IAM role",
      example: "arn:aws:iam::111122223333:role/platform",
    }),
    "a list of role ARNs, the deployer's among them",
    "'[\"arn:aws:iam::111122223333:role/platform\"]'",
  )
    .min(1, {
      error: describe("at least the deployer's role", "'[\"arn:aws:iam::111122223333:role/platform\"]'"),
    })
    .describe("IAM roles that administer the cluster; the deployer's must be one of them."),
  network: object(
    {
      cidr: nodesCidr("10.0.0.0/16"),
      serviceCidr: serviceCidr("172.20.0.0/16"),
      zones: list(
        string(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, { allowed: "an availability zone", example: "eu-central-1a" }),
        "three availability zones of the region",
        '\'["eu-central-1a","eu-central-1b","eu-central-1c"]\'',
      )
        .length(3, {
          error: describe(
            "three availability zones",
            '\'["eu-central-1a","eu-central-1b","eu-central-1c"]\'',
          ),
        })
        .describe("Three availability zones. Fixed at creation."),
      nat: enumOf(["zone", "single"])
        .default("zone")
        .describe(
          "A NAT gateway in each zone, or one for all: cheaper, and a zone that fails takes all out.",
        ),
    },
    "{zones: [eu-central-1a, eu-central-1b, eu-central-1c]}",
  ),
  // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
  logRetentionDays: z
    .literal([30, 60, 90, 120, 150, 180, 365, 400, 545, 731], {
      error: describe("30, 60, 90, 120, 150, 180, 365, 400, 545 or 731", "90"),
    })
    .default(90)
    .describe("Days for which audit logs are kept."),
});

const guid = (what: string) =>
  string(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, {
    allowed: what,
    example: "00000000-0000-0000-0000-000000000000",
  });
const aks = z.strictObject({
  provider: z.literal("aks"),
  ...managed,
  admins: list(
    guid("the object id of an Entra group"),
    "a list of object ids of Entra groups, one with the deployer in it",
    "'[\"00000000-0000-0000-0000-000000000000\"]'",
  )
    .min(1, {
      error: describe("at least the deployer's group", "'[\"00000000-0000-0000-0000-000000000000\"]'"),
    })
    .describe("Entra groups that administer the cluster; the deployer must be in one of them."),
  network: object(
    {
      cidr: nodesCidr("10.0.0.0/16"),
      podCidr: podCidr("10.244.0.0/16"),
      serviceCidr: serviceCidr("10.1.0.0/16"),
    },
    "{cidr: 10.0.0.0/16}",
  ).prefault({}),
  nodes: object(
    {
      vmSize: string(/^Standard_[A-Za-z0-9_]+$/, { allowed: "the size of a VM", example: "Standard_D4ds_v5" })
        .default("Standard_D4ds_v5")
        .describe("Size of every node: x86, with a temporary disk that holds the system disk."),
      min: integer(1, 100, 3).default(3).describe("Least number of nodes for workloads."),
      max: integer(1, 100, 6).default(6).describe("Largest number of nodes for workloads."),
    },
    "{min: 3, max: 6}",
  ).prefault({}),
  logRetentionDays,
});

const gke = z.strictObject({
  provider: z.literal("gke"),
  ...managed,
  admins: list(
    string(/^(group|user|serviceAccount|principal|principalSet):\S+$/, {
      allowed: "an IAM member",
      example: "group:platform@example.com",
    }),
    "a list of IAM members, the deployer among them",
    "'[\"group:platform@example.com\"]'",
  )
    .min(1, { error: describe("at least the deployer", "'[\"group:platform@example.com\"]'") })
    .describe("IAM members that administer the cluster; the deployer must be one of them."),
  network: object(
    {
      cidr: nodesCidr("10.0.0.0/20"),
      podCidr: podCidr("10.4.0.0/14"),
      serviceCidr: serviceCidr("10.8.0.0/20"),
    },
    "{cidr: 10.0.0.0/20}",
  ).prefault({}),
});

/** `multi-client:cluster`. */
export const cluster = z.discriminatedUnion("provider", [minikube, existing, eks, aks, gke], {
  error: describe("minikube, existing, eks, aks or gke", "minikube"),
});
export type ClusterConfig = z.infer<typeof cluster>;
/** A cluster that the stack makes. */
export type ManagedConfig = Extract<ClusterConfig, { readonly provider: "eks" | "aks" | "gke" }>;

/** Whether the stack makes the cluster. */
export function isManaged(config: ClusterConfig): config is ManagedConfig {
  return config.provider === "eks" || config.provider === "aks" || config.provider === "gke";
}
