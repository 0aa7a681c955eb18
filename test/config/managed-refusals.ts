import type { Refusal } from "./refusals.ts";

const common = { authorizedCidrs: ["198.51.100.0/24"], owner: "platform", costCentre: "cc-1" };
const zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];
const role = "arn:aws:iam::123456789012:role/platform";
const eks = { provider: "eks", ...common, admins: [role], network: { zones } };
const aks = { provider: "aks", ...common, admins: ["11111111-2222-3333-4444-555555555555"] };
const gke = { provider: "gke", ...common, admins: ["group:platform@corp.test"] };

/** Managed clusters that are right, by provider. */
export const managed = {
  eks: { cluster: eks, exposure: { type: "ingress" } },
  aks: { cluster: aks, exposure: { type: "loadBalancer" } },
  gke: { cluster: gke, exposure: { type: "gateway" } },
} as const;

/** Makes a stack file of that provider with some settings of its cluster changed. */
const changed = (provider: keyof typeof managed) => (change: object) => ({
  ...managed[provider],
  cluster: { ...managed[provider].cluster, ...change },
});
export const [onEks, onAks, onGke] = [changed("eks"), changed("aks"), changed("gke")];

/** What is refused before any cloud is asked. */
export const managedRefusals: Refusal[] = [
  [
    "a version that is over",
    onEks({ kubernetesVersion: "1.34" }),
    "cluster.kubernetesVersion",
    /"1\.34", whose standard support on eks ended 2026-12-02/,
    /^1\.35, 1\.36 \(https:/,
    /kubernetesVersion' '1\.36'$/,
  ],
  [
    "a version that nobody offers",
    onGke({ kubernetesVersion: "1.99" }),
    "cluster.kubernetesVersion",
    /1\.99/,
    /1\.34, 1\.35, 1\.36 on gke/,
    /'1\.36'/,
  ],
  [
    "an API server for the whole internet",
    onAks({ authorizedCidrs: ["0.0.0.0/0"] }),
    "cluster.authorizedCidrs[0]",
    /0\.0\.0\.0\/0/,
    /the networks you come from/,
    /<your network>/,
  ],
  [
    "requests that Autopilot would raise",
    { ...managed.gke, services: { client: { resources: { requests: { cpu: "10m" } } } } },
    "services.client.resources.requests.cpu",
    /^10m$/,
    /at least 50m: GKE Autopilot raises less/,
    /requests\.cpu' 50m$/,
  ],
  [
    "nobody who administers it",
    onGke({ admins: [] }),
    "cluster.admins",
    /\[\]/,
    /at least the deployer/,
    /group:/,
  ],
  [
    "an administrator of another account",
    onEks({ admins: ["arn:aws:iam::999999999999:role/platform"] }),
    "cluster.admins[0]",
    /999999999999/,
    /123456789012/,
    /123456789012:role\/<role>/,
  ],
  [
    "two zones",
    onEks({ network: { zones: zones.slice(1) } }),
    "cluster.network.zones",
    /eu-central-1b/,
    /three availability zones/,
    /eu-central-1a/,
  ],
  [
    "one zone twice",
    onEks({ network: { zones: [zones[0], zones[0], zones[1]] } }),
    "cluster.network.zones",
    /eu-central-1a/,
    /three different zones/,
    /eu-central-1c/,
  ],
  [
    "zones of another region",
    onEks({ network: { zones: ["us-east-1a", "us-east-1b", "us-east-1c"] } }),
    "cluster.network.zones",
    /us-east-1a/,
    /aws:region, eu-central-1/,
    /eu-central-1a/,
  ],
  ["no zones", onEks({ network: {} }), "cluster.network.zones", /nothing/, /three/, /eu-central-1a/],
  [
    "a name too long for a cloud",
    onGke({ name: "multi-client-of-europe" }),
    "cluster.name",
    /multi-client-of-europe/,
    /up to 20/,
    /multi-client/,
  ],
  [
    "fewer nodes at most than at least",
    onAks({ nodes: { min: 5, max: 4 } }),
    "cluster.nodes.max",
    /4/,
    /at least nodes\.min, which is 5/,
    / 5$/,
  ],
  [
    "an edge of another cloud",
    { ...managed.gke, exposure: { type: "ingress" } },
    "exposure.type",
    /ingress/,
    /clusterIP or gateway: what gke offers/,
    /gateway/,
  ],
  [
    "a certificate of another region",
    {
      ...managed.eks,
      exposure: { type: "ingress", certificate: "arn:aws:acm:us-east-1:123456789012:certificate/x" },
    },
    "exposure.certificate",
    /us-east-1/,
    /arn:aws:acm:eu-central-1:123456789012:certificate/,
    /<id>/,
  ],
  [
    "an AWS certificate on Google Cloud",
    {
      ...managed.gke,
      exposure: { type: "gateway", certificate: "arn:aws:acm:eu-central-1:123456789012:certificate/x" },
    },
    "exposure.certificate",
    /arn:aws/,
    /Certificate Manager map/,
    /multi-client/,
  ],
  [
    "a certificate where the client's nginx ends TLS",
    { ...managed.aks, exposure: { type: "loadBalancer", certificate: "multi-client" } },
    "exposure.certificate",
    /multi-client/,
    /exposure\.tls instead/,
    /config rm/,
  ],
  [
    "an administrator who is named twice",
    {
      ...managed.eks,
      cluster: {
        ...(managed.eks.cluster as object),
        admins: ["arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/a"],
      },
    },
    "cluster.admins",
    /role\/a/,
    /each entry once/,
    /^in the stack file, under multi-client:cluster: admins: \["arn:aws:iam::123456789012:role\/a"\]$/,
  ],
  [
    "a private network that would come over the internet",
    { ...managed.eks, cluster: { ...(managed.eks.cluster as object), authorizedCidrs: ["10.0.0.0/8"] } },
    "cluster.authorizedCidrs[0]",
    /10\.0\.0\.0\/8/,
    /networks you come from/,
    /your network/,
  ],
  [
    "a network with host bits",
    { ...managed.eks, cluster: { ...(managed.eks.cluster as object), authorizedCidrs: ["198.51.100.7/24"] } },
    "cluster.authorizedCidrs[0]",
    /198\.51\.100\.7/,
    /without host bits/,
    /your network/,
  ],
  [
    "a role of another partition",
    {
      ...managed.eks,
      cluster: { ...(managed.eks.cluster as object), admins: ["arn:aws-us-gov:iam::123456789012:role/a"] },
    },
    "cluster.admins[0]",
    /aws-us-gov/,
    /role/,
    /arn:aws:iam/,
  ],
];
