import { setTimeout as sleep } from "node:timers/promises";
import { at, type Fields, listAt, nameOf, namespaceOf, textAt } from "../../system/fields.ts";
import type { KubeClient } from "../../system/kube-client.ts";

const API_VERSION = "snapshot.storage.k8s.io/v1";
const API = `/apis/${API_VERSION}`;
const CONTENTS = `${API}/volumesnapshotcontents`;
/** The milliseconds between two looks. */
const INTERVAL = 500;

/** What a snapshot controller is told. */
export interface SnapshotControllerOptions {
  /** Ends it. */
  readonly stop: AbortSignal;
  /** The error of the driver, asked before each snapshot. @default none */
  readonly error?: () => string | undefined;
}

/**
 * Does in a simulated cluster what a snapshot controller and the sidecar of a CSI driver do: it binds each VolumeSnapshot to a
 * content, which is ready at once, and deletes the contents whose snapshot is gone and whose policy says so. In a real cluster
 * they always run; here they run as long as a caller awaits this. No disk is copied.
 *
 * @see https://github.com/kubernetes-csi/external-snapshotter, pkg/common-controller and pkg/sidecar-controller
 */
export async function runSnapshotController(
  cluster: KubeClient,
  { stop, error = () => undefined }: SnapshotControllerOptions,
): Promise<void> {
  while (!stop.aborted) {
    // An API server that does not answer is asked again.
    await reconcile(cluster, error).catch(() => undefined);
    await sleep(INTERVAL, undefined, { signal: stop }).catch(() => undefined);
  }
}

async function reconcile(cluster: KubeClient, error: () => string | undefined): Promise<void> {
  const snapshots = listAt(await cluster.get(`${API}/volumesnapshots`), "items") as Fields[];
  for (const snapshot of snapshots)
    if (at(snapshot, "status", "readyToUse") !== true) await take(snapshot, cluster, error());
  const known = new Set(snapshots.map((each) => textAt(each, "metadata", "uid")));
  for (const content of listAt(await cluster.get(CONTENTS), "items") as Fields[]) {
    const isLost = !known.has(textAt(content, "spec", "volumeSnapshotRef", "uid"));
    if (isLost && at(content, "spec", "deletionPolicy") === "Delete")
      await cluster.send("DELETE", `${CONTENTS}/${nameOf(content)}`);
  }
}

/** Makes what a snapshot asks for, or writes into its status why not. */
async function take(snapshot: Fields, cluster: KubeClient, error: string | undefined): Promise<void> {
  const [name, namespace] = [nameOf(snapshot), namespaceOf(snapshot)];
  const uid = textAt(snapshot, "metadata", "uid");
  const path = `${API}/namespaces/${namespace}/volumesnapshots/${name}`;
  const now = new Date();
  const className = textAt(snapshot, "spec", "volumeSnapshotClassName");
  const claimName = textAt(snapshot, "spec", "source", "persistentVolumeClaimName");
  const snapshotClass = await cluster.get(`${API}/volumesnapshotclasses/${className}`);
  const claim = await cluster.get(`/api/v1/namespaces/${namespace}/persistentvolumeclaims/${claimName}`);
  const volume = await cluster.get(`/api/v1/persistentvolumes/${textAt(claim, "spec", "volumeName")}`);
  const [driver, handle] = [
    at(volume, "spec", "csi", "driver"),
    textAt(volume, "spec", "csi", "volumeHandle"),
  ];
  const why =
    driver === textAt(snapshotClass, "driver")
      ? error
      : `its class is of driver ${textAt(snapshotClass, "driver")}, its volume of ${String(driver)}`;
  if (why !== undefined) {
    const message = `Failed to check and update snapshot content: failed to take snapshot of the volume ${handle}: ${JSON.stringify(why)}`;
    await writeStatus(cluster, path, { readyToUse: false, error: { message, time: now.toISOString() } });
    return;
  }
  const content = `snapcontent-${uid}`;
  await cluster.send(
    "POST",
    CONTENTS,
    {},
    {
      apiVersion: API_VERSION,
      kind: "VolumeSnapshotContent",
      metadata: { name: content },
      spec: {
        deletionPolicy: at(snapshotClass, "deletionPolicy"),
        driver,
        source: { volumeHandle: handle },
        volumeSnapshotClassName: className,
        volumeSnapshotRef: { apiVersion: API_VERSION, kind: "VolumeSnapshot", name, namespace, uid },
      },
    },
  );
  const snapshotHandle = `snapshot-${uid.slice(0, 8)}`;
  const made = { readyToUse: true, creationTime: now.getTime() * 1e6, snapshotHandle };
  await writeStatus(cluster, `${CONTENTS}/${content}`, made);
  await writeStatus(cluster, path, {
    boundVolumeSnapshotContentName: content,
    creationTime: now.toISOString(),
    readyToUse: true,
    error: null,
  });
}

/** Writes the status of an object; null takes a field away. */
async function writeStatus(cluster: KubeClient, path: string, status: Fields): Promise<void> {
  const query = { fieldManager: "snapshot-controller" };
  await cluster.send("PATCH", `${path}/status`, query, { status }, "application/merge-patch+json");
}
