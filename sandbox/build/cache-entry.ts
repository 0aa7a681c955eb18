import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { explainWrite } from "../../system/errors.ts";
import { cacheFolder } from "../../system/folders.ts";
import { startTime, withLock } from "../../system/lock.ts";
import type { Log } from "../../system/log.ts";

/** The options of {@link ensureEntry}. */
export interface CacheEntryOptions {
  /** The folder of the entry, whose name has the hash of all that goes into it. */
  readonly entry: string;
  /** The name of the entry in lines for the user. */
  readonly name: string;
  /** Finds what is wrong with the entry; undefined where nothing is. */
  readonly defect: () => string | undefined | Promise<string | undefined>;
  /** Makes the content in a folder beside the entry, which does not exist yet. */
  readonly make: (partial: string) => Promise<void>;
  readonly log: Log;
}

/**
 * Makes an entry of the cache where it has no sound one. The entry appears whole, by a renaming; two that want it at
 * once make it once; what interrupted ones left is swept, of entries that nobody wants any more too.
 *
 * @throws UserError when the cache cannot be written.
 */
export async function ensureEntry({ entry, name, defect, make, log }: CacheEntryOptions): Promise<void> {
  if ((await defect()) === undefined) return; // the usual case takes no lock and writes nothing
  try {
    await withLock(`${entry}.lock`, `building ${name}`, log, async () => {
      const wrong = await defect(); // another process may have made it meanwhile
      if (wrong === undefined) return;
      if (existsSync(entry)) log(`The cached ${name} is broken (${wrong}): thrown away and built again.`);
      const remove = (folder: string) => {
        rmSync(folder, { recursive: true, force: true });
      };
      for (const found of readdirSync(dirname(entry))) {
        const [, of, pid] = /^(.*)\.partial-(\d+)$/.exec(found) ?? [];
        // Those of other entries are left where their build still runs.
        const isLeft = of === basename(entry) || (pid !== undefined && startTime(Number(pid)) === undefined);
        if (isLeft || found === basename(entry)) remove(join(dirname(entry), found));
      }
      const partial = `${entry}.partial-${process.pid}`;
      try {
        await make(partial);
        renameSync(partial, entry);
      } finally {
        remove(partial);
      }
    });
  } catch (error) {
    throw explainWrite(error, cacheFolder(), "XDG_CACHE_HOME");
  }
}

/**
 * Finds what is wrong with a file of an entry whose size another one says: a power cut may leave an entry of its own name with
 * files that are empty or cut off.
 *
 * @param list is JSON with the `size` of the file.
 */
export function sizeDefect(file: string, list: string): string | undefined {
  let size: number;
  try {
    ({ size } = JSON.parse(readFileSync(list, "utf8")) as { size: number });
  } catch {
    return existsSync(dirname(list)) ? `no readable ${basename(list)}` : "not built yet";
  }
  const found = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return found === size ? undefined : `${basename(file)} has ${found} bytes, not ${size}`;
}

/** Tells by what a command said whether the disk, or the share of its user, is full. */
export const isDiskFull = (output: string): boolean =>
  /no space left on device|disk quota exceeded/i.test(output);

/** Says every ten seconds how long a step has taken so far, while it runs. */
export async function withProgress<T>(
  step: string,
  log: Log,
  work: (elapsed: () => string) => Promise<T>,
): Promise<T> {
  const begin = Date.now();
  const elapsed = () => `${Math.round((Date.now() - begin) / 1000)} s`;
  log(`${step} ...`);
  const ticker = setInterval(() => {
    log(`${step} ... ${elapsed()}`);
  }, 10_000);
  try {
    return await work(elapsed);
  } finally {
    clearInterval(ticker);
  }
}
