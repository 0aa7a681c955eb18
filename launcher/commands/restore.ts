import { UserError } from "../../system/errors.ts";
import { shellWord } from "../../system/shell-command.ts";
import { value, type Env } from "../../system/folders.ts";
import { backupContainer } from "../backups/backup-container.ts";
import { RESTORE_STEPS, restoreDump, withoutSafety } from "../backups/restore.ts";
import { snapshotBefore } from "./snapshot.ts";
import { openDeployed } from "../stack/deployed-stack.ts";
import { locked, makePlan, type Invocation } from "../stack/plan.ts";
import { isLocal, type Stack } from "../stack/read-stack.ts";
import { createSteps } from "../steps.ts";
import { smoke } from "./smoke.ts";

/** Elsewhere than on this computer, what changes data needs the name of the stack twice. */
function checkConfirmed(invocation: Invocation, does: string): void {
  const { command, env } = invocation;
  const { stack } = makePlan(invocation);
  if (isLocal(stack) || (value(env.STACK) !== undefined && value(env.CONFIRM) === stack.name)) return;
  const how = ["FROM", "SAFETY", "BY"]
    .filter((name) => value(env[name]) !== undefined)
    .map((name) => ` ${name}=${shellWord(env[name] ?? "")}`)
    .join("");
  throw new UserError(
    `make ${command} ${does}, and stack ${stack.name} is not on this computer. Nothing was changed.\n` +
      `Found CONFIRM=${JSON.stringify(env.CONFIRM ?? "")}. If you mean it: make ${command} STACK=${stack.name}${how} CONFIRM=${stack.name}`,
  );
}

/** The variables that name a stack to the targets that change its data. */
const named = (stack: Stack): string =>
  `STACK=${stack.name}${isLocal(stack) ? "" : ` CONFIRM=${stack.name}`}`;

/** Tells whether a variable says the one word that it may say. @throws UserError where it says another */
function says(env: Env, name: "SAFETY" | "BY", word: string): boolean {
  const found = value(env[name]);
  if (found !== undefined && found !== word)
    throw new UserError(`${name} is ${JSON.stringify(found)}.\nExpected: ${word}, or nothing at all`);
  return found !== undefined;
}

/** Restores a backup: FROM=latest, the name of one, or a file; the data until then is kept until `make restore-done`. */
export async function restore(invocation: Invocation): Promise<void> {
  const { env, log, write } = invocation;
  const from = value(env.FROM);
  if (from === undefined) {
    throw new UserError(
      "FROM says which backup to restore.\nExpected: FROM=latest, a name that make backups lists, or a path such as ./file.dump",
    );
  }
  const safetyDump = !says(env, "SAFETY", "none");
  const asAdministrator = says(env, "BY", "administrator");
  checkConfirmed(invocation, "replaces the data of the application");
  const deployed = await openDeployed(invocation, log);
  const { stack, plan } = deployed;
  await locked(invocation, plan, async () => {
    const container = await backupContainer(deployed);
    const options = { named: named(stack), safetyDump, asAdministrator };
    const without = withoutSafety(from, options);
    if (safetyDump) await snapshotBefore("the restore", stack, container.kubectl, invocation, without);
    else log("No snapshot before the restore: SAFETY=none.");
    const steps = createSteps(RESTORE_STEPS, write);
    await restoreDump(container, from, { steps, log, ...options });
  });
  await smoke({ ...invocation, env: { ...env, WRITE: "0" } });
  log(
    `Restored. The database from before is kept, and takes its room: when the data is right, make restore-done ${named(stack)}`,
  );
}

/** Removes the database from before the last restore. */
export async function restoreDone(invocation: Invocation): Promise<void> {
  checkConfirmed(invocation, "removes the database from before the last restore");
  const deployed = await openDeployed(invocation, invocation.log);
  const container = await backupContainer(deployed);
  await container.call("restore_done");
  invocation.log("The database from before the last restore is removed.");
}
