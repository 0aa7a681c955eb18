import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import { ApiError, type KubeClient } from "../../system/kube-client.ts";
import type { SimulatedAccount } from "./simulated-account.ts";
import { valueAt } from "./template.ts";
import { at, type Fields, listAt, nameOf, namespaceOf, textAt } from "../../system/fields.ts";

/** A controller of the cloud that writes the status of objects in its clusters: here only addresses. */
export interface ControllerRule {
  readonly source: string;
  /** The API path of the objects in all namespaces. */
  readonly list: string;
  /** The objects that it controls: those with this value, or any value, at this path. */
  readonly when: { readonly path: string; readonly is?: string };
  readonly status: Readonly<Record<string, unknown>>;
}

/** The nodes of a cloud: their labels, and the driver of their disks. */
export interface NodeRule {
  readonly source: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The name of the CSI driver, as a StorageClass spells it. */
  readonly disks: string;
}

const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const ADMISSION = "/apis/admissionregistration.k8s.io/v1";
/** The API paths of the kinds that a managed cluster comes with. */
const INSTALLED: Readonly<Record<string, string>> = {
  CustomResourceDefinition: CRDS,
  MutatingAdmissionPolicy: `${ADMISSION}/mutatingadmissionpolicies`,
  MutatingAdmissionPolicyBinding: `${ADMISSION}/mutatingadmissionpolicybindings`,
};
/** The milliseconds between two looks. */
const INTERVAL = 1_000;

/** Installs the APIs and admission policies of a managed cluster, and waits until the APIs are served. */
export async function installAddons(file: string, cluster: KubeClient): Promise<void> {
  const path = join(dirname(fileURLToPath(import.meta.url)), "installed", `${file}.yaml`);
  for (const document of parseAllDocuments(readFileSync(path, "utf8"))) {
    const object = document.toJS() as Fields;
    const kind = textAt(object, "kind");
    await cluster.send("POST", INSTALLED[kind] ?? "", {}, object).catch((error: unknown) => {
      if (!(error instanceof ApiError && error.reason === "AlreadyExists")) throw error;
    });
    if (kind === "CustomResourceDefinition") await awaitEstablished(nameOf(object), cluster);
  }
}

async function awaitEstablished(name: string, cluster: KubeClient): Promise<void> {
  for (let look = 0; look < 100; look++) {
    const live = await cluster.get(`${CRDS}/${name}`);
    const isServed = listAt(live, "status", "conditions").some(
      (each) => at(each, "type") === "Established" && at(each, "status") === "True",
    );
    if (isServed) return;
    await sleep(100);
  }
  throw new Error(`the API of ${name} is not served`);
}

/** Labels the nodes of the cluster as those of the cloud. */
export async function labelNodes({ labels }: NodeRule, cluster: KubeClient): Promise<void> {
  for (const node of listAt(await cluster.get("/api/v1/nodes"), "items") as Fields[]) {
    const path = `/api/v1/nodes/${nameOf(node)}`;
    const query = { fieldManager: "cloud" };
    await cluster.send("PATCH", path, query, { metadata: { labels } }, "application/merge-patch+json");
  }
}

const CLAIM_PROVISIONER = "volume.kubernetes.io/storage-provisioner";
const SELECTED_NODE = "volume.kubernetes.io/selected-node";

/**
 * Makes a volume without a disk for every claim whose node is chosen, as the provisioner of a CSI driver does.
 *
 * @param error of an injected fault: then each claim gets a warning instead.
 * @see https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode
 */
