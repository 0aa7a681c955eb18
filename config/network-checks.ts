import { contains, overlap, parseCidr } from "../components/kubernetes/cidr.ts";
import type { ManagedConfig } from "./clusters.ts";
import type { ManagedProvider } from "./kubernetes-versions.ts";
import { setCommand, settingKey, shown, type Problem } from "./problems.ts";
import { judged, known } from "./wrong-settings.ts";

type Field = "cidr" | "podCidr" | "serviceCidr";
type Cidrs = Partial<Readonly<Record<Field, string>>>;

/** Smallest network of the nodes. EKS cuts six subnets of it; AKS and GKE give each node one address of it. */
const LARGEST_PREFIX = { eks: 20, aks: 24, gke: 24 } as const;
/** Overlay pods take a /24 of each AKS node, and up to a /24 of each GKE node. */
const LARGEST_POD_PREFIX = 18;

/** What is wrong with the networks of a cluster, each by itself and one beside the other. */
export function networkProblems(cluster: ManagedConfig): Problem[] {
  const { provider } = cluster;
  const cidrs: Cidrs = cluster.network;
  const fields = (["cidr", "podCidr", "serviceCidr"] as const).filter((field) => field in cidrs);
  return judged(
    ...fields.map((field) => () => sizeProblems(provider, field, cidrs)),
    ...fields.map((field, index) => () => {
      const other = fields
        .slice(0, index)
        .find((before) => known(() => overlap(cidrs[before] ?? "", cidrs[field] ?? "")));
      if (other === undefined) return [];
      const expected = `a network that does not overlap ${settingKey(path(other))} (${cidrs[other] ?? ""})`;
      return [problem(field, cidrs, expected)];
    }),
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
  const isFree = (cidr: string) => !others.some((other) => known(() => overlap(cidr, cidrs[other] ?? "")));
  // Two others, /9 at the largest, cannot take all of these.
  return [usual[field], "10.128.0.0/16", "172.20.0.0/16", "192.168.0.0/16"].find(isFree) ?? usual[field];
}

function sizeProblems(provider: ManagedProvider, field: Field, cidrs: Cidrs): Problem[] {
  const cidr = cidrs[field] ?? "";
  if (!isPrivate(cidr)) return [problem(field, cidrs, "a private network (RFC 1918), without host bits")];
  const { prefix } = parseCidr(cidr);
  const least = field === "cidr" ? LARGEST_PREFIX[provider] : field === "podCidr" ? LARGEST_POD_PREFIX : 24;
  const most = field === "podCidr" ? 9 : field === "serviceCidr" ? 12 : 16;
  if (prefix <= least && prefix >= most) return [];
  return [problem(field, cidrs, `a network from /${String(most)} to /${String(least)}`)];
}

/** A network of RFC 1918 that is written as its first address. */
export function isPrivate(cidr: string): boolean {
  const { isAligned } = parseCidr(cidr);
  return (
    isAligned && ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].some((outer) => contains(outer, cidr))
  );
}
