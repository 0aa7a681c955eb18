import { problem, type Problem } from "../../config/problems.ts";
import { isManaged, type ClusterConfig } from "../../config/schema.ts";
import { clouds } from "../clouds/registry.ts";
import type { State } from "../recovery/pending-operations.ts";

/**
 * Finds a Kubernetes version that a deployed cluster cannot reach in one update. A control plane goes up by one minor
 * version at a time, and never down; a provider that does not know this plans another cluster in the place of the first.
 *
 * @param settings of `multi-client:cluster`.
 * @returns nothing where the stack makes no cluster, or has not made it yet.
 * @see https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html
 * @see https://learn.microsoft.com/azure/aks/upgrade-aks-cluster
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/upgrading-a-cluster
 */
export function kubernetesVersionStep(settings: ClusterConfig, state: State | undefined): Problem[] {
  const [deployed, next] = minorVersions(settings, state);
  if (!isManaged(settings) || deployed === undefined || next === undefined) return [];
  const isBack = next < deployed && clouds[settings.provider].version.movesOn !== true;
  if (!isBack && next <= deployed + 1) return [];
  const step = isBack ? deployed : deployed + 1;
  const expected = `1.${String(deployed)}, which runs, or 1.${String(deployed + 1)}: one minor version at a time, and never back`;
  return [
    problem(["cluster", "kubernetesVersion"], settings.kubernetesVersion, expected, `1.${String(step)}`),
  ];
}

/**
 * Finds the minor version of Kubernetes to which an update brings a deployed cluster.
 *
 * @returns undefined where its version stays.
 */
export function kubernetesUpgrade(settings: ClusterConfig, state: State | undefined): string | undefined {
  const [deployed, next] = minorVersions(settings, state);
  return deployed !== undefined && next === deployed + 1 ? `1.${String(next)}` : undefined;
}

/** The minor numbers of the version that a cluster has and of the one that the settings ask for. */
function minorVersions(
  settings: ClusterConfig,
  state: State | undefined,
): readonly [deployed?: number | undefined, next?: number | undefined] {
  if (!isManaged(settings)) return [];
  const { clusterType, version } = clouds[settings.provider];
  const cluster = state?.deployment.resources?.find(({ type, delete: isLeaving }) => {
    return type === clusterType && isLeaving !== true;
  });
  return [minorOf(cluster?.outputs?.[version.output]), minorOf(settings.kubernetesVersion)];
}

/** The minor number of a version of Kubernetes 1, with or without a patch. */
function minorOf(version: unknown): number | undefined {
  const [, minor] = typeof version === "string" ? (/^1\.(\d+)(?:\.|$)/.exec(version) ?? []) : [];
  return minor === undefined ? undefined : Number(minor);
}
