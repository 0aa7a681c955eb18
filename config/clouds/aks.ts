import type { z } from "zod";
import { mostNodes } from "../../components/cluster/aks/node-count.ts";
import { parseCidr } from "../../components/cluster/cidr.ts";
import { freeNetwork, networkExpectation } from "../network-checks.ts";
import { collectEach, ifReadable } from "../poisoned.ts";
import { either, problem, setCommand, settingKey, settingProblem, shown } from "../problems.ts";
import { guidPattern, integer, list, object, string } from "../schema-types.ts";
import { podResources, totalOf } from "./pod-resources.ts";
import { cpusOf, vmSizeProblem } from "./aks-vm-sizes.ts";
import {
  logRetentionDays,
  managedCluster,
  networkSettings,
  region,
  type CloudCheck,
  type CloudTarget,
  type Networks,
} from "./cloud-target.ts";

/** The GUID of nobody, which stands for every id. */
const placeholderId = "00000000-0000-0000-0000-000000000000";
const planning = "https://learn.microsoft.com/azure/aks/concepts-network-ip-address-planning";

/** The setting of an id that `az account show` tells. */
const id = (name: string, of: string) => ({
  key: `azure-native:${name}`,
  pattern: guidPattern,
  title: `the id of a ${of}`,
  example: `$(az account show --query ${name.replace("subscriptionId", "id")} -o tsv)`,
  placeholder: placeholderId,
});
const account = {
  location: region("azure-native:location", /^[a-z]+\d?$/, "westeurope"),
  subscriptionId: id("subscriptionId", "subscription"),
  tenantId: id("tenantId", "tenant"),
} as const;

const vmSize = (example: string) =>
  string(/^Standard_[A-Za-z0-9_]+$/, "the size of a VM", example).default(example);

const cluster = managedCluster(
  "aks",
  {
    protectedBy: "a lock of Azure",
    authorizedCidrs: "Whether it is empty is fixed at creation.",
  },
  {
    admins: list(
      string(guidPattern, "the object id of an Entra group", placeholderId, "<object id>"),
      "a list of object ids of Entra groups, at least the deployer's group",
      [placeholderId],
    ).describe("The Entra groups that administer the cluster. The deployer must be in one of them."),
    network: object(
      {
        cidr: networkSettings.cidr("10.0.0.0/16"),
        podCidr: networkSettings.podCidr("10.244.0.0/16"),
        serviceCidr: networkSettings.serviceCidr("10.1.0.0/16"),
      },
      { cidr: "10.0.0.0/16" },
    ).prefault({}),
    nodes: object(
      {
        vmSize: vmSize("Standard_D2ds_v5").describe(
          "The size of every node for workloads: x86, with a temporary disk that holds the system disk.",
        ),
        systemVmSize: vmSize("Standard_D4ds_v5").describe(
          "The size of the two or three nodes for what AKS itself runs: at least 4 CPUs. Fixed at creation.",
        ),
        min: integer(1, 100, 3).default(3).describe("The least number of nodes for workloads."),
        max: integer(1, 100, 6).default(6).describe("The largest number of nodes for workloads."),
      },
      { min: 3, max: 6 },
    ).prefault({}),
    logRetentionDays,
    containerRegistry: string(
      /^\/subscriptions\/[0-9a-fA-F-]{36}\/resourceGroups\/[\w().-]{1,90}\/providers\/Microsoft\.ContainerRegistry\/registries\/[a-zA-Z0-9]{5,50}$/,
      "the resource id of an Azure container registry",
      "$(az acr show --name NAME --query id --output tsv)",
    )
      .exactOptional()
      .describe(
        "The container registry from which the nodes may pull: the stack gives their identity the role AcrPull on it.",
      ),
  },
);

const networks = {
  sizes: {
    // Each node has one address of the network, and its overlay pods a /24.
    cidr: { largest: 16, smallest: 24 },
    podCidr: { largest: 9, smallest: 18 },
    // "The service address CIDR must be smaller than /12."
    serviceCidr: { largest: 13, smallest: 24, source: planning },
  },
  // 169.254.0.0/16 and 192.0.2.0/24 are reserved too, and are not private.
  reserved: {
    cidrs: ["172.30.0.0/16", "172.31.0.0/16"],
    source: "https://learn.microsoft.com/azure/aks/concepts-network-cni-overview#prerequisites",
  },
  authorizesPrivateCidrs: false,
  // Of 200, one is the address of the NAT gateway, by which the nodes come (`components/cluster/aks/control-plane.ts`).
  authorizedCidrs: {
    most: 199,
    source:
      "https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges#limitations-and-considerations",
  },
} satisfies Networks;

type Check = CloudCheck<z.infer<typeof cluster>>;

const checkNodeRange: Check = ({ nodes: { min, max } }) =>
  min <= max
    ? []
    : [problem(["cluster", "nodes", "max"], max, `at least nodes.min, which is ${String(min)}`, min)];

const checkVmSizes: Check = ({ nodes }) =>
  collectEach(["vmSize", "systemVmSize"] as const, (field) => {
    const wrong =
      (field === "systemVmSize" ? systemProblem(nodes[field]) : undefined) ?? vmSizeProblem(nodes[field]);
    return wrong ? [problem(["cluster", "nodes", field], nodes[field], wrong.title, wrong.example)] : [];
  });

