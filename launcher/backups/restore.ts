import { existsSync } from "node:fs";
import { basename } from "node:path";
import { messageOf, UserError } from "../../system/errors.ts";
import type { Log } from "../../system/log.ts";
import { lastLines } from "../../system/process.ts";
import { shellWord } from "../../system/shell-command.ts";
import type { Steps } from "../steps.ts";
import { backedUpService, type BackupContainer } from "./backup-container.ts";
import { listDumps, newestVerified } from "./dump-list.ts";
import { areStopped, startWriters, stopWriters } from "./writers.ts";

/** What the names of the databases tell. */
interface RestoreState {
  /** The database from before the last restore is still there. */
  readonly old: boolean;
  /** The dump that the present database is from. */
  readonly from: string | null;
}

/** The number of steps of {@link restoreDump}. */
export const RESTORE_STEPS = 5;

/** The name of the dump that a file of this computer becomes. */
const nameOfFile = (path: string): string => basename(path).replace(/\.dump$/, "");

/** The dump that FROM names: `latest`, the name of one on the claim, or a file of this computer, which is copied there. */
async function chosen(container: BackupContainer, from: string): Promise<string> {
  if (from.includes("/")) {
    if (!existsSync(from)) throw new UserError(`FROM is ${from}, and there is no such file.`);
    const name = nameOfFile(from);
    // It becomes the name of a dump in the container, in its scripts and in SQL.
    if (!/^\w[\w.-]*$/.test(name))
      throw new UserError(
        `FROM is ${from}, and ${JSON.stringify(name)} cannot be the name of a dump; nothing was changed.\n` +
          "Expected: letters, digits, '.', '_' and '-'.\nFix: rename the file, for example to my.dump",
      );
    await container.upload(from, name);
    return name;
  }
  const list = await listDumps(container);
  const name = from === "latest" ? newestVerified(list)?.name : from;
  if (name === undefined)
    throw new UserError("There is no verified backup to restore. See: make backups; or FROM=./file.dump");
  if (!list.dumps.some((dump) => dump.name === name)) {
    const names = list.dumps.slice(0, 10).map((dump) => `  ${dump.name}`);
    throw new UserError(`There is no backup ${name}. The newest are:\n${names.join("\n")}`);
  }
  return name;
}

/** How {@link restoreDump} works. */
export interface RestoreOptions {
  readonly steps: Steps;
  readonly log: Log;
  /** The variables that name the stack in the make targets it says: `STACK=x`, with `CONFIRM=x` where they need it. */
  readonly named: string;
  /** The present data is dumped once more before it is replaced. @default true */
  readonly safetyDump?: boolean;
  /** The administrator restores the dump, and runs all that it says. @default false: a role with the application's rights does */
  readonly asAdministrator?: boolean;
}

/** The command that restores without a copy of the present data. @param from as {@link restoreDump} has it */
export const withoutSafety = (
  from: string,
  { named, asAdministrator = false }: Pick<RestoreOptions, "named" | "asAdministrator">,
): string =>
  `make restore ${named} FROM=${shellWord(from)} SAFETY=none${asAdministrator ? " BY=administrator" : ""}`;

/** Dumps the data that is about to be replaced. @throws UserError with the command that does without where it cannot be dumped. */
async function dumpReplaced(
  container: BackupContainer,
  wanted: boolean,
  without: string,
  log: Log,
): Promise<void> {
  if (!wanted) {
    log("The data until now is not dumped (SAFETY=none); it stays beside the new until make restore-done.");
    return;
  }
  try {
    log(`The data until now is in ${lastLines(await container.call("dump_replaced"), 1)}.`);
  } catch (error) {
    throw new UserError(
      `${messageOf(error)}\nWhere the present data cannot be dumped, restore without; it stays beside the new until make restore-done: ` +
        without,
    );
  }
}

/**
 * Restores a dump: it is verified and restored beside the present database, then the writers stop, the present database is
 * dumped once more, and both change places in one transaction. Ended anywhere, it leaves the old or the new database whole;
 * called again, it finishes.
 *
 * @param from `latest`, the name of a dump, or the path of a file.
 * @returns the name of the dump.
 */
export async function restoreDump(
  container: BackupContainer,
  from: string,
  { steps, log, named, safetyDump = true, asAdministrator = false }: RestoreOptions,
): Promise<string> {
  const { writers } = backedUpService();
  const { kubectl } = container;
  const unlock = await container.lock();
  try {
    const state = JSON.parse(await container.call("restore_state")) as RestoreState;
    if (state.old && (await areStopped(kubectl, writers))) {
      log(`An earlier restore, of ${state.from ?? "?"}, was interrupted after the change: it is finished.`);
      await steps.run("start writers", () => startWriters(kubectl, writers));
      if (from !== "latest" && nameOfFile(from) !== state.from)
        throw new UserError(
          `The restore of ${state.from ?? "?"} is finished; ${from} was not restored.\n` +
            `Fix: when you want that one after all, make restore-done ${named}, then the same command again. That removes the data ` +
            "from before the restore for good, of which there is no dump where it was restored with SAFETY=none.",
        );
      return state.from ?? "";
    }
    if (state.old) {
      throw new UserError(
        `The database from before the restore of ${state.from ?? "?"} is still kept; nothing was changed.\n` +
          `Fix: when the restored data is right, make restore-done ${named}, which removes it; then restore again.`,
      );
    }
    const name = await chosen(container, from);
    log(`Restoring ${name}.`);
    await steps.run("restore beside", () =>
      container.call("prepare", name, ...(asAdministrator ? ["administrator"] : [])),
    );
    const without = withoutSafety(name, { named, asAdministrator });
    const start = () => steps.run("start writers", () => startWriters(kubectl, writers));
    try {
      await steps.run("stop writers", () => stopWriters(kubectl, writers));
      await steps.run("dump the present data", (line) => dumpReplaced(container, safetyDump, without, line));
      await steps.run("change places", () => container.call("swap", name));
    } catch (error) {
      await start().catch((second: unknown) => {
        throw new UserError(
          `${messageOf(error)}\nThe writers did not start again either: ${messageOf(second)}`,
        );
      });
      throw error;
    }
    await start();
    return name;
  } finally {
    unlock();
  }
}
