import { overlap, parseCidr } from "../components/cluster/cidr.ts";
import { cloudOf, type Account, type CloudFacts, type Edge, type ManagedConfig } from "./clouds/index.ts";
import { daysLeft, defaultKubernetesVersion, WARN_DAYS } from "./kubernetes-versions.ts";
import { isPrivateNetwork, networkProblems } from "./network-checks.ts";
import { collectEach, collectProblems } from "./poisoned.ts";
import {
  editStackFile,
  either,
  problem,
  setCommand,
  settingProblem,
  shown,
  surplus,
  together,
  type Problem,
} from "./problems.ts";
import { commandText, setConfig } from "../system/shell-command.ts";
import type { ExposureConfig } from "./schema.ts";

/** Problems with a managed cluster, before any cloud is asked: those that every cloud knows, and the cloud's own. */
export function managedProblems(
  cluster: ManagedConfig,
  facts: CloudFacts & { readonly now: Date },
): Problem[] {
  const { networks, checks } = cloudOf(cluster.provider);
  return collectProblems(
    () => (facts.placeholders === "refused" ? placeholderProblems(cluster) : []),
    () => versionProblems(cluster, facts.now),
    () => networkProblems(cluster.provider, networks, cluster.network),
    () => publicEndpointProblems(cluster),
    () => duplicateEntryProblems(cluster, "admins"),
    () => duplicateEntryProblems(cluster, "authorizedCidrs"),
    () => tooManyCidrsProblems(cluster),
    ...checks.map((check) => () => check(cluster, facts)),
  );
}

/** The warnings of a managed cluster: what will be a problem before long. Nothing stops for them. */
export function managedWarnings(
  { provider, kubernetesVersion }: ManagedConfig,
  stack: string,
  now: Date,
): string[] {
  const { versions, source } = cloudOf(provider).versions;
  const support = versions[kubernetesVersion];
  if (support === undefined) return [];
  const days = daysLeft(support, now);
  if (days > WARN_DAYS) return [];
  const about = support.exact ? "" : "about ";
  const when =
    days < 0 ? `ended ${about}${support.end}` : `ends ${about}${support.end}, in ${String(days)} days`;
  const next = kubernetesVersion.replace(/\d+$/, (minor) => String(Number(minor) + 1));
  const key = "multi-client:cluster.kubernetesVersion";
  const upgrade = setConfig(key, next, true);
  return [
    `${key}: standard support of Kubernetes ${kubernetesVersion} on ${provider} ${when} ` +
      `(${source}). Upgrade one minor version at a time: ${commandText(upgrade, stack)}`,
  ];
}

/** The network that documentation uses as an example: RFC 5737. */
const placeholderCidr = /^203\.0\.113\.\d+\/\d+$/;

/** Tells whether an administrator is one that documentation uses as an example. */
function isPlaceholderAdmin({ provider }: ManagedConfig, admin: string): boolean {
  return cloudOf(provider).placeholderAdmin.test(admin);
}

/** Placeholder values in `multi-client:cluster` itself, which no deployment can mean. */
function placeholderProblems(cluster: ManagedConfig): Problem[] {
  const placeholder = (field: string, index: number, value: string, expected: string): Problem => ({
    ...problem(["cluster", field, index], value, expected, "<your own>"),
    found: `${shown(value)}, a placeholder value`,
  });
  return collectProblems(
    () =>
      collectEach<string>(cluster.admins, (admin, index) =>
        isPlaceholderAdmin(cluster, admin)
          ? [placeholder("admins", index, admin, "who administers the cluster, the deployer among them")]
          : [],
      ),
    () =>
      collectEach(cluster.authorizedCidrs, (cidr, index) =>
        placeholderCidr.test(cidr)
          ? [placeholder("authorizedCidrs", index, cidr, "the network you come from")]
          : [],
      ),
  );
}

function versionProblems(cluster: ManagedConfig, now: Date): Problem[] {
  const { provider, kubernetesVersion } = cluster;
  const { versions, source } = cloudOf(provider).versions;
  const path = ["cluster", "kubernetesVersion"];
  const isOffered = (version: string) => {
    const support = versions[version];
    return support !== undefined && (!support.exact || daysLeft(support, now) >= 0);
  };
  if (isOffered(kubernetesVersion)) return [];
  const offered = Object.keys(versions).filter(isOffered);
  const last = offered.at(-1) ?? defaultKubernetesVersion;
  const support = versions[kubernetesVersion];
  if (support === undefined)
    return [problem(path, kubernetesVersion, `${offered.join(", ")} on ${provider} (${source})`, last)];
  // A cluster that is to go may be as old as it likes.
  if (!cluster.deletionProtection) return [];
  const found = `${shown(kubernetesVersion)}, whose standard support on ${provider} ended ${support.end}`;
  return [{ ...problem(path, "", `${offered.join(", ")} (${source})`, last), found }];
}

