import { setTimeout as sleep } from "node:timers/promises";
import { apiPath, pluralOf } from "../../system/api-path.ts";
import { connectTo, type KubeClient } from "../../system/kube-client.ts";
import { context, kubeconfig } from "./world.ts";

/** A Kubernetes object as loose as the assertions on it need. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = Record<string, any>;

const versions: Readonly<Record<string, string>> = {
  Deployment: "apps/v1",
  ReplicaSet: "apps/v1",
  StatefulSet: "apps/v1",
  HorizontalPodAutoscaler: "autoscaling/v2",
  Job: "batch/v1",
  Ingress: "networking.k8s.io/v1",
  NetworkPolicy: "networking.k8s.io/v1",
  StorageClass: "storage.k8s.io/v1",
};
const clusterWide = ["Namespace", "Node", "PersistentVolume", "StorageClass"];
let cluster: KubeClient | undefined;

/** The API of this run's cluster. */
export function api(): KubeClient {
  cluster ??= connectTo([kubeconfig], context);
  return cluster;
}

/** A kind as the API's paths spell it. */
export function kindOf(kind: string) {
  const namespaced = !clusterWide.includes(kind);
  return { apiVersion: versions[kind] ?? "v1", kind, plural: pluralOf(kind), namespaced };
}

/** All objects of a kind in a namespace. */
export async function list(kind: string, namespace = "multi-client"): Promise<Loose[]> {
  const found: Loose = (await api().get(apiPath(kindOf(kind), namespace))) ?? {};
  return (found.items ?? []) as Loose[];
}

/** One object by name; nothing when it is not there. */
export function get(kind: string, name: string, namespace = "multi-client"): Promise<Loose | undefined> {
  return api().get(apiPath(kindOf(kind), namespace, name));
}

/** Makes an object that is not the program's. */
export async function create(kind: string, name: string, namespace: string, rest: Loose = {}): Promise<void> {
  const { apiVersion } = kindOf(kind);
  const metadata = { name, ...(namespace !== "" && { namespace }), ...(rest.metadata as object) };
  await api().create(kindOf(kind), { apiVersion, kind, ...rest, metadata }, "e2e", false);
}

/** Changes an object by hand, as `kubectl patch --type merge` does; `status` for its status. */
export async function patch(
  kind: string,
  name: string,
  namespace: string,
  change: Loose,
  subresource = "",
  fieldManager = "e2e-hand",
): Promise<void> {
  const path = `${apiPath(kindOf(kind), namespace, name)}${subresource && `/${subresource}`}`;
  await api().send("PATCH", path, { fieldManager }, change, "application/merge-patch+json");
}

/** Deletes an object by hand; nothing happens when it is not there. */
export async function remove(kind: string, name: string, namespace = "", grace?: number): Promise<void> {
  const query = grace === undefined ? {} : { gracePeriodSeconds: String(grace) };
  const path = apiPath(kindOf(kind), namespace, name);
  await api()
    .send("DELETE", path, { propagationPolicy: "Background", ...query })
    .catch((error: unknown) => {
      if (!String(error).includes("not found")) throw error;
    });
}

/** Looks every half second until `check` gives something. */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined | false>,
  seconds = 60,
): Promise<T> {
  const end = Date.now() + 1000 * seconds;
  for (;;) {
    const found = await check();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await sleep(500);
  }
}

/** Deletes a namespace by hand, and waits until it is gone. */
export async function removeNamespace(name: string): Promise<void> {
  await remove("Namespace", name);
  await until(`namespace ${name} is gone`, async () => (await get("Namespace", name)) === undefined, 120);
}

/** What `kubectl apply --server-side --dry-run=server` does; gives the API server's refusal or nothing. */
export async function dryRun(object: Loose): Promise<string | undefined> {
  const { kind, apiVersion } = object as { kind: string; apiVersion: string };
  try {
    await api().apply({ ...kindOf(kind), apiVersion }, object, "e2e", true, true);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** Pods by service, by uid: a pod that was replaced has another one. */
export async function podUids(namespace = "multi-client"): Promise<Record<string, string[]>> {
  const uids: Record<string, string[]> = {};
  for (const { metadata } of await list("Pod", namespace)) {
    if (metadata.deletionTimestamp === undefined)
      (uids[metadata.labels.component as string] ??= []).push(metadata.uid as string);
  }
  for (const all of Object.values(uids)) all.sort();
  return uids;
}

/** Services whose pods differ between two answers of `podUids`. */
export function rolled(before: Record<string, string[]>, after: Record<string, string[]>): string[] {
  return Object.keys(after)
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .sort();
}

/** uids of everything that holds data. */
export async function dataUids(namespace = "multi-client"): Promise<Record<string, string>> {
  const uids: Record<string, string> = {};
  for (const kind of ["PersistentVolumeClaim", "StatefulSet"]) {
    for (const { metadata } of await list(kind, namespace))
      uids[`${kind} ${String(metadata.name)}`] = metadata.uid as string;
  }
  uids.Namespace = (await get("Namespace", namespace))?.metadata.uid as string;
  return uids;
}

/** The generated password, as the API server has it: the Secret keeps the name it was made with. */
export async function password(namespace = "multi-client"): Promise<string> {
  const secrets = (await list("Secret", namespace)).filter(({ metadata }) =>
    metadata.name.startsWith("postgres-password-"),
  );
  if (secrets.length !== 1) throw new Error(`expected one password, got ${String(secrets.length)}`);
  return Buffer.from(secrets[0]?.data.PGPASSWORD as string, "base64").toString();
}
