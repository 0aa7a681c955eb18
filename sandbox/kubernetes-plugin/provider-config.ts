import { activeCluster } from "../plugin-kubeconfig.ts";
import { hasUnknown } from "../engine-values.ts";
import { type Fields, textAt } from "../../system/fields.ts";

/** The provider arguments that this plugin understands. */
const SERVED = ["kubeconfig", "context", "namespace", "clusterIdentifier", "enablePatchForce"];

/** Lists the provider arguments that would silently do nothing here, such as `upsertExistingObjects`. */
export const unsupportedArguments = (args: Fields): string[] =>
  Object.keys(args).filter((key) => key !== "version" && !SERVED.includes(key));

/**
 * Refuses every context but the one that the launcher named. A context of another name passes when it leads to the same
 * API server, because the kubeconfig of a simulated cloud's cluster has a context of its own.
 *
 * @param serverOf the API servers of the context that is asked for, and of the one that was named.
 * @throws when the launcher named none, or the provider asks for another one.
 */
export function guardContext(
  asked: string,
  named = "",
  serverOf: { readonly asked: string; readonly named: string } = { asked: "", named: "" },
): void {
  if (named !== "" && asked === named) return;
  if (named !== "" && serverOf.asked !== "" && serverOf.asked === serverOf.named) return;
  throw new Error(
    "the sandbox's stand-in for the kubernetes plugin serves only a local context named by the launcher " +
      `(stack \`sandbox\`, or PLUGINS=standin). Found context ${asked === "" ? "(none)" : `"${asked}"`}, expected ` +
      `${named === "" ? "MULTI_CLIENT_STANDIN_CONTEXT to name one" : `"${named}"`}. For any other cluster use the ` +
      "official plugin: run on a connected computer, without PLUGINS=standin.",
  );
}

/** Finds the provider arguments that changed, and those that mean another cluster (DiffConfig @ 94977969). */
export function diffConfig(olds: Fields, news: Fields): { changed: string[]; replaces: string[] } {
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
  const changed = keys.filter((key) => olds[key] !== news[key]);
  const { clusterIdentifier: before } = olds;
  const { clusterIdentifier: after } = news;
  // An identifier that is there and unchanged forbids a replacement; to add or remove one asks for none.
  if (after !== undefined && before === after) return { changed, replaces: [] };
  const replaces = before !== undefined && after !== undefined ? ["clusterIdentifier"] : [];
  const reach = ["kubeconfig", "context"].filter((key) => changed.includes(key));
  const unknown = reach.filter((key) => hasUnknown(news[key]));
  if (unknown.length > 0) return { changed, replaces: [...replaces, ...unknown] };
  const [was, is] = [olds, news].map((args) =>
    activeCluster(textAt(args, "kubeconfig"), textAt(args, "context")),
  );
  return { changed, replaces: !was || !is || was === is ? replaces : [...replaces, ...reach] };
}
