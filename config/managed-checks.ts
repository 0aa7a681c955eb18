import { contains, overlap, parseCidr } from "../components/kubernetes/cidr.ts";
import type { ManagedConfig } from "./clusters.ts";
import type { ExposureConfig } from "../config.ts";
import { documentationProblems, type Account } from "./accounts.ts";
import { daysLeft, supported, WARN_DAYS } from "./kubernetes-versions.ts";
import { removeCommand, setCommand, settingKey, shown, type Problem } from "./problems.ts";

/** What the checks of a managed cluster know beside its settings. */
export interface ManagedFacts {
  readonly now: Date;
  /** Whether the clouds are the sandbox's, or nothing is deployed at all: documentation values are then right. */
  readonly simulated: boolean;
  /** @default its settings are broken, and are reported by themselves */
  readonly account?: Account | undefined;
}

/** What is wrong with a managed cluster, before any cloud is asked. */
export function managedProblems(cluster: ManagedConfig, facts: ManagedFacts): Problem[] {
  return [
    ...documentationProblems(cluster, facts.simulated),
    ...versionProblems(cluster, facts.now),
    ...networkProblems(cluster),
    ...openDoorProblems(cluster),
    ...twiceProblems(cluster),
    ...(cluster.provider === "eks" ? eksProblems(cluster, facts.account) : []),
    ...(cluster.provider === "aks" && cluster.nodes.min > cluster.nodes.max
      ? [
          problem(
            ["cluster", "nodes", "max"],
            cluster.nodes.max,
            `at least nodes.min, which is ${String(cluster.nodes.min)}`,
            String(cluster.nodes.min),
          ),
        ]
      : []),
  ];
}

/** What will be wrong before long: nothing stops for it. */
export function managedWarnings({ provider, kubernetesVersion }: ManagedConfig, now: Date): string[] {
  const support = supported[provider].versions[kubernetesVersion];
  if (support === undefined) return [];
  const days = daysLeft(support, now);
  if (days > WARN_DAYS) return [];
  const about = support.exact ? "" : "about ";
  const when =
    days < 0 ? `ended ${about}${support.end}` : `ends ${about}${support.end}, in ${String(days)} days`;
  return [
    `multi-client:cluster.kubernetesVersion: standard support of Kubernetes ${kubernetesVersion} on ${provider} ${when} ` +
      `(${supported[provider].source}). Upgrade one minor version at a time: ` +
      setCommand(["cluster", "kubernetesVersion"], next(kubernetesVersion)),
  ];
}

function problem(path: readonly PropertyKey[], found: unknown, expected: string, example: string): Problem {
  return { key: settingKey(path), found: shown(found), expected, fix: setCommand(path, example) };
}

const next = (version: string) => version.replace(/\d+$/, (minor) => String(Number(minor) + 1));

function versionProblems(
  { provider, kubernetesVersion, deletionProtection }: ManagedConfig,
  now: Date,
): Problem[] {
  const { versions, source } = supported[provider];
  const path = ["cluster", "kubernetesVersion"];
  const good = Object.entries(versions).filter(
    ([, support]) => !support.exact || daysLeft(support, now) >= 0,
  );
  const names = good.map(([version]) => version);
  const last = `'${names.at(-1) ?? "1.36"}'`;
  const support = versions[kubernetesVersion];
  if (support === undefined)
    return [problem(path, kubernetesVersion, `${names.join(", ")} on ${provider} (${source})`, last)];
  if (!support.exact || daysLeft(support, now) >= 0) return [];
  // A cluster that is to go may be as old as it likes.
  if (!deletionProtection) return [];
  const found = `${shown(kubernetesVersion)}, whose standard support on ${provider} ended ${support.end}`;
  return [{ ...problem(path, "", `${names.join(", ")} (${source})`, last), found }];
}

/** Smallest network of the nodes. EKS cuts six subnets of it; AKS and GKE give each node one address of it. */
const LARGEST_PREFIX = { eks: 20, aks: 24, gke: 24 } as const;
/** Overlay pods take a /24 of each AKS node, and up to a /24 of each GKE node. */
const LARGEST_POD_PREFIX = 18;

function networkProblems(cluster: ManagedConfig): Problem[] {
  const { network } = cluster;
  const all: [field: string, cidr: string][] = [
    ["cidr", network.cidr],
    ...("podCidr" in network ? [["podCidr", network.podCidr] as [string, string]] : []),
    ["serviceCidr", network.serviceCidr],
  ];
  const path = (field: string) => ["cluster", "network", field];
  const problems: Problem[] = [];
  for (const [field, cidr] of all) {
    const example =
      { cidr: "10.0.0.0/16", podCidr: "10.244.0.0/16", serviceCidr: "172.20.0.0/16" }[field] ?? "";
    if (!isPrivate(cidr)) {
      problems.push(problem(path(field), cidr, "a private network (RFC 1918), without host bits", example));
      continue;
    }
    const least =
      field === "cidr" ? LARGEST_PREFIX[cluster.provider] : field === "podCidr" ? LARGEST_POD_PREFIX : 24;
    const most = field === "podCidr" ? 9 : field === "serviceCidr" ? 12 : 16;
    const { prefix } = parseCidr(cidr);
    if (prefix > least || prefix < most) {
      const expected = `a network from /${String(most)} to /${String(least)}`;
      problems.push(problem(path(field), cidr, expected, example));
    }
  }
  for (const [index, [field, cidr]] of all.entries()) {
    const other = all.slice(0, index).find(([, before]) => overlap(before, cidr));
    if (other === undefined) continue;
    const expected = `a network that does not overlap ${settingKey(path(other[0]))} (${other[1]})`;
    problems.push(
      problem(path(field), cidr, expected, field === "serviceCidr" ? "172.20.0.0/16" : "10.128.0.0/16"),
    );
  }
  return problems;
}

