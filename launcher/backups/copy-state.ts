import { derivedName, podLabels } from "../../components/kubernetes/labels.ts";
import { lastLines } from "../../system/process.ts";
import { selectorOf, type Kubectl } from "../cluster/kubectl.ts";
import { backedUpService, type BackupContainer } from "./backup-container.ts";
import { backupsText, complaint, listDumps, OLDEST_HOURS, type DumpList } from "./dump-list.ts";

/** The copies of backups to a bucket, as the cluster knows them. */
export interface CopyState {
  /** The time since which the stack copies. */
  readonly since: string;
  /** The end of the last copy that succeeded. @default there is none yet */
  readonly lastSuccess?: string | undefined;
  /** The reason why the last one failed, or cannot go on. @default it succeeded, or is at work */
  readonly failure?: string | undefined;
}

interface ContainerStatus {
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: { readonly exitCode: number; readonly message?: string };
  };
}

/** An object with the label of the job: the CronJob, its Jobs and their pods. */
interface Labelled {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly creationTimestamp: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly status?: {
    readonly lastSuccessfulTime?: string;
    readonly message?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
    }[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** What a pod waits for while nothing is wrong. */
const usual = ["PodInitializing", "ContainerCreating"];

const newest = (objects: readonly Labelled[]): Labelled | undefined =>
  objects.toSorted((a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp))[0];

/** Reads how the copies of a service's backups go; undefined where the stack copies none. */
export async function copyState(kubectl: Kubectl, service: string): Promise<CopyState | undefined> {
  const label = selectorOf(podLabels(derivedName.bucketCopy(service)));
  const { items } = JSON.parse(
    await kubectl.run(["get", "cronjobs,jobs,pods", "-l", label, "-o", "json"]),
  ) as { readonly items: readonly Labelled[] };
  return stateOf(items);
}

/** The state of the copies, from the objects that have their label. */
export function stateOf(items: readonly Labelled[]): CopyState | undefined {
  const cronJob = items.find(({ kind }) => kind === "CronJob");
  if (cronJob === undefined) return undefined;
  const job = newest(items.filter(({ kind }) => kind === "Job"));
  return {
    since: cronJob.metadata.creationTimestamp,
    lastSuccess: cronJob.status?.lastSuccessfulTime,
    failure: job && failureOf(job, items),
  };
}

/** The reason why a Job failed: what its last pod said at the end, else what Kubernetes says; or what a pod waits for in vain. */
function failureOf(job: Labelled, items: readonly Labelled[]): string | undefined {
  const pod = newest(
    items.filter(
      ({ kind, metadata }) =>
        kind === "Pod" && metadata.labels?.["batch.kubernetes.io/job-name"] === job.metadata.name,
    ),
  );
  const states = [
    ...(pod?.status?.initContainerStatuses ?? []),
    ...(pod?.status?.containerStatuses ?? []),
  ].map(({ state }) => state);
  const failed = job.status?.conditions?.find(({ type, status }) => type === "Failed" && status === "True");
  if (failed) {
    const ended = states.find((state) => state?.terminated && state.terminated.exitCode !== 0)?.terminated;
    const words = [ended?.message, pod?.status?.message, failed.message].find((text) => text?.trim());
    const said = lastLines(words ?? "no reason is known", 1).trim();
    return `the last copy to the bucket failed (job ${job.metadata.name}): ${said}`;
  }
  const stuck = states.find(
    (state) => state?.waiting && !usual.includes(state.waiting.reason ?? ""),
  )?.waiting;
  return (
    stuck &&
    `the copy to the bucket cannot go on (job ${job.metadata.name}): ${stuck.message ?? stuck.reason ?? ""}`
  );
}

/** The reason why the copies are not what they should be; undefined where they are. */
export function copyComplaint(
  { since, lastSuccess, failure }: CopyState,
  now = Date.now(),
): string | undefined {
  if (failure !== undefined) return failure;
  const age = (now - Date.parse(lastSuccess ?? since)) / 3_600_000;
  if (age <= OLDEST_HOURS) return undefined;
  const hours = `${age.toFixed(0)} h`;
  return lastSuccess === undefined
    ? `nothing was copied to the bucket in the ${hours} since the stack has one`
    : `the last copy to the bucket is ${hours} old, and ${OLDEST_HOURS} h are the limit`;
}

/** The state of the copies in a few words, for people. */
export function copyText({ lastSuccess }: CopyState, now = Date.now()): string {
  if (lastSuccess === undefined) return "none is in the bucket yet";
  return `the last one was copied to the bucket ${((now - Date.parse(lastSuccess)) / 3_600_000).toFixed(1)} h ago`;
}

/** The dumps of a database, and where the stack has a bucket, how the copies go. */
export interface BackupState extends DumpList {
  readonly copy?: CopyState | undefined;
}

export async function backupState(container: BackupContainer): Promise<BackupState> {
  const list = await listDumps(container);
  return { ...list, copy: await copyState(container.kubectl, backedUpService().key) };
}

/** The reason why the backups or their copies are not what they should be; undefined where they are. */
export const stateComplaint = (state: BackupState, now = Date.now()): string | undefined =>
  complaint(state, now) ?? (state.copy && copyComplaint(state.copy, now));

/** The state of the backups and their copies in one line for people. */
export function stateText(state: BackupState, now = Date.now()): string {
  const { copy } = state;
  const why = copy && copyComplaint(copy, now);
  if (why !== undefined && complaint(state, now) === undefined)
    return `Backups:  not as they should be: ${why}`;
  return backupsText(state, now) + (copy && why === undefined ? `; ${copyText(copy, now)}` : "");
}
