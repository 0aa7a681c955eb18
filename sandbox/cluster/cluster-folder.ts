import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { errorCode } from "../../system/errors.ts";
import { startTime } from "../../system/lock.ts";

/**
 * Removes the folder of a cluster. It takes another name first, because an interrupt would leave a part of the data, which the
 * next start would take for all of it.
 */
export function removeClusterFolder(folder: string): void {
  sweepRemoved(folder);
  try {
    if (existsSync(folder)) renameSync(folder, `${folder}.removing-${process.pid}`);
  } catch (error) {
    // On overlayfs a folder of a lower layer cannot take another name.
    if (errorCode(error) !== "EXDEV") throw error;
    rmSync(folder, { recursive: true, force: true });
  }
  sweepRemoved(folder);
}

/** Removes what interrupted removals of a folder left; that of another process goes on. */
export function sweepRemoved(folder: string): void {
  if (!existsSync(dirname(folder))) return;
  for (const found of readdirSync(dirname(folder))) {
    const [, of, pid] = /^(.*)\.removing-(\d+)$/.exec(found) ?? [];
    if (of !== basename(folder)) continue;
    if (pid === String(process.pid) || startTime(Number(pid)) === undefined)
      rmSync(join(dirname(folder), found), { recursive: true, force: true });
  }
}