/** Each entry of a list becomes a resource, or a part of one, with its own name. */
function duplicateEntryProblems(cluster: ManagedConfig, field: "admins" | "authorizedCidrs"): Problem[] {
  const { adminKey } = cloudOf(cluster.provider);
  const keyOf = field === "admins" ? adminKey : (cidr: string) => cidr;
  const values: readonly string[] = cluster[field];
  const once = [...new Map(values.toReversed().map((value) => [keyOf(value), value])).values()].toReversed();
  return once.length === values.length ? [] : [problem(["cluster", field], values, "each entry once", once)];
}

/** More of them would be refused when the cluster is made, after its network. */
function tooManyCidrsProblems({ provider, authorizedCidrs }: ManagedConfig): Problem[] {
  const { most, source } = cloudOf(provider).networks.authorizedCidrs;
  if (authorizedCidrs.length <= most) return [];
  const expected = `at most ${String(most)} networks on ${provider} (${source})`;
  const path = ["cluster", "authorizedCidrs"];
  const fix = editStackFile(path, `join networks until ${String(most)} are left`);
  return [settingProblem(path, `${String(authorizedCidrs.length)} networks`, expected, fix)];
}

/** This host, loopback, link-local, multicast and what is reserved, from which nobody comes: RFC 6890, RFC 5771. */
const neverSources = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4"];

/** An API server that the whole internet reaches is no default and no setting either. */
function publicEndpointProblems({ provider, authorizedCidrs }: ManagedConfig): Problem[] {
  const { authorizesPrivateCidrs } = cloudOf(provider).networks;
  const expected =
    "the networks you come from, without host bits, /8 at the largest; an empty list for private access only";
  return collectEach(authorizedCidrs, (cidr, index) => {
    const { prefix, isAligned } = parseCidr(cidr);
    // Nobody comes from a private network over the internet.
    const isReachable = authorizesPrivateCidrs || !isPrivateNetwork(cidr);
    const isRouted = !neverSources.some((each) => overlap(each, cidr));
    if (prefix >= 8 && isAligned && isReachable && isRouted) return [];
    return [problem(["cluster", "authorizedCidrs", index], cidr, expected, "<your network>")];
  });
}

/** Problems with how a managed cluster's client is reached: by what the cloud offers, and no other way. */
export function managedExposureProblems(
  { provider }: ManagedConfig,
  exposure: ExposureConfig,
  account: Account,
): Problem[] {
  const { edge } = cloudOf(provider);
  const { type } = exposure;
  const allowed: readonly string[] = ["clusterIP", edge.type];
  if (!allowed.includes(type)) {
    const expected = `${allowed.join(" or ")}: what ${provider} offers`;
    return [problem(["exposure", "type"], type, expected, edge.type)];
  }
  return collectProblems(
    () => {
      // Not read: a certificate that is refused by itself does not belong there either.
      if (!("tls" in exposure) || type === "clusterIP" || edge.certificate === undefined) return [];
      const expected = "exposure.certificate instead: TLS ends at the cloud's load balancer";
      return [{ ...surplus(["exposure", "tls"], "", expected), found: "a certificate and its key" }];
    },
    () => {
      const { certificate } = exposure;
      const path = ["exposure", "certificate"];
      if (certificate === undefined) return [];
      if (edge.certificate === undefined)
        return [surplus(path, certificate, "exposure.tls instead: TLS ends in the client's nginx")];
      if (type === "clusterIP") {
        const expected = "nothing: exposure.type is clusterIP, to which no load balancer leads";
        return [surplus(path, certificate, expected)];
      }
      const wrong = edge.certificate.problem(certificate, account);
      return wrong ? [problem(path, certificate, wrong.title, wrong.example)] : [];
    },
    () => {
      const { plainHttp } = exposure;
      // Not read: a certificate that is refused by itself says that HTTPS is meant.
      const isEncrypted = (edge.certificate ? "certificate" : "tls") in exposure;
      if (type !== "clusterIP" && !isEncrypted)
        return plainHttp === true ? [] : [plainHttpProblem(edge.certificate)];
      const reason = isEncrypted ? "HTTP is redirected to HTTPS" : "exposure.type is clusterIP";
      return plainHttp === true ? [surplus(["exposure", "plainHttp"], true, `nothing: ${reason}`)] : [];
    },
  );
}

/** An address of the internet that serves HTTP alone, where nobody said that this is meant. */
function plainHttpProblem(rule: Edge["certificate"]): Problem {
  const expected =
    `HTTPS by exposure.${rule ? "certificate" : "tls"}, or plainHttp: true, ` +
    "which says that everyone on the way may read and change what is sent";
  const encrypt = rule
    ? setCommand(["exposure", "certificate"], `<${rule.title}>`)
    : together(
        setCommand(["exposure", "tls", "certificate"], "< certificate.pem"),
        setCommand(["exposure", "tls", "key"], "--secret < key.pem"),
      );
  const fix = either(encrypt, "where plain HTTP is meant", setCommand(["exposure", "plainHttp"], true));
  return settingProblem(["exposure"], "plain HTTP at an address of the internet", expected, fix);
}
