import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { derivedName } from "../../components/kubernetes/labels.ts";
import { groupOf } from "../../config/raw-settings.ts";
import { messageOf, UserError } from "../../system/errors.ts";
import { lastLines } from "../../system/process.ts";
import { backedUpService, backupContainer } from "../backups/backup-container.ts";
import {
  checkDrillFile,
  checkMajor,
  drillFolder,
  drillInvocation,
  removeDrill,
  writeDrillFile,
} from "../backups/drill-stack.ts";
import { listDumps, newestVerified, type Dump } from "../backups/dump-list.ts";
import { CliFailure } from "../engine/cli.ts";
import { RESTORE_STEPS, restoreDump } from "../backups/restore.ts";
import { openDeployed, type DeployedStack } from "../stack/deployed-stack.ts";
import { chosenStack, locked, type Invocation } from "../stack/plan.ts";
import { imageOf, readSettingsOf } from "../stack/read-stack.ts";
import { createSteps } from "../steps.ts";
import { failedAssertions } from "./smoke.ts";
import { up } from "./up.ts";

/** The result of a drill, as `build/drill/STACK.json` has it. */
export interface DrillReport {
  readonly stack: string;
  readonly ok: boolean;
  /** When it began. */
  readonly at: string;
  /** The reason why it did not come to its end. @default it did, and the other keys are there */
  readonly reason?: string;
  readonly dump?: string;
  /** What would have been lost: the seconds between the snapshot of the dump and the drill. */
  readonly recoveryPointSeconds?: number;
  readonly rows?: Readonly<Record<string, number>>;
  /** What it would have taken: the seconds from an empty namespace until the application answers with the data. */
  readonly recoveryTimeSeconds?: number;
  /** The assertions over HTTP that did not hold. */
  readonly failedAssertions?: number;
}

/** The report of a stack's drill. @param end `json` or `md` */
const reportFile = (root: string, stack: string, end: string): string =>
  join(root, "build/drill", `${stack}.${end}`);

/**
 * Rehearses the loss of everything: the newest verified backup is restored into a throw-away namespace, which the same program
 * makes, and the application is asked there. Nothing of the stack itself is touched.
 */
export async function drill(invocation: Invocation): Promise<void> {
  const { name } = chosenStack(invocation);
  // An earlier one says nothing of this run.
  for (const end of ["json", "md"]) rmSync(reportFile(invocation.root, name, end), { force: true });
  const begun = { stack: name, at: new Date().toISOString() };
  try {
    const report = { ...begun, ...(await rehearseInTurn(invocation)) };
    writeReport(invocation, report);
    if (!report.ok) process.exitCode = 1;
  } catch (error) {
    const isSaid = error instanceof CliFailure && !error.message.includes(error.output.trim());
    const said = isSaid ? `\n${lastLines(error.output, 10)}` : "";
    writeReport(invocation, { ...begun, ok: false, reason: messageOf(error) + said });
    throw error;
  }
}

/** What a drill found. */
type Found = Omit<DrillReport, "stack" | "at" | "reason">;

/** Makes what a drill needs, one at a time, and removes it again whatever happens. */
async function rehearseInTurn(invocation: Invocation): Promise<Found> {
  const deployed = await openDeployed(invocation, invocation.log);
  const { stack, plan } = deployed;
  const source = await backupContainer(deployed);
  const { kubectl } = source;
  const dump = newestVerified(await listDumps(source));
  if (dump === undefined)
    throw new UserError(
      `There is no verified backup to rehearse with.\nFix: make backup STACK=${stack.name}`,
    );
  const { images } = readSettingsOf(deployed.root, stack.name).sections;
  checkMajor(imageOf(backedUpService().key, groupOf(images)), dump);
  const folder = drillFolder(deployed);
  const dumps = join(folder, "dump");
  // Another lock than that of the stacks, which their own commands take.
  return locked(
    { ...invocation, command: "drill" },
    { ...plan, stack: { ...stack, name: `${stack.name}.drill` } },
    async () => {
      checkDrillFile(deployed);
      let failure: unknown;
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        await removeDrill(invocation, deployed, kubectl); // of one that was killed
        rmSync(dumps, { recursive: true, force: true });
        mkdirSync(dumps, { recursive: true, mode: 0o700 });
        const file = join(dumps, `${dump.name}.dump`);
        await source.download(dump, file);
        await writeDrillFile(deployed, kubectl, derivedName.data(backedUpService().key));
        return await rehearse(invocation, deployed, dump, file);
      } catch (error) {
        failure = error;
        throw error;
      } finally {
        rmSync(dumps, { recursive: true, force: true });
        await removeDrill(invocation, deployed, kubectl).catch((error: unknown) => {
          const [first, second] = [failure, error].map(messageOf);
          if (failure === undefined || first === second) throw error;
          throw new UserError(
            `${first ?? ""}\nWhat the drill made could not be removed either: ${second ?? ""}`,
          );
        });
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
}

async function rehearse(
  invocation: Invocation,
  deployed: DeployedStack,
  dump: Dump,
  file: string,
): Promise<Found> {
  const begin = Date.now();
  const inside = (command: string) => drillInvocation(invocation, deployed, command);
  await up(inside("up"));
  const there = await openDeployed(inside("drill"), invocation.log);
  const container = await backupContainer(there);
  const steps = createSteps(RESTORE_STEPS, invocation.write);
  await restoreDump(container, file, { steps, log: invocation.log, named: `STACK=${there.stack.name}` });
  const rows = JSON.parse(`{${(await container.call("rows")).trim().split("\n").join(",")}}`) as Record<
    string,
    number
  >;
  const failed = await failedAssertions(inside("smoke"));
  const same = JSON.stringify(rows) === JSON.stringify(dump.rows);
  return {
    ok: same && failed === 0,
    dump: dump.name,
    recoveryPointSeconds: Math.round((begin - Date.parse(dump.at ?? "")) / 1000),
    rows,
    recoveryTimeSeconds: Math.round((Date.now() - begin) / 1000),
    failedAssertions: failed,
  };
}

/** Writes the report for a pipeline and for people, and prints it. */
function writeReport({ root, log }: Invocation, report: DrillReport): void {
  const { stack, ok, at, dump = "?", recoveryPointSeconds = "?", reason } = report;
  const rows = Object.entries(report.rows ?? {}).map(([table, count]) => `${count} in ${table}`);
  const results =
    reason === undefined
      ? [
          `- backup: ${dump}`,
          `- would have been lost (recovery point): ${recoveryPointSeconds} s`,
          `- rows: ${rows.join(", ") || "none"}`,
          `- would have taken (recovery time): ${report.recoveryTimeSeconds ?? "?"} s`,
          `- assertions over HTTP that failed: ${report.failedAssertions ?? "?"}`,
        ]
      : ["- it did not come to its end:", "", ...reason.split("\n").map((line) => `      ${line}`)];
  const text = [
    `# Restore drill of stack ${stack}: ${ok ? "passed" : "FAILED"}`,
    "",
    `- begun: ${at}`,
    ...results,
    "",
  ].join("\n");
  mkdirSync(join(root, "build/drill"), { recursive: true });
  writeFileSync(reportFile(root, stack, "json"), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(reportFile(root, stack, "md"), text);
  log(`\n${text}\nWritten to build/drill/${stack}.json and .md.`);
}
