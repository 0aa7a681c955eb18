import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { objectAt, textAt, type Fields } from "./fields.ts";
import { mergeKubeconfigs, parseKubeconfig, type Kubeconfig } from "./kubeconfig.ts";

/** How one API server is reached, and as whom (client-go calls it `rest.Config`). */
export interface ClientConfig {
  /** URL of the API server. */
  readonly server: string;
  /** The namespace of the context. @default "default" */
  readonly namespace: string;
  readonly tls: { ca?: Buffer; cert?: Buffer; key?: Buffer; rejectUnauthorized?: boolean };
  /** The bearer token; empty where a certificate stands for the user, or nothing does. */
  readonly token: string;
}

/**
 * Logs a user in whose entry names a helper program.
 *
 * @param exec that program, as the user's entry names it.
 * @param cluster the entry of the cluster.
 * @returns the entry of the user with what the program gave, and the authority to trust where the cluster names none.
 * @throws when the program cannot be run, or gives nothing.
 */
export type ExecLogin = (exec: Fields, cluster: Fields) => { readonly user: Fields; readonly ca?: Buffer };

/** Reads and merges kubeconfig files; one that cannot be read has no entries. Paths in a file count from its folder. */
export function readKubeconfig(files: readonly string[]): Kubeconfig {
  return mergeKubeconfigs(
    files.map((file) => {
      let text = "";
      try {
        text = readFileSync(file, "utf8");
      } catch {
        // whoever needs an entry says that it is missing
      }
      const { clusters, users, ...rest } = parseKubeconfig(text);
      const absolute = (entries: ReadonlyMap<string, Fields>, ...keys: string[]) =>
        new Map([...entries].map(([name, entry]) => [name, withAbsolutePaths(entry, keys, dirname(file))]));
      return {
        ...rest,
        clusters: absolute(clusters, "certificate-authority"),
        users: absolute(users, "client-certificate", "client-key"),
      };
    }),
  );
}

function withAbsolutePaths(entry: Fields, keys: readonly string[], folder: string): Fields {
  const found = keys.filter((key) => textAt(entry, key) !== "");
  return { ...entry, ...Object.fromEntries(found.map((key) => [key, resolve(folder, textAt(entry, key))])) };
}

/** The entries that a context leads to, empty where it leads nowhere; without a name the current context. */
export function entriesOf(config: Kubeconfig, context: string) {
  const active = config.contexts.get(context || config.currentContext) ?? {};
  const cluster = config.clusters.get(textAt(active, "cluster")) ?? {};
  return { active, cluster, user: config.users.get(textAt(active, "user")) ?? {} };
}

/**
 * What a client needs to reach the cluster of a context as its user.
 *
 * @param context its name; empty for the current context.
 * @param login logs in by a helper program. @default a user that needs one is refused
 * @throws when the context does not exist or leads nowhere, a certificate cannot be read, or the login fails.
 */
export function clientConfig(config: Kubeconfig, context: string, login: ExecLogin = refuse): ClientConfig {
  const { active, cluster, user } = entriesOf(config, context);
  const server = textAt(cluster, "server");
  if (server === "")
    throw new Error(`context "${context}" does not exist in the kubeconfig, or names no cluster`);
  const granted = user.exec === undefined ? { user } : login(objectAt(user, "exec"), cluster);
  const ca = certificate(cluster, "certificate-authority") ?? granted.ca;
  const cert = certificate(granted.user, "client-certificate");
  const key = certificate(granted.user, "client-key");
  const rejectUnauthorized = cluster["insecure-skip-tls-verify"] !== true;
  return {
    server,
    tls: { rejectUnauthorized, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
    namespace: textAt(active, "namespace") || "default",
    token: textAt(granted.user, "token"),
  };
}

/** A certificate or key: in the entry itself, or in the file that it names. */
function certificate(entry: Fields, key: string): Buffer | undefined {
  const inline = textAt(entry, `${key}-data`);
  if (inline !== "") return Buffer.from(inline, "base64");
  const file = textAt(entry, key);
  return file === "" ? undefined : readFileSync(file);
}

function refuse(exec: Fields): never {
  throw new Error(
    `the user of the context logs in with ${textAt(exec, "command")}, which only kubectl runs here`,
  );
}
