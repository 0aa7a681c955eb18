import { removeConfig } from "../system/shell-command.ts";
import { commands, editStackFile, nearest, type Problem } from "./problems.ts";

/**
 * The settings whose namespace looks like the project's, as `multiclient:exposure`: nobody reads them.
 *
 * @param all the whole configuration, by full key.
 * @returns their values by the keys that were probably meant, and the refusals. No value is shown: it may be a secret.
 */
export function nearNamespaces(
  all: Readonly<Record<string, string>>,
  project: string,
): { readonly meant: Readonly<Record<string, string>>; readonly problems: readonly Problem[] } {
  const near = Object.keys(all).flatMap((key) => {
    const [namespace = "", name = ""] = key.split(":");
    const isNear = namespace !== project && nearest(namespace, [project]) !== undefined;
    return isNear ? [{ key, meant: `${project}:${name}` }] : [];
  });
  return {
    meant: Object.fromEntries(near.map(({ key, meant }) => [meant, all[key] ?? ""])),
    problems: near.map(({ key, meant }) => ({
      key,
      found: "a key that nobody reads",
      expected: `a key of the project; did you mean ${meant}?`,
      fix:
        meant in all
          ? commands(removeConfig(key, false))
          : editStackFile([], `write ${meant} instead of ${key}`),
    })),
  };
}
