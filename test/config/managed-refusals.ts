import { managed, minikube, onAks, onEks, onGke } from "./facts.ts";
import type { Refusal } from "./refusals.ts";

const { zones } = managed.eks.cluster.network;

/** Refusals of settings of managed clusters, before any cloud is asked. */
export const managedRefusals: readonly Refusal[] = [
  ["a version that is over", onEks({ kubernetesVersion: "1.34" }), "cluster.kubernetesVersion"],
  ["a version that nobody offers", onGke({ kubernetesVersion: "1.99" }), "cluster.kubernetesVersion"],
  [
    "an API server for the whole internet",
    onAks({ authorizedCidrs: ["0.0.0.0/0"] }),
    "cluster.authorizedCidrs[0]",
  ],
  [
    "requests that Autopilot would raise",
    { ...managed.gke, services: { client: { resources: { requests: { cpu: "10m" } } } } },
    "services.client.resources.requests.cpu",
  ],
  ["nobody who administers it", onGke({ admins: [] }), "cluster.admins"],
  [
    "an administrator of another account",
    onEks({ admins: ["arn:aws:iam::999999999999:role/platform"] }),
    "cluster.admins[0]",
  ],
  // The words that such a setting may have are numbers.
  ["a log retention in words", onEks({ logRetentionDays: "ninety" }), "cluster.logRetentionDays"],
  ["two zones", onEks({ network: { zones: zones.slice(1) } }), "cluster.network.zones"],
  ["one zone twice", onEks({ network: { zones: [zones[0], zones[0], zones[1]] } }), "cluster.network.zones"],
  [
    "zones of another region",
    onEks({ network: { zones: ["us-east-1a", "us-east-1b", "us-east-1c"] } }),
    "cluster.network.zones",
  ],
  ["no zones", onEks({ network: {} }), "cluster.network.zones"],
  ["a name too long for a cloud", onGke({ name: "multi-client-of-europe" }), "cluster.name"],
  ["fewer nodes at most than at least", onAks({ nodes: { min: 5, max: 4 } }), "cluster.nodes.max"],
  [
    "an edge of another cloud",
    { ...managed.gke, exposure: { type: "ingress", plainHttp: true } },
    "exposure.type",
  ],
  [
    "a certificate of another region",
    {
      ...managed.eks,
      exposure: { type: "ingress", certificate: "arn:aws:acm:us-east-1:123456789012:certificate/x" },
    },
    "exposure.certificate",
  ],
  [
    "an AWS certificate on Google Cloud",
    {
      ...managed.gke,
      exposure: { type: "gateway", certificate: "arn:aws:acm:eu-central-1:123456789012:certificate/x" },
    },
    "exposure.certificate",
  ],
  [
    "a certificate where the client's nginx ends TLS",
    { ...managed.aks, exposure: { type: "loadBalancer", certificate: "multi-client", plainHttp: true } },
    "exposure.certificate",
  ],
  [
    "an administrator who is named twice",
    onEks({ admins: ["arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/a"] }),
    "cluster.admins",
  ],
  [
    "one Entra group in two spellings",
    onAks({
      admins: ["7b0a6f0c-53de-4f0c-9d4f-1f2e3d4c5b6a", "7B0A6F0C-53DE-4F0C-9D4F-1F2E3D4C5B6A"],
    }),
    "cluster.admins",
  ],
  [
    "one mail address in two spellings",
    onGke({ admins: ["group:ops@corp.test", "group:Ops@corp.test"] }),
    "cluster.admins",
  ],
  ...[onEks, onAks, onGke].map((on, index): Refusal => {
    const most = [40, 199, 100][index] ?? 0;
    const authorizedCidrs = Array.from({ length: most + 1 }, (_, last) => `198.51.100.${String(last)}/32`);
    return [
      `${String(most + 1)} networks that reach an API server`,
      on({ authorizedCidrs }),
      "cluster.authorizedCidrs",
    ];
  }),
  [
    "a private network that would come over the internet",
    onEks({ authorizedCidrs: ["10.0.0.0/8"] }),
    "cluster.authorizedCidrs[0]",
  ],
  ["a network with host bits", onEks({ authorizedCidrs: ["198.51.100.7/24"] }), "cluster.authorizedCidrs[0]"],
  [
    "a role of another partition",
    onEks({ admins: ["arn:aws-us-gov:iam::123456789012:role/a"] }),
    "cluster.admins[0]",
  ],
];

