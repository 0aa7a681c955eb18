import type { ClusterArgs } from "../components/cluster/index.ts";
import type { ImmutableSettings } from "../components/immutable-settings.ts";
import { accountText } from "./accounts.ts";
import { cloudOf } from "./clouds/index.ts";
import { isLocal, isManaged } from "./schema.ts";
import type { StackConfig } from "./stack-config.ts";

/** The arguments of the cluster's component, from checked settings. */
export function clusterArgs(config: StackConfig): ClusterArgs {
  const { cluster, exposure, rollout, context, account, stack } = config;
  const takeOver = rollout.takeOver ?? isLocal(cluster);
  if (isManaged(cluster)) {
    const { owner, costCentre } = cluster;
    const tags = { owner, "cost-centre": costCentre, stack, "managed-by": "pulumi" };
    const { certificate } = exposure;
    return { ...cloudOf(cluster.provider).toArgs({ cluster, account, tags, certificate }), takeOver };
  }
  if (!context) throw new Error("the context passed the checks but is not there");
  return cluster.provider === "minikube"
    ? { provider: "minikube", profile: cluster.profile, context, takeOver }
    : { ...cluster, context, takeOver };
}

/** The name of what only the stack of a drill has. */
export const DRILL_MARK = "make drill";

/**
 * The settings that cannot change while a stack lives. The keys of what is common are there for every provider: a
 * switch of it is a change like any other.
 */
export function immutableSettings({ cluster, namespace, account, isDrill }: StackConfig): ImmutableSettings {
  const settings: Record<string, string> = {
    "multi-client:cluster.provider": cluster.provider,
    "multi-client:cluster.profile": cluster.provider === "minikube" ? cluster.profile : "",
    "multi-client:cluster.context": cluster.provider === "existing" ? cluster.context : "",
    "multi-client:cluster.storageClass": cluster.provider === "existing" ? (cluster.storageClass ?? "") : "",
    "multi-client:cluster.existingNamespace":
      cluster.provider === "existing" && cluster.existingNamespace === true ? "true" : "",
    "multi-client:namespace": namespace,
    // By this, make drill knows a stack of its own in the backend.
    ...(isDrill && { [DRILL_MARK]: "throw-away" }),
  };
  if (!isManaged(cluster)) return settings;
  const cloud = cloudOf(cluster.provider);
  const networks = Object.entries(cluster.network).filter(([field]) => field in cloud.networks.sizes);
  const ofCluster = {
    name: cluster.name,
    ...Object.fromEntries(networks.map(([field, cidr]) => [`network.${field}`, cidr])),
    ...cloud.immutableSettings(cluster),
  };
  for (const [path, value] of Object.entries(ofCluster)) settings[`multi-client:cluster.${path}`] = value;
  for (const [field, setting] of Object.entries(cloud.account))
    settings[setting.key] = accountText(setting, account[field] ?? "");
  return settings;
}
