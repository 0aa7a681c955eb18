import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { listAt, objectAt, textAt } from "./values.ts";
import type { Fields } from "./values.ts";

/** How to reach one cluster, and as whom. */
export interface Target {
  readonly server: string;
  /** The context's namespace, `default` where it names none. */
  readonly namespace: string;
  readonly tls: { ca?: Buffer; cert?: Buffer; key?: Buffer; rejectUnauthorized?: boolean };
  readonly token: string;
}

/** The entries a context leads to, from text or a file, `~` included (parseKubeconfigString, provider/util.go @ 94977969). */
function entries(pathOrText: string, context: string) {
  const path = (pathOrText || "~/.kube/config").replace(/^~(?=$|\/)/, homedir());
  const isFile = existsSync(path);
  const content: unknown = parse(isFile ? readFileSync(path, "utf8") : path);
  const entry = (kind: string, name: string): Fields =>
    objectAt(
      listAt(content, `${kind}s`).find((each) => textAt(each, "name") === name),
      kind,
    );
  const active = entry("context", context || textAt(content, "current-context"));
  const [cluster, user] = [
    entry("cluster", textAt(active, "cluster")),
    entry("user", textAt(active, "user")),
  ];
  return { active, cluster, user, folder: isFile ? dirname(resolve(path)) : "." };
}

/** The cluster that a kubeconfig and a context lead to, as text to compare; undefined if there is none. */
export function activeCluster(pathOrText: string, context: string): string | undefined {
  const cluster = pathOrText === "" ? {} : entries(pathOrText, context).cluster;
  return "server" in cluster ? JSON.stringify(cluster) : undefined;
}

/**
 * The cluster and user behind a context. Client certificates and tokens are served: a local cluster needs no more.
 *
 * @throws when the context does not exist, leads nowhere, or its user needs a helper program.
 */
export function targetOf(pathOrText: string, context: string): Target {
  const { active, cluster, user, folder } = entries(pathOrText, context);
  const server = textAt(cluster, "server");
  if (server === "")
    throw new Error(`context "${context}" does not exist in the kubeconfig, or names no cluster`);
  if (user.exec)
    throw new Error(`the user of context "${context}" needs a helper program, which is not served here`);
  const file = (from: Fields, key: string): Buffer | undefined => {
    const inline = textAt(from, `${key}-data`);
    if (inline !== "") return Buffer.from(inline, "base64");
    return textAt(from, key) === "" ? undefined : readFileSync(resolve(folder, textAt(from, key)));
  };
  const [ca, cert, key] = [
    file(cluster, "certificate-authority"),
    file(user, "client-certificate"),
    file(user, "client-key"),
  ];
  const rejectUnauthorized = cluster["insecure-skip-tls-verify"] !== true;
  const tls = { rejectUnauthorized, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  return { server, tls, namespace: textAt(active, "namespace") || "default", token: textAt(user, "token") };
}