/** Refusals of the networks of managed clusters, and of the nodes in them. */
export const networkRefusals: readonly Refusal[] = [
  [
    "networks that overlap",
    onAks({ network: { cidr: "10.0.0.0/16", serviceCidr: "10.0.8.0/22" } }),
    "cluster.network.serviceCidr",
  ],
  [
    "a network too small for six subnets",
    onEks({ network: { zones, cidr: "10.0.0.0/24" } }),
    "cluster.network.cidr",
  ],
  ["pods of a handful of nodes", onGke({ network: { podCidr: "10.4.0.0/22" } }), "cluster.network.podCidr"],
  ["addresses of somebody else", onGke({ network: { cidr: "8.8.0.0/20" } }), "cluster.network.cidr"],
  ["host bits", onAks({ network: { cidr: "10.0.1.0/16" } }), "cluster.network.cidr"],
  [
    "networks that overlap, with a network that is free",
    onAks({ network: { cidr: "172.20.0.0/16", serviceCidr: "172.20.8.0/22" } }),
    "cluster.network.serviceCidr",
  ],
  [
    "Services where AKS has its own network",
    onAks({ network: { serviceCidr: "172.30.0.0/16" } }),
    "cluster.network.serviceCidr",
  ],
  [
    "pods around AKS's own network",
    onAks({ network: { podCidr: "172.16.0.0/12" } }),
    "cluster.network.podCidr",
  ],
  ["nodes within AKS's own network", onAks({ network: { cidr: "172.31.128.0/20" } }), "cluster.network.cidr"],
  [
    "more Services than AKS takes",
    onAks({ network: { serviceCidr: "10.16.0.0/12" } }),
    "cluster.network.serviceCidr",
  ],
  [
    "more Services than EKS takes",
    onEks({ network: { zones, serviceCidr: "10.32.0.0/11" } }),
    "cluster.network.serviceCidr",
  ],
  [
    "fewer Services than EKS takes",
    onEks({ network: { zones, serviceCidr: "172.20.0.0/25" } }),
    "cluster.network.serviceCidr",
  ],
  [
    "a VPC larger than AWS makes one",
    onEks({ network: { zones, cidr: "10.2.0.0/15" } }),
    "cluster.network.cidr",
  ],
  [
    "more Services than GKE takes",
    onGke({ network: { serviceCidr: "10.16.0.0/15" } }),
    "cluster.network.serviceCidr",
  ],
  [
    "more AKS nodes than their pods have networks",
    onAks({ network: { podCidr: "10.244.0.0/18" }, nodes: { max: 46 } }),
    "cluster.nodes.max",
  ],
  [
    "more AKS nodes than their half of the network has addresses",
    onAks({ network: { cidr: "10.0.0.0/24" }, nodes: { max: 90 } }),
    "cluster.nodes.max",
  ],
  [
    "AKS nodes with an Arm processor",
    onAks({ nodes: { vmSize: "Standard_D4pds_v5" } }),
    "cluster.nodes.vmSize",
  ],
  ...["D8s_v5", "E4as_v6", "DC4as_cc_v5", "F4as_v6", "B4ms_v2"].map((size): Refusal => [
    `AKS nodes without a local disk, ${size}`,
    onAks({ nodes: { vmSize: `Standard_${size}` } }),
    "cluster.nodes.vmSize",
  ]),
];

