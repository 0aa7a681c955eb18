import { setTimeout as sleep } from "node:timers/promises";
import type { KubeReader, KubeRemover } from "../cluster/kube-reader.ts";
import type { Log } from "../../system/log.ts";
import { passInterrupt } from "../../system/process.ts";

interface ContainerStatus {
  readonly name: string;
  readonly state?: { readonly running?: object; readonly waiting?: { readonly reason?: string } };
}
interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}
interface StatefulSet {
  readonly metadata: { readonly generation?: number };
  readonly status?: { readonly observedGeneration?: number; readonly updateRevision?: string };
}

/** The access to the API that watching needs. */
export interface PodAccess {
  readonly get: KubeReader;
  readonly remove: KubeRemover;
  readonly namespace: string;
  /** `kubectl` with its context and namespace. */
  readonly kubectl: string;
}

const ownerOf = ({ metadata }: Pod) =>
  metadata.ownerReferences?.find(({ kind }) => kind === "StatefulSet")?.name;

/** The pods of StatefulSets that are not Ready, and not on their way out. */
async function brokenPods({ get, namespace }: PodAccess): Promise<Pod[]> {
  const { items } = (await get(`/api/v1/namespaces/${namespace}/pods`)) as { readonly items: readonly Pod[] };
  return items.filter(
    (pod) =>
      ownerOf(pod) !== undefined &&
      pod.metadata.deletionTimestamp === undefined &&
      pod.status?.conditions?.find(({ type }) => type === "Ready")?.status !== "True",
  );
}

/**
 * Replaces, while an update runs, the pods that were broken before it: a StatefulSet keeps a pod that is not Ready also when
 * its cause is corrected (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback), so that
 * the update would wait for its whole time limit. Such a pod is deleted as soon as it is of an older revision than the
 * StatefulSet's, and only while its own container does not run: its data is on the claim, and nothing writes to it. A
 * container that runs may be in the middle of making or repairing that data: then the command is named instead.
 *
 * @returns ends the watch.
 */
export async function watchBrokenPods(
  access: PodAccess,
  log: Log,
  interval = 3000,
): Promise<() => Promise<void>> {
  // The watch is a help: where the API does not answer, the update says why.
  const known = await brokenPods(access).catch((error: unknown) => {
    passInterrupt(error);
    return [];
  });
  const over = new AbortController();
  const told = new Set<string>();
  const watch = async () => {
    const uids = known.map(({ metadata }) => metadata.uid);
    while (!over.signal.aborted && uids.length > 0) {
      await sleep(interval, undefined, { signal: over.signal }).catch(() => undefined);
      const now = await brokenPods(access).catch(() => []);
      for (const pod of now.filter(({ metadata }) => uids.includes(metadata.uid))) {
        await replace(pod, access, told, log).catch(() => undefined);
      }
    }
  };
  const watching = watch();
  return async () => {
    over.abort();
    await watching;
  };
}

async function replace(
  pod: Pod,
  { get, remove, namespace, kubectl }: PodAccess,
  told: Set<string>,
  log: Log,
) {
  const owner = ownerOf(pod) ?? "";
  const { name, uid, labels } = pod.metadata;
  const set = (await get(`/apis/apps/v1/namespaces/${namespace}/statefulsets/${owner}`)) as
    StatefulSet | undefined;
  const revision = labels?.["controller-revision-hash"];
  const isSeen = set?.status?.observedGeneration === set?.metadata.generation;
  if (set === undefined || !isSeen || set.status?.updateRevision === revision || told.has(uid)) return;
  told.add(uid);
  const state = pod.status?.containerStatuses?.find((container) => container.name === owner)?.state;
  if (state?.running !== undefined) {
    log(
      `Pod ${name} is of the revision before and not Ready, and holds the new one up; its container runs. To delete it:`,
    );
    log(`  ${kubectl} delete pod ${name}`);
    return;
  }
  log(
    `Pod ${name} is of the revision before and does not run (${state?.waiting?.reason ?? "not placed"}): it is deleted.`,
  );
  await remove(`/api/v1/namespaces/${namespace}/pods/${name}`);
}
