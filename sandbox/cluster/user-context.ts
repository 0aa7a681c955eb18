import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, sep } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Document, isMap, isSeq, parseDocument } from "yaml";
import { entriesOf } from "../../system/client-config.ts";
import { textAt, type Fields } from "../../system/fields.ts";
import { kubeconfigFrom, type Kubeconfig } from "../../system/kubeconfig.ts";

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
  const written = `${target}.${process.pid}`;
  writeFileSync(written, document.toString({ lineWidth: 0 }), { mode: 0o600 });
  if (existsSync(target)) keepAccess(target, written);
  renameSync(written, target);
}

/** Gives a file the owner and the mode of another: with sudo the kubeconfig is still the user's, who reads it without. */
function keepAccess(from: string, to: string): void {
  const { uid, gid, mode } = statSync(from);
  if (process.getuid?.() === 0) chownSync(to, uid, gid);
  chmodSync(to, mode & 0o777);
}

function drop(document: Document, list: (typeof lists)[number], name: string): void {
  const all = document.get(list);
  if (isSeq(all)) all.items = all.items.filter((item) => !(isMap(item) && item.get("name") === name));
}

/** The certificate file that a user's entry names; it lies elsewhere when someone else made the entry. */
const certificateOf = ({ users }: Kubeconfig, name: string): string =>
  textAt(users.get(name), "client-certificate");

/** Tells whether any of the entries of a name was made by someone else, for a cluster that may be there. */
function isOfOther(present: Kubeconfig, name: string, own: { cluster: Fields; user: Fields }): boolean {
  const context = present.contexts.get(name);
  if (context !== undefined && textAt(context, "cluster") !== name) return true;
  // The same API server, whatever became of the files: kubectl config view --flatten writes what they hold.
  if (textAt(present.clusters.get(name), "server") === textAt(own.cluster, "server")) return false;
  const entries = [present.users.get(name), present.clusters.get(name)];
  if (entries.every((entry) => entry === undefined || Object.keys(entry).length === 0)) return false;
  const certificate = certificateOf(present, name);
  return (
    certificate === "" || (certificate !== textAt(own.user, "client-certificate") && existsSync(certificate))
  );
}

/**
 * Writes cluster, user and context `name` into a kubeconfig; comments, other entries and `current-context` stay.
 *
 * @param cluster the kubeconfig of the cluster, whose current context is taken over.
 * @throws when the file is no kubeconfig, or an entry of someone else has that name.
 */
export function addContext(file: string, name: string, cluster: Kubeconfig): void {
  const document = load(file);
  const own = entriesOf(cluster, "");
  const wanted: Readonly<Record<(typeof lists)[number], Fields>> = {
    clusters: own.cluster,
    users: own.user,
    contexts: { cluster: name, user: name },
  };
  const present = kubeconfigFrom(document.toJS());
  if (lists.every((list) => isDeepStrictEqual(present[list].get(name), wanted[list]))) return;
  if (isOfOther(present, name, own)) {
    const certificate = certificateOf(present, name);
    const why =
      certificate === "" ? "it has no certificate of the sandbox" : `its certificate is ${certificate}`;
    throw new Error(
      `Context ${name} in ${file} belongs to another cluster (${why}).\n` +
        `Fix: rename it (kubectl config rename-context ${name} other) and its cluster and user, or remove them.`,
    );
  }
  for (const list of lists) {
    drop(document, list, name);
    const all = document.get(list);
    const item = { name, [list.slice(0, -1)]: wanted[list] };
    if (isSeq(all) && all.items.length > 0) all.add(document.createNode(item));
    else document.set(list, [item]);
  }
  save(file, document);
}

/**
 * Removes what {@link addContext} wrote for a cluster; a current-context of that name is emptied.
 *
 * @param folder of that cluster: an entry whose certificate is elsewhere stays.
 */
export function removeContext(file: string, name: string, folder: string): void {
  if (!existsSync(file)) return;
  const document = load(file);
  if (!certificateOf(kubeconfigFrom(document.toJS()), name).startsWith(folder + sep)) return;
  for (const list of lists) drop(document, list, name);
  if (document.get("current-context") === name) document.set("current-context", "");
  save(file, document);
}
