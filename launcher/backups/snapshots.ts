import { setTimeout as sleep } from "node:timers/promises";
import { applicationLabels } from "../../components/kubernetes/labels.ts";
import { shellWords } from "../../system/shell-command.ts";
import { UserError } from "../../system/errors.ts";
import type { Log } from "../../system/log.ts";
import { selectorOf, type Kubectl } from "../cluster/kubectl.ts";

/** The API of the snapshots of volumes: https://kubernetes.io/docs/concepts/storage/volume-snapshots/ */
const GROUP = "snapshot.storage.k8s.io";
const API_VERSION = `${GROUP}/v1`;
/** The API path of what snapshots have in the cloud; a cluster without snapshots has none. */
export const SNAPSHOT_CONTENTS = `/apis/${API_VERSION}/volumesnapshotcontents`;
/** The label of the snapshots that this program made, of which old ones go. */
const MADE_BY = { "app.kubernetes.io/managed-by": "multi-client" } as const;
/** The number of snapshots of each claim that are kept. */
const KEEP = 5;

interface Named {
  readonly metadata: { readonly name: string };
}

interface Claim extends Named {
  readonly spec: { readonly volumeName?: string };
}

interface Volume extends Named {
  readonly spec: { readonly csi?: { readonly driver: string } };
}

interface SnapshotClass extends Named {
  readonly driver: string;
  readonly deletionPolicy: string;
}

/** A VolumeSnapshot, as far as it is read here. */
interface Snapshot extends Named {
  readonly spec: { readonly source: { readonly persistentVolumeClaimName?: string } };
  readonly status?: {
    readonly readyToUse?: boolean;
    readonly boundVolumeSnapshotContentName?: string;
    readonly error?: { readonly message?: string };
  };
}

/** The limits of {@link takeSnapshots}, in milliseconds. */
export interface SnapshotLimits {
  /** The time that all may take until they are ready. */
  readonly ready: number;
  /** The time that a driver may repeat what failed. */
  readonly error: number;
  /** The time between two looks. */
  readonly interval: number;
}

const LIMITS: SnapshotLimits = { ready: 900_000, error: 60_000, interval: 2_000 };

async function items<T>(kubectl: Kubectl, ...args: readonly string[]): Promise<readonly T[]> {
  return (JSON.parse(await kubectl.run(["get", ...args, "-o", "json"])) as { readonly items: readonly T[] })
    .items;
}

const create = (kubectl: Kubectl, object: Readonly<Record<string, unknown>>) =>
  kubectl.run(["create", "-f", "-"], JSON.stringify({ apiVersion: API_VERSION, ...object }));

/** The claims of the application with the CSI driver of their volumes; undefined where another kind of volume cannot be snapshotted. */
async function driversOf(kubectl: Kubectl): Promise<ReadonlyMap<string, string | undefined>> {
  const claims = await items<Claim>(kubectl, "persistentvolumeclaims", "-l", selectorOf(applicationLabels));
  const volumes = await items<Volume>(kubectl, "persistentvolumes");
  const drivers = new Map(volumes.map(({ metadata, spec }) => [metadata.name, spec.csi?.driver]));
  return new Map(claims.map(({ metadata, spec }) => [metadata.name, drivers.get(spec.volumeName ?? "")]));
}

/**
 * Finds the class by which a driver makes snapshots that outlive their objects, and makes one where the cluster has none. It
 * belongs to the cluster, not to the stack, whose end it survives as the snapshots do.
 */
async function classFor(kubectl: Kubectl, driver: string): Promise<string> {
  const classes = await items<SnapshotClass>(kubectl, `volumesnapshotclasses.${GROUP}`);
  const found = classes.find((each) => each.driver === driver && each.deletionPolicy === "Retain");
  if (found !== undefined) return found.metadata.name;
  const name = `multi-client-retain-${driver}`;
  const metadata = { name, labels: MADE_BY };
  await create(kubectl, { kind: "VolumeSnapshotClass", metadata, driver, deletionPolicy: "Retain" });
  return name;
}

/** The snapshots of this namespace that this program made, the newest first; their names end with the time. */
async function ownSnapshots(kubectl: Kubectl): Promise<readonly Snapshot[]> {
  const all = await items<Snapshot>(kubectl, `volumesnapshots.${GROUP}`, "-l", selectorOf(MADE_BY));
  return all.toSorted((one, other) => timeIn(other).localeCompare(timeIn(one)));
}

const claimOf = ({ spec }: Snapshot): string => spec.source.persistentVolumeClaimName ?? "";
const timeIn = ({ metadata }: Snapshot): string => metadata.name.split("-").at(-1) ?? "";

