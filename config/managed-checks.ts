import { parseCidr } from "../components/cluster/cidr.ts";
import type { ExposureConfig } from "./schema.ts";
import { placeholderProblems, isPlaceholder, type Account } from "./accounts.ts";
import { isManaged, type ClusterConfig, type ManagedConfig } from "./clusters.ts";
import { daysLeft, supported, WARN_DAYS } from "./kubernetes-versions.ts";
import { isPrivate, networkProblems } from "./network-checks.ts";
import { removeCommand, setCommand, settingKey, shown, type Problem } from "./problems.ts";
import { vmSizeProblem } from "./vm-sizes.ts";
import { collectProblems, collectEach } from "./poisoned.ts";

/** What the checks of a managed cluster know beside its settings. */
export interface ManagedFacts {
  readonly now: Date;
  /** Whether the clouds are the sandbox's, or nothing is deployed at all: documentation values are then right. */
  readonly simulated: boolean;
  /** Name of the stack. */
  readonly stack: string;
  /** @default the clouds are not asked about: nothing is compared with it */
  readonly account?: Account | undefined;
}

/** What is wrong with a managed cluster, before any cloud is asked. */
export function managedProblems(cluster: ManagedConfig, facts: ManagedFacts): Problem[] {
  return collectProblems(
    () => placeholderProblems(cluster, facts.simulated),
    () => versionProblems(cluster, facts.now),
    () => networkProblems(cluster),
    () => publicEndpointProblems(cluster),
    () => duplicateEntryProblems(cluster, "admins"),
    () => duplicateEntryProblems(cluster, "authorizedCidrs"),
    () => (cluster.provider === "eks" ? eksProblems(cluster, facts) : []),
    () => (cluster.provider === "aks" ? aksProblems(cluster) : []),
    () => (cluster.provider === "gke" ? stackProblems(facts.stack) : []),
  );
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

function versionProblems(cluster: ManagedConfig, now: Date): Problem[] {
  const { provider, kubernetesVersion } = cluster;
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
  if (!cluster.deletionProtection) return [];
  const found = `${shown(kubernetesVersion)}, whose standard support on ${provider} ended ${support.end}`;
  return [{ ...problem(path, "", `${names.join(", ")} (${source})`, last), found }];
}

/** Each entry of a list becomes a resource, or a part of one, with its own name. */
function duplicateEntryProblems(cluster: ManagedConfig, field: "admins" | "authorizedCidrs"): Problem[] {
  const values: readonly string[] = cluster[field];
  const once = [...new Set(values)];
  if (once.length === values.length) return [];
  return [problem(["cluster", field], values, "each entry once", `'${JSON.stringify(once)}'`)];
}

/** An API server that the whole internet reaches is no default and no setting either. */
function publicEndpointProblems({ provider, authorizedCidrs }: ManagedConfig): Problem[] {
  const expected =
    "the networks you come from, without host bits, /8 at the largest; an empty list for private access only";
  return collectEach(authorizedCidrs, (cidr, index) => {
    const { prefix, isAligned } = parseCidr(cidr);
    // Nobody comes from a private network over the internet; Google's endpoint has a private address too.
    const comesByInternet = provider === "gke" || !isPrivate(cidr);
    if (prefix >= 8 && isAligned && comesByInternet) return [];
    return [problem(["cluster", `authorizedCidrs[${String(index)}]`], cidr, expected, "<your network>")];
  });
}

function eksProblems(
  cluster: Extract<ManagedConfig, { provider: "eks" }>,
  { account, simulated }: ManagedFacts,
): Problem[] {
  if (account?.provider !== "eks") return [];
  return collectProblems(
    () => {
      const { zones } = cluster.network;
      const wrong = zones.filter((zone) => zone.slice(0, -1) !== account.region);
      if (wrong.length === 0 && new Set(zones).size === zones.length) return [];
      const expected = `three different zones of aws:region, ${account.region}`;
      const example = `'${JSON.stringify(["a", "b", "c"].map((letter) => account.region + letter))}'`;
      return [problem(["cluster", "network", "zones"], zones, expected, example)];
    },
    () =>
      collectEach(cluster.admins, (admin, index) => {
        if (admin.split(":")[4] === account.account) return [];
        if (!simulated && isPlaceholder(admin)) return []; // said already
        const expected = `a role of the account in aws:allowedAccountIds, ${account.account}`;
        const example = `arn:aws:iam::${account.account}:role/<role>`;
        return [problem(["cluster", `admins[${String(index)}]`], admin, expected, example)];
      }),
  );
}

function aksProblems({ nodes }: Extract<ManagedConfig, { provider: "aks" }>): Problem[] {
  const path = (field: string) => ["cluster", "nodes", field];
  return collectProblems(
    () => {
      if (nodes.min <= nodes.max) return [];
      const expected = `at least nodes.min, which is ${String(nodes.min)}`;
      return [problem(path("max"), nodes.max, expected, String(nodes.min))];
    },
    () => {
      const wrong = vmSizeProblem(nodes.vmSize);
      return wrong ? [problem(path("vmSize"), nodes.vmSize, wrong.expected, wrong.example)] : [];
    },
  );
}

/** On Google Cloud the stack's name is a label of everything, and has to look like one. */
function stackProblems(stack: string): Problem[] {
  if (/^[a-z0-9_-]{1,63}$/.test(stack)) return [];
  const name = stack
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, "-")
    .slice(0, 63);
  const source = "https://cloud.google.com/kubernetes-engine/docs/how-to/creating-managing-labels";
  const expected = `1 to 63 of a-z, 0-9, '_' and '-' on gke, where it is a label (${source})`;
  return [{ key: "the stack's name", found: shown(stack), expected, fix: `pulumi stack rename ${name}` }];
}

