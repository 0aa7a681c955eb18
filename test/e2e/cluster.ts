import { connect, pathOf, type Cluster } from "../../sandbox/kubernetes/cluster.ts";
import { targetOf } from "../../sandbox/kubernetes/kubeconfig.ts";
import { context, kubeconfig } from "./world.ts";

/** A Kubernetes object as loose as the assertions on it need. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Loose = Record<string, any>;

const versions: Readonly<Record<string, string>> = {
  Deployment: "apps/v1",
  StatefulSet: "apps/v1",
  Ingress: "networking.k8s.io/v1",
};
let cluster: Cluster | undefined;

function api(): Cluster {
  cluster ??= connect(targetOf(kubeconfig, context));
  return cluster;
}

function kindOf(kind: string) {
  const plural = `${kind.toLowerCase()}${kind.endsWith("s") ? "es" : "s"}`;
  return {
    apiVersion: versions[kind] ?? "v1",
    kind,
    plural,
    namespaced: kind !== "Namespace",
    replaceOn: [],
  };
}

/** All objects of a kind in a namespace. */
export async function list(kind: string, namespace = "multi-client"): Promise<Loose[]> {
  const found: Loose = (await api().get(pathOf(kindOf(kind), namespace))) ?? {};
  return (found.items ?? []) as Loose[];
}

/** One object by name; nothing when it is not there. */
export function get(kind: string, name: string, namespace = "multi-client"): Promise<Loose | undefined> {
  return api().get(pathOf(kindOf(kind), namespace, name));
}

/** Makes a namespace that is not the program's. */
export async function createNamespace(name: string): Promise<void> {
  await api().create(kindOf("Namespace"), { metadata: { name } }, "e2e", false);
}

/** Deletes a namespace by hand. */
export async function removeNamespace(name: string): Promise<void> {
  await api().remove(kindOf("Namespace"), { metadata: { name } });
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
export async function podUids(): Promise<Record<string, string[]>> {
  const uids: Record<string, string[]> = {};
  for (const { metadata } of await list("Pod")) {
    if (metadata.deletionTimestamp === undefined)
      (uids[metadata.labels.component as string] ??= []).push(metadata.uid as string);
  }
  for (const all of Object.values(uids)) all.sort();
  return uids;
}

/** uids of everything that holds data. */
export async function dataUids(): Promise<Record<string, string>> {
  const uids: Record<string, string> = {};
  for (const kind of ["PersistentVolumeClaim", "StatefulSet"]) {
    for (const { metadata } of await list(kind))
      uids[`${kind} ${String(metadata.name)}`] = metadata.uid as string;
  }
  uids["Namespace multi-client"] = (await get("Namespace", "multi-client"))?.metadata.uid as string;
  return uids;
}

/** The generated password, as the API server has it. */
export async function password(): Promise<string> {
  const secrets = (await list("Secret")).filter(({ metadata }) =>
    metadata.name.startsWith("postgres-password-"),
  );
  if (secrets.length !== 1) throw new Error(`expected one password, got ${String(secrets.length)}`);
  return Buffer.from(secrets[0]?.data.PGPASSWORD as string, "base64").toString();
}
