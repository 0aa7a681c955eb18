import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, sep } from "node:path";
import { type Document, isMap, isSeq, parseDocument } from "yaml";

/** How a cluster is reached; certificates by file. */
export interface ClientCertificate {
  readonly server: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** The file kubectl writes to: the first of $KUBECONFIG, else ~/.kube/config. */
export const userKubeconfig = (): string =>
  (process.env.KUBECONFIG ?? "").split(delimiter).find((file) => file !== "") ??
  join(homedir(), ".kube", "config");

const lists = ["clusters", "users", "contexts"] as const;

function load(file: string): Document {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const document: Document = parseDocument(text.trim() === "" ? "apiVersion: v1\nkind: Config\n" : text);
  if (document.errors.length > 0 || !isMap(document.contents)) {
    const why = document.errors[0]?.message.split("\n")[0] ?? "it is not a mapping";
    throw new Error(
      `${file} is no kubeconfig (${why}).\nFix: repair it, or choose another: export KUBECONFIG=/a/file`,
    );
  }
  return document;
}

function save(file: string, document: Document): void {
  const target = existsSync(file) ? realpathSync(file) : file; // a link stays a link
  mkdirSync(dirname(target), { recursive: true, mode: 0o750 });
  writeFileSync(`${target}.${process.pid}`, document.toString({ lineWidth: 0 }), { mode: 0o600 });
  renameSync(`${target}.${process.pid}`, target);
}

/** The entry called `name` in a list, as plain data. */
function entry(
  document: Document,
  list: (typeof lists)[number],
  name: string,
): Record<string, unknown> | undefined {
  const all = (document.toJS() as Record<string, unknown>)[list];
  return Array.isArray(all)
    ? (all as Record<string, unknown>[]).find((item) => item.name === name)
    : undefined;
}

function drop(document: Document, list: (typeof lists)[number], name: string): void {
  const all = document.get(list);
  if (isSeq(all)) all.items = all.items.filter((item) => !(isMap(item) && item.get("name") === name));
}

/** The user's certificate file that a context of ours holds; names another cluster when someone else made it. */
function certificateOf(document: Document, name: string): string | undefined {
  const user = entry(document, "users", name)?.user as Record<string, unknown> | undefined;
  const certificate = user?.["client-certificate"];
  return typeof certificate === "string" ? certificate : undefined;
}

/**
 * Writes cluster, user and context `name`; comments, other entries and `current-context` stay as they are.
 * @throws when a living cluster of someone else has that name.
 */
export function addContext(file: string, name: string, access: ClientCertificate): void {
  const document = load(file);
  const wanted = {
    clusters: { name, cluster: { server: access.server, "certificate-authority": access.ca } },
    users: { name, user: { "client-certificate": access.cert, "client-key": access.key } },
    contexts: { name, context: { cluster: name, user: name } },
  };
  const same = (list: (typeof lists)[number]) =>
    JSON.stringify(entry(document, list, name)) === JSON.stringify(wanted[list]);
  if (lists.every(same)) return;
  const foreign = certificateOf(document, name) ?? access.cert;
  if (entry(document, "users", name) !== undefined && foreign !== access.cert && existsSync(foreign)) {
    throw new Error(
      `Context ${name} in ${file} belongs to another cluster (its certificate is ${foreign}).\n` +
        `Fix: rename it (kubectl config rename-context ${name} other) and its cluster and user, or remove them.`,
    );
  }
  for (const list of lists) {
    drop(document, list, name);
    const all = document.get(list);
    if (isSeq(all) && all.items.length > 0) all.add(document.createNode(wanted[list]));
    else document.set(list, [wanted[list]]);
  }
  save(file, document);
}

/** Removes what `addContext` wrote for the cluster in `folder`; a current-context of that name is emptied. */
export function removeContext(file: string, name: string, folder: string): void {
  if (!existsSync(file)) return;
  const document = load(file);
  if (certificateOf(document, name)?.startsWith(folder + sep) !== true) return;
  for (const list of lists) drop(document, list, name);
  if (document.get("current-context") === name) document.set("current-context", "");
  save(file, document);
}
