import { readFileSync } from "node:fs";
import { join } from "node:path";

const script = (name: string) => readFileSync(join(import.meta.dirname, name), "utf8");

/** The name of the sidecar that makes the backups of a service. */
export const BACKUP_MANAGER = "backup-manager";

/** The functions that make, verify and list dumps. */
export const dumpFunctions = script("dumps.sh");

/** The functions that restore a dump; they need {@link dumpFunctions} before them. */
export const restoreFunctions = script("restore.sh");

/** The functions of both that commands call by their name in the container. */
export const calledFunctions = [
  "dump",
  "dump_replaced",
  "list",
  "prepare",
  "restore_done",
  "restore_state",
  "rows",
  "swap",
] as const;
export type CalledFunction = (typeof calledFunctions)[number];

/** The script of the job that copies to a bucket: one dump, whose failure ends it. */
export const bucketDump = `${dumpFunctions}dump\n`;

/** The script of the sidecar: a dump a day. */
export const backupManager = `${dumpFunctions}${script("backup-manager.sh")}`;
