import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { explainWrite } from "../../system/errors.ts";
import { credentialsFolder, stateFolder, value, type Env } from "../../system/folders.ts";

/** Where the state of stacks is kept, and who says so. */
export interface Backend {
  readonly url: string;
  readonly because: string;
  /** Variables for the CLI, and for nothing else; empty where the user chose the backend. */
  readonly env: Readonly<Record<string, string>>;
  /** A folder that the launcher has to make. */
  readonly folder?: string;
  /** The backend in whose place this one is for one command: messages name that. @default none */
  readonly standsFor?: Backend;
}

/** A backend's URL for people and logs: a password in it, also one in its query, is ***. */
export const shownUrl = ({ url }: Backend): string =>
  url
    .replace(/^([a-z][\w+.-]*:\/\/[^:@/?#]*:).*@/i, "$1***@")
    .replaceAll(/([?&][^=&#]*(?:password|secret|token)[^=&#]*=)[^&#]*/gi, "$1***");

/** A backend in a folder that is removed again: what is planned there leaves no stack behind. */
export function throwAwayBackend(standsFor: Backend, folder: string): Backend {
  const url = pathToFileURL(folder).href;
  return { url, because: standsFor.because, env: { PULUMI_BACKEND_URL: url }, standsFor };
}

/** `PULUMI_BACKEND_URL`, else the current login, else files in the state folder. */
export function chooseBackend(env: Env): Backend {
  const url = value(env.PULUMI_BACKEND_URL);
  if (url !== undefined) return { url, because: "PULUMI_BACKEND_URL", env: {} };
  const login = currentLogin(env);
  if (login !== undefined) return { url: login, because: "the current Pulumi login", env: {} };
  const folder = stateFolder(env);
  const own = pathToFileURL(folder).href;
  return { url: own, because: "no Pulumi login found", env: { PULUMI_BACKEND_URL: own }, folder };
}

/** The login that the CLI finds: an access token in the environment counts, and the file may be encrypted. */
function currentLogin(env: Env): string | undefined {
  const token = value(env.PULUMI_ACCESS_TOKEN) !== undefined;
  const cloud = value(env.PULUMI_API) ?? "https://api.pulumi.com";
  const file = join(credentialsFolder(env), "credentials.json");
  if (!existsSync(file)) return token ? cloud : undefined;
  let found: Readonly<Record<string, unknown>>;
  try {
    found = JSON.parse(readFileSync(file, "utf8")) as typeof found;
  } catch {
    return `what ${file} says`; // not ours to judge: the CLI says what is wrong with it
  }
  if ("$pulumiSecureStore" in found) return "the account in the encrypted credentials file"; // only the CLI opens it
  const { current } = found;
  if (typeof current === "string" && current !== "") return current;
  return token ? cloud : undefined;
}

/** Makes the folder of a backend that the launcher chose; only its owner can read it. */
export function prepareBackend({ folder }: Backend): void {
  if (folder === undefined) return;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw explainWrite(error, folder, "XDG_STATE_HOME");
  }
}

/** The folder of a backend of files; undefined for any other, and for one whose URL names no absolute path. */
export const folderOf = (url: string): string | undefined =>
  url.startsWith("file:///") ? fileURLToPath(`file://${new URL(url).pathname}`) : undefined;

/**
 * Removes the empty `.attrs` files of a backend of files: beside each state the engine keeps a small file about it, and
 * one killed in the moment of writing that leaves it empty, so that the state, though whole, can no longer be read
 * ("failed to load checkpoint: EOF"). Source: gocloud.dev blob/fileblob/attrs.go (setAttrs, getAttrs).
 *
 * @returns the files that were removed.
 */
export function removeEmptyAttributes({ url }: Backend): string[] {
  const root = folderOf(url);
  if (root === undefined) return [];
  const folder = join(root, ".pulumi", "stacks");
  const broken = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => file.endsWith(".attrs") && statSync(file).size === 0);
  for (const file of broken) rmSync(file);
  return broken;
}
