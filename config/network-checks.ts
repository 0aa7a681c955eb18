import { mostNodes } from "../components/cluster/aks/nodes.ts";
import { contains, overlap, parseCidr } from "../components/cluster/cidr.ts";
import type { ManagedConfig } from "./clusters.ts";
import type { ManagedProvider } from "./kubernetes-versions.ts";
import { setCommand, settingKey, shown, type Problem } from "./problems.ts";
import { collectProblems, ifReadable } from "./poisoned.ts";

type Field = "cidr" | "podCidr" | "serviceCidr";
type Cidrs = Partial<Readonly<Record<Field, string>>>;

/** Prefixes that are taken, the largest network first; without a source the limits are this program's. */
interface Sizes {
  readonly largest: number;
  readonly smallest: number;
  readonly source?: string;
}

const aksPlanning = "https://learn.microsoft.com/azure/aks/concepts-network-ip-address-planning";
/** AKS and GKE give each node one address of the network. */
const nodes: Sizes = { largest: 16, smallest: 24 };
/** Overlay pods take a /24 of each AKS node, and up to a /24 of each GKE node. */
const pods: Sizes = { largest: 9, smallest: 18 };

const sizes: Readonly<Record<ManagedProvider, Readonly<Partial<Record<Field, Sizes>>>>> = {
  eks: {
    // AWS takes /16 to /28; six subnets are cut of it.
    cidr: {
      largest: 16,
      smallest: 20,
      source: "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html",
    },
    serviceCidr: {
      largest: 12,
      smallest: 24,
      source: "https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html",
    },
  },
  // "The service address CIDR must be smaller than /12."
  aks: { cidr: nodes, podCidr: pods, serviceCidr: { largest: 13, smallest: 24, source: aksPlanning } },
  gke: {
    cidr: nodes,
    podCidr: pods,
    // "Services CIDR range is smaller than minimum (14 < 16)": rancher/rancher#32207.
    serviceCidr: {
      largest: 16,
      smallest: 24,
      source:
        "https://cloud.google.com/kubernetes-engine/docs/concepts/alias-ips#cluster_sizing_secondary_range_svcs",
    },
  },
};

/** Private networks that a cloud keeps for itself. AKS has 169.254.0.0/16 and 192.0.2.0/24 too, which are not private. */
const reserved: Partial<
  Record<ManagedProvider, { readonly cidrs: readonly string[]; readonly source: string }>
> = {
  aks: {
    cidrs: ["172.30.0.0/16", "172.31.0.0/16"],
    source: "https://learn.microsoft.com/azure/aks/concepts-network-cni-overview#prerequisites",
  },
};

/** What is wrong with the networks of a cluster, each by itself and one beside the other. */
export function networkProblems(cluster: ManagedConfig): Problem[] {
  const { provider } = cluster;
  const cidrs: Cidrs = cluster.network;
  const fields = (["cidr", "podCidr", "serviceCidr"] as const).filter((field) => field in cidrs);
  return collectProblems(
    ...fields.map((field) => () => sizeProblems(provider, field, cidrs)),
    ...fields.map((field) => () => reservedProblems(provider, field, cidrs)),
    ...fields.map((field, index) => () => {
      const other = fields
        .slice(0, index)
        .find((before) => ifReadable(() => overlap(cidrs[before] ?? "", cidrs[field] ?? "")));
      if (other === undefined) return [];
      const expected = `a network that does not overlap ${settingKey(path(other))} (${cidrs[other] ?? ""})`;
      return [problem(field, cidrs, expected)];
    }),
    () => (cluster.provider === "aks" ? nodeProblems(cluster, cidrs) : []),
  );
}

const path = (field: Field) => ["cluster", "network", field];

function problem(field: Field, cidrs: Cidrs, expected: string): Problem {
  const fix = setCommand(path(field), freeNetwork(field, cidrs));
  return { key: settingKey(path(field)), found: shown(cidrs[field]), expected, fix };
}