/** Refusals of what could be made, and would never run. */
export const neverRunRefusals: readonly Refusal[] = [
  ...["D2s_v3", "E2as_v4", "F2s_v2", "F4s", "B4ms"].map((size): Refusal => [
    `AKS nodes without room for the system disk, ${size}`,
    onAks({ nodes: { vmSize: `Standard_${size}` } }),
    "cluster.nodes.vmSize",
  ]),
  ...["D4d_v5", "E4d_v5", "D4_v3", "D2_v2", "A4_v2", "B4ls_v2", "G3"].map((size): Refusal => [
    `AKS nodes without premium or local disks, ${size}`,
    onAks({ nodes: { vmSize: `Standard_${size}` } }),
    "cluster.nodes.vmSize",
  ]),
  ...["D2ds_v5", "B4ms"].map((size): Refusal => [
    `an AKS system pool of ${size}`,
    onAks({ nodes: { systemVmSize: `Standard_${size}` } }),
    "cluster.nodes.systemVmSize",
  ]),
  [
    "as many CPUs for a pod as an AKS node has",
    { ...managed.aks, services: { client: { resources: { requests: { cpu: 2 } } } } },
    "services.client.resources.requests.cpu",
  ],
  [
    "more CPUs for the containers of a pod than an AKS node has",
    {
      ...onAks({ nodes: { vmSize: "Standard_D2ds_v5" } }),
      services: { postgres: { resources: { requests: { cpu: "1995m" } } } },
    },
    "services.postgres.resources.requests.cpu",
  ],
  ...["0", 0, "0m"].map((cpu): Refusal => [
    `an autoscaler of a service with a CPU request of ${JSON.stringify(cpu)}`,
    {
      ...minikube,
      services: {
        client: { scale: { min: 1, max: 3, cpu: 70 }, resources: { requests: { cpu } } },
      },
    },
    "services.client.resources.requests.cpu",
  ]),
  ...["1.29", "1.29.14", "1.9", "1.0"].map((kubernetesVersion): Refusal => [
    `minikube of version ${kubernetesVersion}`,
    { cluster: { provider: "minikube", kubernetesVersion } },
    "cluster.kubernetesVersion",
  ]),
];

const cidrs = [
  "127.0.0.0/8",
  "127.0.0.1/32",
  "169.254.0.0/16",
  "169.254.169.254/32",
  "0.0.0.0/8",
  "224.0.0.0/8",
];
const malformed = [
  "010.1.0.0/16",
  "198.051.100.0/24",
  "198.51.100.00/24",
  "256.0.0.0/8",
  "198.51.100.0/33",
  "198.51.100.1",
];
const members = [
  "user:ann",
  "group:ops",
  "user:@corp.test",
  "user:ann@corp",
  "serviceAccount:ci",
  "principal:ann",
  "user:user:ann@corp.test",
  "user:ann@corp.test, user:bob@corp.test",
];
const roles = [
  "arn:aws:iam::123456789012:role/",
  "arn:aws:iam::123456789012:role/a//b",
  "arn:aws:iam::12345:role/a",
  "arn:aws:iam::123456789012:user/a",
  `arn:aws:iam::123456789012:role/${"a".repeat(65)}`,
];

/** Refusals of members of lists that only begin as they should, or from which nobody comes. */
export const memberRefusals: readonly Refusal[] = [
  ...cidrs.map((cidr): Refusal => [
    `${cidr}, from which nobody comes`,
    onGke({ authorizedCidrs: [cidr] }),
    "cluster.authorizedCidrs[0]",
  ]),
  ...malformed.map((cidr): Refusal => [
    `${cidr} as a network`,
    onAks({ authorizedCidrs: [cidr] }),
    "cluster.authorizedCidrs[0]",
  ]),
  ...members.map((member): Refusal => [
    `${member} as an IAM member`,
    onGke({ admins: [member] }),
    "cluster.admins[0]",
  ]),
  ...roles.map((role): Refusal => [`${role} as a role`, onEks({ admins: [role] }), "cluster.admins[0]"]),
];
