import { polling, type Assertion } from "../../smoke/assertions.ts";
import type { BackupContainer } from "./backup-container.ts";
import { backupState, stateComplaint } from "./copy-state.ts";
import { OLDEST_HOURS } from "./dump-list.ts";

/** The time that a new stack may take until its first backup is verified, in milliseconds. */
const PATIENCE = 60_000;
/** The beginning of what is said where the backups cannot be asked for: it says nothing about them. */
const notKnown = "not known: ";

/**
 * The assertion that a verified backup is young enough. Where the backups cannot be asked for, it is a warning.
 *
 * @param open reaches the backups of the stack.
 */
export function backupAssertion(open: () => Promise<BackupContainer>, patience = PATIENCE): Assertion {
  return {
    number: 10,
    title: `the newest verified backup is at most ${OLDEST_HOURS} h old`,
    expected: `a verified backup of the last ${OLDEST_HOURS} h`,
    writes: false,
    warns: (got) => got.startsWith(notKnown),
    async check(ask, note) {
      let container: BackupContainer;
      try {
        container = await open();
      } catch (error) {
        const [why = ""] = String(error instanceof Error ? error.message : error).split("\n");
        return notKnown + why;
      }
      return polling(async () => stateComplaint(await backupState(container)), patience)(ask, note);
    },
  };
}
