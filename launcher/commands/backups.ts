import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { explainWrite, UserError } from "../../system/errors.ts";
import { value } from "../../system/folders.ts";
import { lastLines } from "../../system/process.ts";
import { shellWords } from "../../system/shell-command.ts";
import { derivedName } from "../../components/kubernetes/labels.ts";
import { backedUpService, backupContainer } from "../backups/backup-container.ts";
import { backupState, copyText, stateComplaint } from "../backups/copy-state.ts";
import { complaint, dumpText, listDumps, shownBytes } from "../backups/dump-list.ts";
import { openDeployed } from "../stack/deployed-stack.ts";
import { outputOf, type Invocation } from "../stack/plan.ts";
import { createSteps } from "../steps.ts";

/** Lists the backups of a stack; ends with code 1 where the newest verified one is missing or too old. */
export async function backups(invocation: Invocation): Promise<void> {
  const { json, log } = outputOf(invocation);
  const deployed = await openDeployed(invocation, log);
  const container = await backupContainer(deployed);
  const list = await backupState(container);
  const why = stateComplaint(list);
  if (json)
    invocation.log(
      JSON.stringify({ stack: deployed.stack.name, ok: why === undefined, reason: why, ...list }, null, 2),
    );
  for (const dump of list.dumps) log(`  ${dumpText(dump)}`);
  log(`${list.dumps.length} backups on their claim, with ${shownBytes(list.freeBytes)} free.`);
  const { status } = list;
  if (status !== null && status.state !== "ok" && why === undefined)
    log(`The last attempt, at ${status.at}, ${status.state}: ${status.reason}`);
  if (list.copy) log(`Of the copies, ${copyText(list.copy)}.`);
  if (why === undefined) return;
  process.exitCode = 1;
  const copyNow = [
    ...[...container.kubectl.command, "create", "job", `copy-${Date.now()}`],
    `--from=cronjob/${derivedName.bucketCopy(backedUpService().key)}`,
  ];
  const fix =
    complaint(list) === undefined
      ? `mend that, then copy now: ${shellWords(copyNow)}`
      : `make backup STACK=${deployed.stack.name}`;
  log(`The backups are not as they should be: ${why}.\nFix: ${fix}`);
}

/** Makes a backup now, and with TO=folder copies it to a folder of this computer. */
export async function backup(invocation: Invocation): Promise<void> {
  const { env, log, write } = invocation;
  const deployed = await openDeployed(invocation, log);
  const folder = value(env.TO);
  const container = await backupContainer(deployed);
  const steps = createSteps(folder === undefined ? 1 : 2, write);
  const name = await steps.run("dump, verified", async () => lastLines(await container.call("dump"), 1));
  const dump = (await listDumps(container)).dumps.find((each) => each.name === name);
  if (dump === undefined) throw new UserError(`The dump ${name} was made, and is gone already.`);
  if (folder === undefined) {
    log(dumpText(dump));
    return;
  }
  const file = join(resolve(folder), `${name}.dump`);
  await steps.run("copy", async () => {
    try {
      mkdirSync(resolve(folder), { recursive: true, mode: 0o700 });
      await container.download(dump, file);
    } catch (error) {
      throw explainWrite(error, resolve(folder), "TO");
    }
  });
  log(`${dumpText(dump)}\nCopied to ${file}; it holds the data in clear.`);
}
