import { kubeReader, type KubeReader } from "../cluster/kube-reader.ts";
import type { Env } from "../../system/folders.ts";

/** One workload and its pods. */
export interface Workload {
  readonly kind: "Deployment" | "StatefulSet";
  readonly name: string;
  /** Pods that are Ready. */
  readonly ready: number;
  /** Pods that are wanted. */
  readonly wanted: number;
}

interface List {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: { readonly replicas?: number };
    readonly status?: { readonly readyReplicas?: number };
  }[];
}

/** Lists the workloads of a namespace by name. */
export async function workloads(context: string, namespace: string, env: Env): Promise<Workload[]> {
  return workloadsFrom(kubeReader(context, env), namespace);
}

export async function workloadsFrom(get: KubeReader, namespace: string): Promise<Workload[]> {
  const kinds = { Deployment: "deployments", StatefulSet: "statefulsets" } as const;
  const found = await Promise.all(
    (Object.keys(kinds) as Workload["kind"][]).map(async (kind) => {
      const { items } = (await get(`/apis/apps/v1/namespaces/${namespace}/${kinds[kind]}`)) as List;
      return items.map(({ metadata, spec, status }) => ({
        kind,
        name: metadata.name,
        ready: status?.readyReplicas ?? 0,
        wanted: spec.replicas ?? 1,
      }));
    }),
  );
  return found.flat().sort((a, b) => a.name.localeCompare(b.name));
}

/** The warning that an autoscaler has nothing to go by; empty where the cluster serves metrics. */
export async function metricsWarning(get: KubeReader): Promise<string> {
  // The API server answers with an error while a metrics-server is there and starts.
  if ((await get("/apis/metrics.k8s.io/v1beta1").catch(() => undefined)) !== undefined) return "";
  return "Warning: the cluster serves no metrics (metrics-server), so the autoscaler keeps the least number of pods.";
}

/** Outputs of a stack, as `pulumi stack output --json` gives them. */
export type Outputs = Readonly<Record<string, unknown>>;

/**
 * The text that says what runs and how to reach it.
 *
 * @param note what the nodes of the cluster do not show; empty for nothing.
 */
export function summary(
  { namespace, clusterName, url, accessCommand }: Outputs,
  pods: readonly Workload[],
  note: string,
): string {
  const width = Math.max(...pods.map(({ name }) => name.length), 0);
  return [
    `In namespace ${shown(namespace)} of ${shown(clusterName)}:`,
    ...pods.map(
      ({ name, ready, wanted }) =>
        `  ${name.padEnd(width)}  ${String(ready)}/${String(wanted)} ${wanted === 1 ? "pod" : "pods"} ready`,
    ),
    ...(shown(url) === "" ? [] : [`Open:     ${shown(url)}`]),
    `Reach it: ${shown(accessCommand)}`,
    ...(note === "" ? [] : [note]),
  ].join("\n");
}

const shown = (output: unknown): string => (typeof output === "string" ? output : "");
