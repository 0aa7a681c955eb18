import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Takes one line for the user. */
export type Log = (line: string) => void;

/** A folder of ours below an XDG base folder; a relative value is ignored, as the XDG specification asks. */
function xdg(variable: string, fallback: string): string {
  const base = process.env[variable] ?? "";
  return join(base.startsWith("/") ? base : join(homedir(), fallback), "multi-client");
}

/** What can be built or fetched again. @default ~/.cache/multi-client */
export const cacheFolder = (): string => xdg("XDG_CACHE_HOME", ".cache");

/** What cannot: the cluster and its data. @default ~/.local/state/multi-client */
export const stateFolder = (): string => xdg("XDG_STATE_HOME", ".local/state");

/** The work tree in use: $MULTI_CLIENT_ROOT, which the launcher sets. @default the working directory */
export const projectRoot = (): string => resolve(process.env.MULTI_CLIENT_ROOT ?? ".");

/** The code of a system error (`ENOENT`), or "" for any other. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

const unwritable = new Map([
  ["ENOSPC", "the disk is full"],
  ["EDQUOT", "the disk quota is used up"],
  ["EROFS", "it is read-only"],
  ["EACCES", "permission is denied"],
  ["EPERM", "permission is denied"],
  ["ENOTDIR", "a part of its path is a file"],
]);

/** Turns a full or read-only folder into one clear message; any other error is returned as it is. */
export function explainWrite(error: unknown, folder: string, variable: string): unknown {
  // Node answers ENOENT where it cannot make a folder on a read-only disk.
  const noFolder = error instanceof Error && "syscall" in error && error.syscall === "mkdir";
  const why = unwritable.get(errorCode(error)) ?? (noFolder ? "the folder cannot be made" : undefined);
  if (why === undefined) return error;
  return new Error(
    `Cannot write to ${folder}: ${why}.\n` +
      `Fix: free space or permissions there, or choose another place: export ${variable}=/a/writable/folder`,
    { cause: error },
  );
}
