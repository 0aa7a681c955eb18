import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { derivedName } from "../../components/kubernetes/labels.ts";
import { groupOf } from "../../config/raw-settings.ts";
import { UserError } from "../../system/errors.ts";
import { backedUpService, backupContainer } from "../backups/backup-container.ts";
import {
  checkMajor,
  drillFolder,
  drillInvocation,
  removeDrill,
  writeDrillFile,
} from "../backups/drill-stack.ts";
import { listDumps, newestVerified, type Dump } from "../backups/dump-list.ts";
import { RESTORE_STEPS, restoreDump } from "../backups/restore.ts";
import { openDeployed, type DeployedStack } from "../stack/deployed-stack.ts";
import { locked, type Invocation } from "../stack/plan.ts";
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
  readonly dump: string;
  readonly rows: Readonly<Record<string, number>>;
  /** What would have been lost: the seconds between the snapshot of the dump and the drill. */
  readonly recoveryPointSeconds: number;
  /** What it would have taken: the seconds from an empty namespace until the application answers with the data. */
  readonly recoveryTimeSeconds: number;
  /** The assertions over HTTP that did not hold. */
  readonly failedAssertions: number;
}

/**
 * Rehearses the loss of everything: the newest verified backup is restored into a throw-away namespace, which the same program
 * makes, and the application is asked there. Nothing of the stack itself is touched.
 */
export async function drill(invocation: Invocation): Promise<void> {
  const { log } = invocation;
  const deployed = await openDeployed(invocation, log);
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
  await locked(
    { ...invocation, command: "drill" },
    { ...plan, stack: { ...stack, name: `${stack.name}.drill` } },
    async () => {
      try {
        await removeDrill(invocation, deployed, kubectl); // of one that was killed
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(dumps, { recursive: true, mode: 0o700 });
        const file = join(dumps, `${dump.name}.dump`);
        await source.download(dump, file);
        await writeDrillFile(deployed, kubectl, derivedName.data(backedUpService().key));
        const report = await rehearse(invocation, deployed, dump, file);
        writeReport(invocation, report);
        if (!report.ok) process.exitCode = 1;
      } finally {
        rmSync(dumps, { recursive: true, force: true });
        await removeDrill(invocation, deployed, kubectl);
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
): Promise<DrillReport> {
  const begin = Date.now();
  const inside = (command: string) => drillInvocation(invocation, deployed, command);
  await up(inside("up"));
  const there = await openDeployed(inside("drill"), invocation.log);
  const container = await backupContainer(there);
  const steps = createSteps(RESTORE_STEPS, invocation.write);
  await restoreDump(container, file, { steps, log: invocation.log, stack: there.stack.name });
  const rows = JSON.parse(
    `{${(await container.call("rows")).trim().split("\n").join(",")}}`,
  ) as DrillReport["rows"];
  const failed = await failedAssertions(inside("smoke"));
  const same = JSON.stringify(rows) === JSON.stringify(dump.rows);
  const seconds = (from: number, to: number) => Math.round((to - from) / 1000);
  return {
    stack: deployed.stack.name,
    ok: same && failed === 0,
    at: new Date(begin).toISOString(),
    dump: dump.name,
    rows,
    recoveryPointSeconds: seconds(Date.parse(dump.at ?? ""), begin),
    recoveryTimeSeconds: seconds(begin, Date.now()),
    failedAssertions: failed,
  };
}

/** Writes the report for a pipeline and for people, and prints it. */
function writeReport({ root, log }: Invocation, report: DrillReport): void {
  const rows = Object.entries(report.rows).map(([table, count]) => `${count} in ${table}`);
  const text = [
    `# Restore drill of stack ${report.stack}: ${report.ok ? "passed" : "FAILED"}`,
    "",
    `- begun: ${report.at}`,
    `- backup: ${report.dump}, rows: ${rows.join(", ") || "none"}`,
    `- would have been lost (recovery point): ${report.recoveryPointSeconds} s`,
    `- would have taken (recovery time): ${report.recoveryTimeSeconds} s`,
    `- assertions over HTTP that failed: ${report.failedAssertions}`,
    "",
  ].join("\n");
  const folder = join(root, "build/drill");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${report.stack}.json`), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(join(folder, `${report.stack}.md`), text);
  log(`\n${text}\nWritten to build/drill/${report.stack}.json and .md.`);
}