/** A network of RFC 1918 that is written as its first address. */
function isPrivate(cidr: string): boolean {
  const { isAligned } = parseCidr(cidr);
  return (
    isAligned && ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].some((outer) => contains(outer, cidr))
  );
}

/** Each entry of a list becomes a resource, or a part of one, with its own name. */
function twiceProblems(cluster: ManagedConfig): Problem[] {
  return (["admins", "authorizedCidrs"] as const).flatMap((field) => {
    const values: readonly string[] = cluster[field];
    const once = [...new Set(values)];
    if (once.length === values.length) return [];
    return [problem(["cluster", field], values, "each entry once", `'${JSON.stringify(once)}'`)];
  });
}

/** An API server that the whole internet reaches is no default and no setting either. */
function openDoorProblems({ provider, authorizedCidrs }: ManagedConfig): Problem[] {
  const expected =
    "the networks you come from, without host bits, /8 at the largest; an empty list for private access only";
  return authorizedCidrs.flatMap((cidr, index) => {
    const { prefix, isAligned } = parseCidr(cidr);
    // Nobody comes from a private network over the internet; Google's endpoint has a private address too.
    const comesByInternet = provider === "gke" || !isPrivate(cidr);
    if (prefix >= 8 && isAligned && comesByInternet) return [];
    return [problem(["cluster", `authorizedCidrs[${String(index)}]`], cidr, expected, "<your network>")];
  });
}

function eksProblems(
  cluster: Extract<ManagedConfig, { provider: "eks" }>,
  account: Account | undefined,
): Problem[] {
  if (account?.provider !== "eks") return [];
  const { zones } = cluster.network;
  const problems: Problem[] = [];
  const wrong = zones.filter((zone) => zone.slice(0, -1) !== account.region);
  if (wrong.length > 0 || new Set(zones).size !== zones.length) {
    const expected = `three different zones of aws:region, ${account.region}`;
    const example = `'${JSON.stringify(["a", "b", "c"].map((letter) => account.region + letter))}'`;
    problems.push(problem(["cluster", "network", "zones"], zones, expected, example));
  }
  for (const [index, admin] of cluster.admins.entries()) {
    if (admin.split(":")[4] !== account.account)
      problems.push(
        problem(
          ["cluster", `admins[${String(index)}]`],
          admin,
          `a role of the account in aws:allowedAccountIds, ${account.account}`,
          `arn:aws:iam::${account.account}:role/<role>`,
        ),
      );
  }
  return problems;
}

const EDGES = { eks: ["ingress"], aks: ["loadBalancer"], gke: ["gateway"] } as const;

/** How a managed cluster's own edge can be used. */
export function managedExposureProblems(
  { provider }: ManagedConfig,
  { type, tls, certificate }: ExposureConfig,
  account: Account | undefined,
): Problem[] {
  const allowed: readonly string[] = ["clusterIP", ...EDGES[provider]];
  if (!allowed.includes(type))
    return [
      problem(
        ["exposure", "type"],
        type,
        `${allowed.join(" or ")}: what ${provider} offers`,
        allowed[1] ?? "",
      ),
    ];
  const remove = (field: string, expected: string): Problem => ({
    key: settingKey(["exposure", field]),
    found: field === "tls" ? "a certificate and its key" : shown(certificate),
    expected,
    fix: removeCommand(["exposure", field]),
  });
  if (tls && type !== "loadBalancer" && type !== "clusterIP")
    return [remove("tls", "exposure.certificate instead: TLS ends at the cloud's load balancer")];
  if (certificate === undefined) return [];
  if (type === "clusterIP" && provider !== "aks")
    return [remove("certificate", `nothing: exposure.type is clusterIP, to which no load balancer leads`)];
  if (type === "loadBalancer" || type === "clusterIP")
    return [remove("certificate", "exposure.tls instead: TLS ends in the client's nginx")];
  const path = ["exposure", "certificate"];
  const isArn = certificate.startsWith("arn:");
  if (provider === "gke" && isArn)
    return [problem(path, certificate, "the name of a Certificate Manager map", "multi-client")];
  if (provider !== "eks" || account?.provider !== "eks") return [];
  const prefix = `arn:aws:acm:${account.region}:${account.account}:certificate/`;
  return certificate.startsWith(prefix)
    ? []
    : [
        problem(
          path,
          certificate,
          `an ACM certificate of this account and region: ${prefix}...`,
          `${prefix}<id>`,
        ),
      ];
}
