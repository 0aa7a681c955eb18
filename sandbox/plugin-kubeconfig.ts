import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import {
  clientConfig,
  entriesOf,
  readKubeconfig,
  type ClientConfig,
  type ExecLogin,
} from "../system/client-config.ts";
import { listAt, textAt, type Fields } from "../system/fields.ts";
import { kubeconfigFiles } from "../system/folders.ts";
import { parseKubeconfig } from "../system/kubeconfig.ts";

/**
 * A kubeconfig as provider arguments have it: its text, the path of one file, or, where it is empty, the files that
 * kubectl would merge.
 *
 * @see Configure, provider.go, and parseKubeconfigString, util.go, in provider/pkg/provider @ 94977969.
 */
function kubeconfigFrom(pathOrText: string) {
  if (pathOrText === "") return readKubeconfig(kubeconfigFiles());
  const path = pathOrText.replace(/^~(?=$|\/)/, homedir());
  return existsSync(path) ? readKubeconfig([path]) : parseKubeconfig(path);
}

/** The API server that a kubeconfig and a context lead to; empty if there is none. */
export const serverOf = (pathOrText: string, context: string): string =>
  textAt(entriesOf(kubeconfigFrom(pathOrText), context).cluster, "server");

/** The cluster that a kubeconfig and a context lead to, as text to compare; undefined if there is none. */
export function activeCluster(pathOrText: string, context: string): string | undefined {
  const cluster = pathOrText === "" ? {} : entriesOf(kubeconfigFrom(pathOrText), context).cluster;
  return "server" in cluster ? JSON.stringify(cluster) : undefined;
}

/**
 * How the cluster behind a context is reached, where clouds are simulated also with a helper program's credential.
 *
 * @throws when the context does not exist, leads nowhere, or its user's helper program gives nothing.
 */
export const pluginClientConfig = (pathOrText: string, context: string): ClientConfig =>
  clientConfig(kubeconfigFrom(pathOrText), context, simulatedLogin);

/** How the cluster that the launcher named is reached. It also stands for the clusters of simulated clouds. */
export const sandboxClientConfig = (): ClientConfig =>
  pluginClientConfig("", process.env.MULTI_CLIENT_STANDIN_CONTEXT ?? "");

/**
 * Runs a helper program for its credential. Only simulated clouds have one: any other would log in somewhere real.
 *
 * @see client-go, plugin/pkg/client/auth/exec, ExecCredential `client.authentication.k8s.io/v1beta1`.
 */
const simulatedLogin: ExecLogin = (exec, cluster) => {
  const command = textAt(exec, "command");
  if (process.env.MULTI_CLIENT_CLOUDS === undefined)
    throw new Error(
      `the user needs the helper program ${command}, which is served for simulated clouds only`,
    );
  const info = {
    apiVersion: "client.authentication.k8s.io/v1beta1",
    kind: "ExecCredential",
    spec: {
      interactive: false,
      ...(exec.provideClusterInfo === true && { cluster: { server: textAt(cluster, "server") } }),
    },
  };
  const env = { ...process.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  const args = listAt(exec, "args").map(String);
  const { status, stdout, stderr, error } = spawnSync(command, args, { env, encoding: "utf8" });
  if (error !== undefined || status !== 0)
    throw new Error(
      `getting credentials: exec: executable ${command} failed: ${error?.message ?? stderr.trim()}. ${textAt(exec, "installHint")}`,
    );
  const answer: unknown = JSON.parse(stdout);
  const base64 = (key: string) => Buffer.from(textAt(answer, "status", key)).toString("base64");
  const user: Fields = {
    token: textAt(answer, "status", "token"),
    "client-certificate-data": base64("clientCertificateData"),
    "client-key-data": base64("clientKeyData"),
  };
  // A cluster without an authority of its own is trusted by one that every computer knows: here that of the sandbox.
  const { ca } = sandboxClientConfig().tls;
  return { user, ...(ca && { ca }) };
};