/** The sizes that the pool of the system may have: https://learn.microsoft.com/azure/aks/use-system-pools */
function systemProblem(size: string): { readonly title: string; readonly example: string } | undefined {
  const isSmall = (cpusOf(size) ?? 4) < 4 || size.startsWith("Standard_B");
  const title =
    "a size with 4 CPUs or more, and not of the B family (https://learn.microsoft.com/azure/aks/use-system-pools)";
  return isSmall ? { title, example: "Standard_D4ds_v5" } : undefined;
}

/** The CPUs that AKS keeps for itself on a node, by the least CPUs of a node that it is kept of. */
const keptCpus = Object.entries({ 1: 0.06, 2: 0.1, 4: 0.14, 8: 0.18, 16: 0.26, 32: 0.42, 64: 0.74 });

/**
 * A pod that requests more than AKS leaves of a node's CPUs never runs. What runs on every node takes some more of it, which
 * Azure changes as it likes: that is not counted.
 *
 * @see https://learn.microsoft.com/azure/aks/node-resource-reservations
 */
const checkPodsFitNodes: Check = ({ nodes: { vmSize } }, { services, overrides }) => {
  const cpus = cpusOf(vmSize);
  if (cpus === undefined) return [];
  const [, kept = 0] = keptCpus.findLast(([least]) => Number(least) <= cpus) ?? [];
  const left = Number((cpus - kept).toFixed(2));
  return collectEach(Object.entries(services), ([key, service]) => {
    const { own, sidecars } = podResources(service, overrides()[key]);
    const containers = [own, ...Object.values(sidecars)];
    const total = Number(totalOf(containers, "cpu").toFixed(3));
    if (total <= left) return [];
    const path = ["services", key, "resources", "requests", "cpu"];
    const whole = containers.length > 1 ? `, ${String(total)} with the other containers of its pod` : "";
    const expected = `at most ${String(left)}: of the ${String(cpus)} CPUs of a node (${vmSize}) AKS keeps ${String(kept)}`;
    const limit = { ...service.resources.requests }.cpu ?? "100m";
    return [settingProblem(path, `${shown(own.requests?.cpu)}${whole}`, expected, setCommand(path, limit))];
  });
};

/**
 * Each AKS node takes a /24 for its pods and an address of its own. Half of the network is the nodes' subnet
 * (`components/cluster/aks/network.ts`), and Azure keeps five addresses of it.
 *
 * @see https://learn.microsoft.com/azure/aks/azure-cni-overlay
 * @see https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq
 */
const checkRoomForNodes: Check = ({ nodes: { max }, network }) => {
  const room = (field: "cidr" | "podCidr", of: (prefix: number) => number, each: string) =>
    // A network that is refused already is no measure.
    ifReadable(() =>
      networkExpectation("aks", networks, field, network) === undefined
        ? { field, each, count: of(parseCidr(network[field]).prefix) }
        : undefined,
    );
  const [least] = [
    room("podCidr", (prefix) => 2 ** (24 - prefix), "a /24 each"),
    room("cidr", (prefix) => 2 ** (31 - prefix) - 5, "an address each, of the half that is theirs"),
  ]
    .filter((found) => found !== undefined)
    .sort((a, b) => a.count - b.count);
  if (!least || mostNodes(max) <= least.count) return [];
  let fitting = max;
  while (mostNodes(fitting) > least.count) fitting -= 1;
  const network_ = ["cluster", "network", least.field];
  const expected =
    `at most ${String(fitting)}: ${settingKey(network_)} has room for ${String(least.count)} nodes, ${least.each}, ` +
    `and with the pool of the system and an upgrade there would be ${String(mostNodes(max))} (${planning})`;
  const path = ["cluster", "nodes", "max"];
  const larger = setCommand(network_, freeNetwork(least.field, network));
  const fix = either(setCommand(path, fitting), "before the first deployment", larger);
  return [settingProblem(path, String(max), expected, fix)];
};

/** Azure Kubernetes Service. */
export const aks = {
  cluster,
  account,
  placeholderAdmin: new RegExp(`^${placeholderId}$`),
  adminKey: (guid) => guid.toLowerCase(),
  versions: {
    // 12 months after general availability; its calendar names months, of which these are the last days.
    source: "https://learn.microsoft.com/azure/aks/supported-kubernetes-versions",
    // As of 2026-11-23.
    versions: {
      "1.34": { end: "2026-11-30", exact: false },
      "1.35": { end: "2027-03-31", exact: false },
      "1.36": { end: "2027-06-30", exact: false },
    },
  },
  networks,
  bucket: false,
  edge: { type: "loadBalancer", certificate: undefined },
  checks: [checkNodeRange, checkVmSizes, checkPodsFitNodes, checkRoomForNodes],
  toArgs: ({ cluster: settings, account: own, tags }) => ({ ...settings, ...own, tags }),
  // A public cluster cannot become a private one: https://learn.microsoft.com/azure/aks/private-clusters (limitations).
  // Which networks reach a public one may change.
  immutableSettings: ({ authorizedCidrs, nodes }) => ({
    authorizedCidrs: authorizedCidrs.length > 0 ? "[your network]" : "[]",
    "nodes.systemVmSize": nodes.systemVmSize,
  }),
} satisfies CloudTarget<"aks", typeof cluster, typeof account>;
