import { isIPv4 } from "node:net";
import { parse } from "yaml";

/** What the program needs to know of one context of a kubeconfig. Holds no credentials. */
export interface KubeContext {
  readonly name: string;
  /** URL of the API server. */
  readonly server: string;
  /** Whether minikube wrote it: its cluster or context entry carries minikube's extension. */
  readonly minikube: boolean;
}

interface Entry {
  readonly name?: unknown;
  readonly cluster?: {
    readonly server?: unknown;
    readonly extensions?: unknown;
    readonly "certificate-authority-data"?: unknown;
  };
  readonly context?: { readonly cluster?: unknown; readonly extensions?: unknown };
}

/**
 * The contexts of one or several kubeconfig texts; the first text that names a context or cluster wins,
 * as kubectl merges them. A text that is no kubeconfig gives no context.
 * Source: https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 */
export function kubeContexts(texts: readonly string[]): KubeContext[] {
  const files = texts.map(read);
  const clusters = new Map<unknown, Entry>();
  for (const entry of files.flatMap((file) => entries(file, "clusters"))) {
    if (!clusters.has(entry.name)) clusters.set(entry.name, entry);
  }
  const contexts = new Map<string, KubeContext>();
  for (const { name, context } of files.flatMap((file) => entries(file, "contexts"))) {
    const cluster = clusters.get(context?.cluster)?.cluster;
    if (typeof name !== "string" || typeof cluster?.server !== "string" || contexts.has(name)) continue;
    const minikube = isMinikube(cluster.extensions) || isMinikube(context?.extensions);
    contexts.set(name, { name, server: cluster.server, minikube });
  }
  return [...contexts.values()];
}

/** What leads to the one cluster of a kubeconfig, as a cloud hands it out. */
export function clusterOf(text: string): { server: string; certificateAuthority?: string } {
  const cluster = entries(read(text), "clusters")[0]?.cluster;
  const { server, "certificate-authority-data": certificateAuthority } = cluster ?? {};
  if (typeof server !== "string") throw new Error("the cloud gave a kubeconfig that names no server");
  return { server, ...(typeof certificateAuthority === "string" && { certificateAuthority }) };
}

/** Whether the URL leads to this computer itself, as a port published by a container engine does. */
export function isLoopback(server: string): boolean {
  const host = hostOf(server);
  return host === "localhost" || host === "[::1]" || (isIPv4(host) && host.startsWith("127."));
}

/** Whether the URL leads to this computer or a private network (RFC 1918, RFC 4193, link-local, `.local`). */
export function isPrivate(server: string): boolean {
  const host = hostOf(server);
  if (isLoopback(server) || /\.(local|internal|localhost)$/.test(host)) return true;
  if (host.startsWith("[")) return /^\[(f[cd]|fe8)/.test(host);
  return isIPv4(host) && /^(10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\./.test(host);
}

/** Host of a URL; IPv6 in brackets. Empty for text that is no URL. */
export function hostOf(server: string): string {
  return URL.canParse(server) ? new URL(server).hostname : "";
}

function read(text: string): Record<string, unknown> {
  try {
    const value: unknown = parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function entries(file: Record<string, unknown>, key: "clusters" | "contexts"): Entry[] {
  const list = file[key];
  return Array.isArray(list) ? list.filter((e): e is Entry => typeof e === "object" && e !== null) : [];
}

/** minikube marks what it writes: pkg/minikube/kubeconfig/extension.go, `provider: minikube.sigs.k8s.io`. */
function isMinikube(extensions: unknown): boolean {
  return (
    Array.isArray(extensions) &&
    extensions.some(
      (e: { extension?: { provider?: unknown } } | null) => e?.extension?.provider === "minikube.sigs.k8s.io",
    )
  );
}