const EDGES = { eks: ["ingress"], aks: ["loadBalancer"], gke: ["gateway"] } as const;

/** How a managed cluster's own edge can be used. */
export function managedExposureProblems(
  cluster: ClusterConfig,
  exposure: ExposureConfig,
  account: Account | undefined,
): Problem[] {
  if (!isManaged(cluster)) return [];
  const { provider } = cluster;
  const { type } = exposure;
  const allowed: readonly string[] = ["clusterIP", ...EDGES[provider]];
  if (!allowed.includes(type)) {
    const expected = `${allowed.join(" or ")}: what ${provider} offers`;
    return [problem(["exposure", "type"], type, expected, allowed[1] ?? "")];
  }
  const remove = (field: "tls" | "certificate", expected: string): Problem[] => [
    {
      key: settingKey(["exposure", field]),
      found: field === "tls" ? "a certificate and its key" : shown(exposure.certificate),
      expected,
      fix: removeCommand(["exposure", field]),
    },
  ];
  return collectProblems(
    () =>
      "tls" in exposure && type !== "loadBalancer" && type !== "clusterIP"
        ? remove("tls", "exposure.certificate instead: TLS ends at the cloud's load balancer")
        : [],
    () => {
      if (!("certificate" in exposure)) return [];
      if (type === "clusterIP" && provider !== "aks")
        return remove("certificate", `nothing: exposure.type is clusterIP, to which no load balancer leads`);
      if (type === "loadBalancer" || type === "clusterIP")
        return remove("certificate", "exposure.tls instead: TLS ends in the client's nginx");
      return certificateProblems(provider, exposure.certificate ?? "", account);
    },
  );
}

function certificateProblems(
  provider: ManagedConfig["provider"],
  certificate: string,
  account: Account | undefined,
): Problem[] {
  const path = ["exposure", "certificate"];
  if (provider === "gke" && certificate.startsWith("arn:"))
    return [problem(path, certificate, "the name of a Certificate Manager map", "multi-client")];
  if (provider !== "eks" || account?.provider !== "eks") return [];
  const prefix = `arn:aws:acm:${account.region}:${account.account}:certificate/`;
  if (certificate.startsWith(prefix)) return [];
  const expected = `an ACM certificate of this account and region: ${prefix}...`;
  return [problem(path, certificate, expected, `${prefix}<id>`)];
}