/** A network that every cloud takes in that place, and that overlaps none of the others. */
function freeNetwork(field: Field, cidrs: Cidrs): string {
  const usual = { cidr: "10.0.0.0/16", podCidr: "10.244.0.0/16", serviceCidr: "172.20.0.0/16" };
  const others = Object.keys(usual).filter((each) => each !== field && each in cidrs) as Field[];
  const isFree = (cidr: string) =>
    !others.some((other) => ifReadable(() => overlap(cidr, cidrs[other] ?? "")));
  // Two others, /9 at the largest, cannot take all of these.
  return [usual[field], "10.128.0.0/16", "172.20.0.0/16", "192.168.0.0/16"].find(isFree) ?? usual[field];
}

function sizeProblems(provider: ManagedProvider, field: Field, cidrs: Cidrs): Problem[] {
  const cidr = cidrs[field] ?? "";
  if (!isPrivate(cidr)) return [problem(field, cidrs, "a private network (RFC 1918), without host bits")];
  const { prefix } = parseCidr(cidr);
  const taken = sizes[provider][field];
  if (!taken || (prefix >= taken.largest && prefix <= taken.smallest)) return [];
  const { largest, smallest, source } = taken;
  const why = source === undefined ? "" : ` on ${provider} (${source})`;
  return [problem(field, cidrs, `a network from /${String(largest)} to /${String(smallest)}${why}`)];
}

function reservedProblems(provider: ManagedProvider, field: Field, cidrs: Cidrs): Problem[] {
  const kept = reserved[provider];
  if (!kept?.cidrs.some((each) => overlap(each, cidrs[field] ?? ""))) return [];
  const expected = `a network without ${kept.cidrs.join(" and ")}, which ${provider} keeps for itself (${kept.source})`;
  return [problem(field, cidrs, expected)];
}

/** A network of RFC 1918 that is written as its first address. */
export function isPrivate(cidr: string): boolean {
  const { isAligned } = parseCidr(cidr);
  return (
    isAligned && ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].some((outer) => contains(outer, cidr))
  );
}

/**
 * Each AKS node takes a /24 for its pods and an address of its own: https://learn.microsoft.com/azure/aks/azure-cni-overlay.
 * Half of the network is the nodes' subnet (aks-network.ts), and Azure keeps five addresses of it:
 * https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq.
 */
function nodeProblems(
  { nodes: { max } }: Extract<ManagedConfig, { provider: "aks" }>,
  cidrs: Cidrs,
): Problem[] {
  const room = (field: Field, of: (prefix: number) => number, what: string) =>
    ifReadable(() =>
      sizeProblems("aks", field, cidrs).length > 0
        ? undefined // said already
        : { field, what, count: of(parseCidr(cidrs[field] ?? "").prefix) },
    );
  const [least] = [
    room("podCidr", (prefix) => 2 ** (24 - prefix), "a /24 each"),
    room("cidr", (prefix) => 2 ** (31 - prefix) - 5, "an address each, of the half that is theirs"),
  ]
    .filter((each) => each !== undefined)
    .sort((a, b) => a.count - b.count);
  if (!least || mostNodes(max) <= least.count) return [];
  let fitting = max;
  while (mostNodes(fitting) > least.count) fitting -= 1;
  const key = ["cluster", "nodes", "max"];
  const expected =
    `at most ${String(fitting)}: ${settingKey(path(least.field))} has room for ${String(least.count)} nodes, ${least.what}, ` +
    `and with the pool of the system and an upgrade there would be ${String(mostNodes(max))} (${aksPlanning})`;
  const larger = setCommand(path(least.field), freeNetwork(least.field, cidrs));
  const fix = `${setCommand(key, String(fitting))}, or before the first deployment ${larger}`;
  return [{ key: settingKey(key), found: shown(max), expected, fix }];
}