async function provisionVolumes(
  driver: string,
  find: () => KubeClient,
  error: string | undefined,
): Promise<void> {
  const cluster = find();
  for (const claim of listAt(await cluster.get("/api/v1/persistentvolumeclaims"), "items") as Fields[]) {
    const annotations = at(claim, "metadata", "annotations");
    const isWaiting =
      at(claim, "status", "phase") === "Pending" && at(annotations, SELECTED_NODE) !== undefined;
    if (!isWaiting || at(annotations, CLAIM_PROVISIONER) !== driver) continue;
    const [name, uid] = [textAt(claim, "spec", "storageClassName"), textAt(claim, "metadata", "uid")];
    if (error !== undefined) {
      // The API server refuses the warning when it is there already.
      await cluster.send("POST", ...provisioningFailed(claim, name, error)).catch(() => undefined);
      continue;
    }
    const storageClass = await cluster.get(`/apis/storage.k8s.io/v1/storageclasses/${name}`);
    const volume = {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: `pvc-${uid}` },
      spec: {
        accessModes: at(claim, "spec", "accessModes"),
        capacity: at(claim, "spec", "resources", "requests"),
        persistentVolumeReclaimPolicy: at(storageClass, "reclaimPolicy"),
        storageClassName: name,
        csi: { driver, volumeHandle: `disk-${uid.slice(0, 8)}` },
        claimRef: {
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          uid,
          namespace: namespaceOf(claim),
          name: nameOf(claim),
        },
      },
    };
    await cluster.send("POST", "/api/v1/persistentvolumes", {}, volume);
  }
}

/** The event of a volume that cannot be made, as kubernetes-csi/external-provisioner, pkg/controller, writes it. */
function provisioningFailed(
  claim: Fields,
  storageClass: string,
  error: string,
): [string, Record<string, string>, Fields] {
  const namespace = namespaceOf(claim);
  const now = new Date().toISOString();
  const event = {
    metadata: { name: `${nameOf(claim)}.provisioning`, namespace },
    involvedObject: {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      namespace,
      name: nameOf(claim),
      uid: textAt(claim, "metadata", "uid"),
    },
    type: "Warning",
    reason: "ProvisioningFailed",
    firstTimestamp: now,
    lastTimestamp: now,
    message: `failed to provision volume with StorageClass "${storageClass}": ${error}`,
  };
  return [`/api/v1/namespaces/${namespace}/events`, {}, event];
}

/**
 * Runs the cloud's controllers until the plugin ends; a cluster that does not answer is asked again. The first look
 * comes after a second, when a preview is over.
 */
export async function runControllers(
  {
    controllers,
    nodes,
  }: { readonly controllers: readonly ControllerRule[]; readonly nodes?: NodeRule | undefined },
  cluster: () => KubeClient,
  account: SimulatedAccount,
  stop: AbortSignal,
): Promise<void> {
  for (;;) {
    await sleep(INTERVAL, undefined, { signal: stop, ref: false }).catch(() => undefined);
    if (stop.aborted) return;
    for (const rule of controllers)
      if (account.controllerFault(rule.list) === undefined)
        await reconcile(rule, cluster).catch(() => undefined);
    if (nodes !== undefined) {
      const error = account.controllerFault(nodes.disks)?.error;
      await provisionVolumes(nodes.disks, cluster, error).catch(() => undefined);
    }
  }
}

/** Writes the status of the objects that have none yet. */
async function reconcile({ list, when, status }: ControllerRule, cluster: () => KubeClient): Promise<void> {
  const objects = listAt(await cluster().get(list), "items") as Fields[];
  for (const object of objects) {
    const found = valueAt(object, when.path);
    const isMine = when.is === undefined ? found !== undefined : found === when.is;
    const [key = ""] = Object.keys(status);
    const current = at(object, "status", key);
    const isEmpty = current === undefined || JSON.stringify(current) === "{}";
    if (!isMine || !isEmpty || at(object, "metadata", "deletionTimestamp") !== undefined) continue;
    const [root = "", plural = ""] = /^(.*)\/([^/]+)$/.exec(list)?.slice(1) ?? [];
    const path = `${root}/namespaces/${namespaceOf(object)}/${plural}/${nameOf(object)}/status`;
    await cluster().send(
      "PATCH",
      path,
      { fieldManager: "cloud" },
      { status },
      "application/merge-patch+json",
    );
  }
}
