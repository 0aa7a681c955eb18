import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { listAt, objectAt, textAt } from "../sandbox/engine-values.ts";
import type { Fields } from "../sandbox/engine-values.ts";
import { kubeconfigFiles } from "./folders.ts";

/** How to reach one cluster, and as whom. */
export interface Target {
  readonly server: string;
  /** The context's namespace, `default` where it names none. */
  readonly namespace: string;
  readonly tls: { ca?: Buffer; cert?: Buffer; key?: Buffer; rejectUnauthorized?: boolean };
  readonly token: string;
}

/**
 * A kubeconfig: its text, or the path of one file, or, where it is empty, the files that kubectl would merge; a list names
 * those files itself. (Configure, provider.go, and parseKubeconfigString, util.go in provider/pkg/provider @ 94977969.)
 */
type Kubeconfig = string | readonly string[];

/** The content of one kubeconfig, and the folder that paths in it are relative to. */
interface Source {
  readonly content: unknown;
  readonly folder: string;
}

function sourcesOf(kubeconfig: Kubeconfig): Source[] {
  const read = (file: string) => ({
    content: parse(readFileSync(file, "utf8")) as unknown,
    folder: dirname(resolve(file)),
  });
  if (typeof kubeconfig !== "string") return kubeconfig.filter((file) => existsSync(file)).map(read);
  if (kubeconfig === "") return sourcesOf(kubeconfigFiles());
  const path = kubeconfig.replace(/^~(?=$|\/)/, homedir());
  return [existsSync(path) ? read(path) : { content: parse(path) as unknown, folder: "." }];
}

/** The entries that a context leads to; the first file that has an entry counts, as kubectl merges them. */
function entries(kubeconfig: Kubeconfig, context: string) {
  const sources = sourcesOf(kubeconfig);
  const find = (kind: string, name: string) => {
    const found = sources
      .flatMap(({ content, folder }) => listAt(content, `${kind}s`).map((entry) => ({ entry, folder })))
      .find(({ entry }) => textAt(entry, "name") === name);
    return { value: objectAt(found?.entry, kind), folder: found?.folder ?? "." };
  };
  const current = sources.map(({ content }) => textAt(content, "current-context")).find(Boolean) ?? "";
  const active = find("context", context || current).value;
  return {
    active,
    cluster: find("cluster", textAt(active, "cluster")),
    user: find("user", textAt(active, "user")),
  };
}

/** The API server that a kubeconfig and a context lead to; empty if there is none. */
export const serverOf = (kubeconfig: Kubeconfig, context: string): string =>
  textAt(entries(kubeconfig, context).cluster.value, "server");

/** The cluster that a plugin's kubeconfig and context lead to, as text to compare; undefined if there is none. */
export function activeCluster(kubeconfig: string, context: string): string | undefined {
  const cluster = kubeconfig === "" ? {} : entries(kubeconfig, context).cluster.value;
  return "server" in cluster ? JSON.stringify(cluster) : undefined;
}

/**
 * The cluster and user behind a context.
 *
 * @throws when the context does not exist, leads nowhere, or its user's helper program gives nothing.
 */
export function targetOf(kubeconfig: Kubeconfig, context: string): Target {
  const { active, cluster: clusterEntry, user: userEntry } = entries(kubeconfig, context);
  const [cluster, user] = [clusterEntry.value, userEntry.value];
  const server = textAt(cluster, "server");
  if (server === "")
    throw new Error(`context "${context}" does not exist in the kubeconfig, or names no cluster`);
  const granted = user.exec === undefined ? user : credential(objectAt(user, "exec"), cluster);
  const file = (from: Fields, key: string, folder: string): Buffer | undefined => {
    const inline = textAt(from, `${key}-data`);
    if (inline !== "") return Buffer.from(inline, "base64");
    return textAt(from, key) === "" ? undefined : readFileSync(resolve(folder, textAt(from, key)));
  };
  const [ca, cert, key] = [
    file(cluster, "certificate-authority", clusterEntry.folder),
    file(granted, "client-certificate", userEntry.folder),
    file(granted, "client-key", userEntry.folder),
  ];
  // Without an authority any that every computer trusts will do: of a simulated cloud, the sandbox's.
  const authority = ca ?? (user.exec === undefined ? undefined : simulatedAuthority());
  const rejectUnauthorized = cluster["insecure-skip-tls-verify"] !== true;
  const tls = {
    rejectUnauthorized,
    ...(authority && { ca: authority }),
    ...(cert && { cert }),
    ...(key && { key }),
  };
  return {
    server,
    tls,
    namespace: textAt(active, "namespace") || "default",
    token: textAt(granted, "token"),
  };
}

/** The authority of the API server that stands for every cluster of a simulated cloud. */
function simulatedAuthority(): Buffer | undefined {
  const { MULTI_CLIENT_CLOUDS, MULTI_CLIENT_STANDIN_CONTEXT = "" } = process.env;
  return MULTI_CLIENT_CLOUDS === undefined ? undefined : targetOf("", MULTI_CLIENT_STANDIN_CONTEXT).tls.ca;
}

/**
 * What a helper program prints, as the user entry of a kubeconfig spells it. Protocol: client-go,
 * plugin/pkg/client/auth/exec, ExecCredential `client.authentication.k8s.io/v1beta1`. Only where the clouds are the
 * sandbox's: any other helper program would log in somewhere real.
 */
function credential(exec: Fields, cluster: Fields): Fields {
  const command = textAt(exec, "command");
  if (process.env.MULTI_CLIENT_CLOUDS === undefined)
    throw new Error(
      `the user needs the helper program ${command}, which is served for simulated clouds only`,
    );
  const args = listAt(exec, "args").map(String);
  const info = {
    apiVersion: "client.authentication.k8s.io/v1beta1",
    kind: "ExecCredential",
    spec: {
      interactive: false,
      ...(exec.provideClusterInfo === true && { cluster: { server: textAt(cluster, "server") } }),
    },
  };
  const env = { ...process.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  const { status, stdout, stderr, error } = spawnSync(command, args, { env, encoding: "utf8" });
  if (error !== undefined || status !== 0)
    throw new Error(
      `getting credentials: exec: executable ${command} failed: ${error?.message ?? stderr.trim()}. ${textAt(exec, "installHint")}`,
    );
  const answer: unknown = JSON.parse(stdout);
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return {
    token: textAt(answer, "status", "token"),
    "client-certificate-data": base64(textAt(answer, "status", "clientCertificateData")),
    "client-key-data": base64(textAt(answer, "status", "clientKeyData")),
  };
}
