import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import { ApiError, type KubeClient } from "../../system/kube-client.ts";
import type { SimulatedAccount } from "./simulated-account.ts";
import { valueAt } from "./template.ts";
import { at, type Fields, listAt, nameOf, namespaceOf, textAt } from "../../system/fields.ts";

/** What a cloud's own controller does to objects of a cluster of its: it writes an address, and nothing else here. */
export interface ControllerRule {
  readonly source: string;
  /** API path of the objects of all namespaces. */
  readonly list: string;
  /** Which of them are its business: what this path holds. */
  readonly when: { readonly path: string; readonly is?: string };
  readonly status: Readonly<Record<string, unknown>>;
}

/** What the nodes of a cloud are marked with, and which of its drivers makes their disks. */
export interface NodeRule {
  readonly source: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Name of the CSI driver, as a StorageClass spells it. */
  readonly disks: string;
}

const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const ADMISSION = "/apis/admissionregistration.k8s.io/v1";
/** API paths of what a managed cluster comes with, by kind. */
const INSTALLED: Readonly<Record<string, string>> = {
  CustomResourceDefinition: CRDS,
  MutatingAdmissionPolicy: `${ADMISSION}/mutatingadmissionpolicies`,
  MutatingAdmissionPolicyBinding: `${ADMISSION}/mutatingadmissionpolicybindings`,
};
/** Time between two looks, in milliseconds. */
const INTERVAL = 1_000;

/** Installs what a managed cluster comes with, and waits until the APIs among it are served. */
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

/** Marks the nodes there are, as the cloud's own are. */
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
 * Makes a volume for every claim that a node was chosen for, as a CSI driver's provisioner does
 * (https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode): there is no disk behind it.
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
      await cluster.send("POST", ...provisioningFailed(claim, name, error)).catch(() => undefined); // it is there already
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

/** What the provisioner of every CSI driver says then: kubernetes-csi/external-provisioner, pkg/controller. */
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
 * Does a controller's work until the plugin ends; a cluster that does not answer is asked again. The first look comes
 * after a while: a preview is over by then.
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