/** Waits until the snapshots of a time are ready, and says which are. @throws UserError with what a driver says */
async function awaitReady(kubectl: Kubectl, time: string, log: Log, limits: SnapshotLimits): Promise<void> {
  const begin = Date.now();
  const ready = new Set<string>();
  let failedSince = Infinity;
  for (;;) {
    const all = (await ownSnapshots(kubectl)).filter((each) => timeIn(each) === time);
    for (const { metadata, status } of all) {
      if (status?.readyToUse !== true || ready.has(metadata.name)) continue;
      ready.add(metadata.name);
      log(`${metadata.name} is ready, ${ready.size} of ${all.length}`);
    }
    if (ready.size === all.length) return;
    const errors = all.flatMap(({ metadata, status }) =>
      status?.readyToUse !== true && status?.error !== undefined
        ? [`  ${metadata.name}: ${status.error.message ?? "an error without a message"}`]
        : [],
    );
    failedSince = errors.length === 0 ? Infinity : Math.min(failedSince, Date.now());
    const waiting = all
      .filter(({ metadata }) => !ready.has(metadata.name))
      .map(({ metadata }) => metadata.name);
    if (Date.now() - failedSince >= limits.error || Date.now() - begin >= limits.ready) {
      const why = errors.length === 0 ? waiting.map((name) => `  ${name}: its driver says nothing`) : errors;
      throw new UserError(
        `${waiting.length} of ${all.length} snapshots are not ready:\n${why.join("\n")}\n` +
          `They are left as they are. See: ${shellWords(kubectl.command)} describe volumesnapshot ${waiting.join(" ")}`,
      );
    }
    await sleep(limits.interval);
  }
}

/**
 * Removes, of each claim, the ready snapshots beyond the number to keep, and those that failed before the newest ready one; with
 * what they have in the cloud.
 */
async function prune(kubectl: Kubectl, log: Log): Promise<void> {
  const seen = new Map<string, number>();
  for (const snapshot of await ownSnapshots(kubectl)) {
    const { status } = snapshot;
    const claim = claimOf(snapshot);
    const isReady = status?.readyToUse === true;
    const count = (seen.get(claim) ?? 0) + (isReady ? 1 : 0);
    seen.set(claim, count);
    const content = status?.boundVolumeSnapshotContentName;
    const failed = !isReady && status?.error !== undefined && count > 0;
    const isOld = isReady && count > KEEP && content !== undefined;
    if (!isOld && !failed) continue; // what is neither ready nor failed, its driver may be at work on
    // Its class says that what is in the cloud outlives the object: here both shall go.
    const change = JSON.stringify({ spec: { deletionPolicy: "Delete" } });
    if (content !== undefined)
      await kubectl.run([
        ...["patch", `volumesnapshotcontents.${GROUP}`, content],
        ...["--type", "merge", "-p", change],
      ]);
    await kubectl.run(["delete", `volumesnapshots.${GROUP}`, snapshot.metadata.name, "--wait=false"]);
    log(
      `removed ${snapshot.metadata.name}: ${failed ? "it failed" : `the newest ${KEEP} of ${claim} are kept`}`,
    );
  }
}

/** The reason why no snapshot can be made; undefined where each claim can have one. */
export async function noSnapshots(kubectl: Kubectl): Promise<string | undefined> {
  // Not by api-resources, which fails where any other API of the cluster does not answer.
  const { groups } = JSON.parse(await kubectl.run(["get", "--raw", "/apis"])) as {
    readonly groups: readonly { readonly name: string }[];
  };
  if (!groups.some(({ name }) => name === GROUP)) return `the cluster does not serve ${API_VERSION}`;
  const drivers = await driversOf(kubectl).catch((error: unknown) => {
    if (error instanceof UserError && error.message.includes("(Forbidden)")) return undefined;
    throw error;
  });
  if (drivers === undefined) return "this login may not read the claims and volumes of the cluster";
  if (drivers.size === 0) return `no claim has the label ${selectorOf(applicationLabels)}`;
  const others = [...drivers].flatMap(([name, driver]) => (driver === undefined ? [name] : []));
  return others.length === 0 ? undefined : `the volumes of ${others.join(", ")} are not of a CSI driver`;
}

/**
 * Makes a snapshot of every claim of the application, and waits until all are ready; then the oldest beyond
 * {@link KEEP} of each claim go. They are crash-consistent, each for itself: what a database finds after a loss of power.
 *
 * @returns the names of the snapshots.
 * @throws UserError where a driver fails; what was there before stays.
 */
export async function takeSnapshots(
  kubectl: Kubectl,
  log: Log,
  limits: SnapshotLimits = LIMITS,
): Promise<readonly string[]> {
  const time = new Date()
    .toISOString()
    .replace(/[-:]|\.\d+/g, "")
    .toLowerCase();
  const drivers = await driversOf(kubectl);
  const names: string[] = [];
  for (const [claim, driver = ""] of drivers) {
    const name = `${claim}-${time}`;
    const source = { persistentVolumeClaimName: claim };
    const spec = { volumeSnapshotClassName: await classFor(kubectl, driver), source };
    const metadata = { name, labels: { ...applicationLabels, ...MADE_BY } };
    await create(kubectl, { kind: "VolumeSnapshot", metadata, spec });
    names.push(name);
  }
  await awaitReady(kubectl, time, log, limits);
  await prune(kubectl, log);
  return names;
}
