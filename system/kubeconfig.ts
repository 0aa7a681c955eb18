// What a kubeconfig says. Pure: it reads no file, so components may import it.
import { parse } from "yaml";
import { isObject, listAt, objectAt, textAt, type Fields } from "./fields.ts";

/** The entries of a kubeconfig by their names, each without its name. */
export interface Kubeconfig {
  readonly currentContext: string;
  readonly clusters: ReadonlyMap<string, Fields>;
  readonly users: ReadonlyMap<string, Fields>;
  readonly contexts: ReadonlyMap<string, Fields>;
}

/** Parses a kubeconfig; a text that is none has no entries. */
export function parseKubeconfig(text: string): Kubeconfig {
  let file: unknown;
  try {
    file = parse(text);
  } catch {
    file = undefined; // whoever needs an entry says that it is missing
  }
  return kubeconfigFrom(file);
}

/** The kubeconfig in what a YAML parser made of one. */
export function kubeconfigFrom(file: unknown): Kubeconfig {
  const entries = (kind: string): [string, Fields][] =>
    listAt(file, `${kind}s`)
      .filter(isObject)
      .map((entry) => [textAt(entry, "name"), objectAt(entry, kind)]);
  return {
    currentContext: textAt(file, "current-context"),
    clusters: firstWins(entries("cluster")),
    users: firstWins(entries("user")),
    contexts: firstWins(entries("context")),
  };
}

/**
 * Merges kubeconfigs as kubectl does: the first one that has an entry of a name wins.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files
 */
export function mergeKubeconfigs(files: readonly Kubeconfig[]): Kubeconfig {
  return {
    currentContext: files.find(({ currentContext }) => currentContext !== "")?.currentContext ?? "",
    clusters: firstWins(files.flatMap(({ clusters }) => [...clusters])),
    users: firstWins(files.flatMap(({ users }) => [...users])),
    contexts: firstWins(files.flatMap(({ contexts }) => [...contexts])),
  };
}

function firstWins(entries: readonly [string, Fields][]): Map<string, Fields> {
  const found = new Map<string, Fields>();
  for (const [name, entry] of entries) if (!found.has(name)) found.set(name, entry);
  return found;
}

/** A context of a kubeconfig, as far as the program needs to know it. It holds no credentials. */
export interface KubeContext {
  readonly name: string;
  /** URL of the API server. */
  readonly server: string;
  /** minikube wrote the context or its cluster: one of them carries minikube's extension. */
  readonly minikube: boolean;
}

/** The contexts of a kubeconfig that lead to an API server. */
export function kubeContexts({ contexts, clusters }: Kubeconfig): KubeContext[] {
  return [...contexts].flatMap(([name, context]) => {
    const cluster = clusters.get(textAt(context, "cluster"));
    const server = textAt(cluster, "server");
    return server === "" ? [] : [{ name, server, minikube: isMinikube(cluster) || isMinikube(context) }];
  });
}

/** minikube marks the entries that it writes (pkg/minikube/kubeconfig/extension.go, `minikube.sigs.k8s.io`). */
const isMinikube = (entry: unknown): boolean =>
  listAt(entry, "extensions").some(
    (each) => textAt(each, "extension", "provider") === "minikube.sigs.k8s.io",
  );

/**
 * The server and its certificate authority in a kubeconfig of one cluster, as a cloud hands it out.
 *
 * @throws when it names no server.
 */
export function clusterOf(text: string): { server: string; certificateAuthority?: string } {
  const [cluster] = parseKubeconfig(text).clusters.values();
  const [server, authority] = [textAt(cluster, "server"), textAt(cluster, "certificate-authority-data")];
  if (server === "") throw new Error("the cloud gave a kubeconfig that names no server");
  return { server, ...(authority !== "" && { certificateAuthority: authority }) };
}
