import { accessSync, constants, statSync } from "node:fs";
import { userInfo } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { errorCode, UserError } from "./errors.ts";

/** The environment variables of a process. */
export type Env = Readonly<Record<string, string | undefined>>;

/** A folder of ours below an XDG base folder; a relative value is ignored, as the XDG specification asks. */
function xdg(value: string | undefined, env: Env, fallback: string): string {
  return join(value?.startsWith("/") === true ? value : join(homeFolder(env), fallback), "multi-client");
}

/**
 * The user's home folder: HOME, and where it is unset or empty the one that the system knows.
 *
 * @throws UserError where the system knows none, as in a container whose user has no entry of its own.
 */
export function homeFolder(env: Env): string {
  const set = value(env.HOME);
  if (set !== undefined) return set;
  try {
    return userInfo().homedir;
  } catch {
    throw new UserError(
      "HOME is not set, and the system knows no home folder of this user.\nFix: export HOME=/a/writable/folder",
    );
  }
}

/** The folder of what cannot be made again: state of stacks, locks. @default ~/.local/state/multi-client */
export const stateFolder = (env: Env = process.env): string => xdg(env.XDG_STATE_HOME, env, ".local/state");

/** The folder of what can be made again: programs that were built. @default ~/.cache/multi-client */
export const cacheFolder = (env: Env = process.env): string => xdg(env.XDG_CACHE_HOME, env, ".cache");

/** The user's own Pulumi folder: CLI versions, plugins, login. @default ~/.pulumi */
export const pulumiFolder = (env: Env): string => value(env.PULUMI_HOME) ?? join(homeFolder(env), ".pulumi");

/**
 * The folder of the user's login (getCredsFilePath, sdk/go/common/workspace/creds.go). @default {@link pulumiFolder}
 */
export const credentialsFolder = (env: Env): string =>
  value(env.PULUMI_CREDENTIALS_PATH) ?? pulumiFolder(env);

/** The kubeconfig files that kubectl would merge. @default ~/.kube/config */
export const kubeconfigFiles = (env: Env = process.env): string[] =>
  (value(env.KUBECONFIG) ?? join(homeFolder(env), ".kube", "config"))
    .split(delimiter)
    .filter((f) => f !== "");

/** Names the same files for a message, with the reason where one cannot be read. */
export const kubeconfigNames = (env: Env): string =>
  kubeconfigFiles(env)
    .map((file) => {
      const why = unreadable(file);
      return why === undefined ? file : `${file}, which ${why}`;
    })
    .join(", ");

function unreadable(file: string): string | undefined {
  try {
    if (statSync(file).isDirectory()) return "is a folder";
    accessSync(file, constants.R_OK);
    return undefined;
  } catch (error) {
    return errorCode(error) === "ENOENT" ? "is not there" : `cannot be read (${errorCode(error)})`;
  }
}

/** The value of a variable; an empty one counts as not set. */
export function value(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}

/**
 * The work tree in use: MULTI_CLIENT_ROOT, which the launcher sets for what the engine starts. @default the working
 * directory
 */
export const projectRoot = (env: Env = process.env): string => resolve(env.MULTI_CLIENT_ROOT ?? ".");
