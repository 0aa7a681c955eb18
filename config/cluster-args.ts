import type { ImmutableSettings } from "../components/immutable-settings.ts";
import type { ClusterArgs } from "../components/cluster/index.ts";
import type { KubeContext } from "../components/kubernetes/kubeconfig.ts";
import { isManaged, type Config } from "./schema.ts";
import type { Account } from "./accounts.ts";

/** Everything a cluster is made of, from checked settings. */
export function clusterArgs(
  { cluster, exposure }: Config,
  stack: string,
  context: KubeContext | undefined,
  account: Account | undefined,
): ClusterArgs {
  if (!isManaged(cluster)) {
    if (!context) throw new Error("the context passed the checks but is not there");
    return cluster.provider === "minikube"
      ? { provider: "minikube", profile: cluster.profile, context }
      : { ...cluster, context };
  }
  const { owner, costCentre, ...rest } = cluster;
  const tags = { owner, "cost-centre": costCentre, stack, "managed-by": "pulumi" };
  const { certificate } = exposure;
  if (rest.provider === "eks" && account?.provider === "eks")
    return { ...rest, region: account.region, tags, certificate };
  if (rest.provider === "aks" && account?.provider === "aks")
    return { ...rest, ...account, provider: "aks", tags };
  if (rest.provider === "gke" && account?.provider === "gke")
    return { ...rest, ...account, provider: "gke", labels: tags, certificate };
  throw new Error("the account passed the checks but is not there");
}

/** What cannot change while a stack lives. The same keys for every provider: a switch of it is a change like any other. */
export function immutableSettings(
  { cluster, namespace }: Config,
  account: Account | undefined,
): ImmutableSettings {
  const set: Record<string, string> = {
    "multi-client:cluster.provider": cluster.provider,
    "multi-client:cluster.profile": cluster.provider === "minikube" ? cluster.profile : "",
    "multi-client:cluster.context": cluster.provider === "existing" ? cluster.context : "",
    "multi-client:cluster.storageClass": cluster.provider === "existing" ? (cluster.storageClass ?? "") : "",
    "multi-client:namespace": namespace,
  };
  if (!isManaged(cluster)) return set;
  set["multi-client:cluster.name"] = cluster.name;
  for (const [key, value] of Object.entries(cluster.network)) {
    // How many NAT gateways there are may change; where the addresses are may not.
    if (key !== "nat")
      set[`multi-client:cluster.network.${key}`] = Array.isArray(value) ? `[${value.join(", ")}]` : value;
  }
  // On Azure a public cluster cannot become a private one: https://learn.microsoft.com/azure/aks/private-clusters
  // (limitations). Which networks reach a public one may change.
  if (cluster.provider === "aks")
    set["multi-client:cluster.authorizedCidrs"] =
      cluster.authorizedCidrs.length > 0 ? "[your network]" : "[]";
  return { ...set, ...places(account) };
}

function places(account: Account | undefined): ImmutableSettings {
  switch (account?.provider) {
    case "eks":
      return { "aws:region": account.region, "aws:allowedAccountIds": `["${account.account}"]` };
    case "aks":
      return {
        "azure-native:location": account.location,
        "azure-native:subscriptionId": account.subscriptionId,
        "azure-native:tenantId": account.tenantId,
      };
    case "gke":
      return { "gcp:region": account.region, "gcp:project": account.project };
    case undefined:
      return {};
  }
}
