import { backup, backups } from "./commands/backups.ts";
import { check } from "./commands/check.ts";
import { lint, test, unit } from "./commands/checks.ts";
import { destroy } from "./commands/destroy.ts";
import { down } from "./commands/down.ts";
import { drift } from "./commands/drift.ts";
import { drill } from "./commands/drill.ts";
import { gitops } from "./commands/gitops.ts";
import { guard } from "./commands/guard.ts";
import { preview } from "./commands/preview.ts";
import { report } from "./commands/report.ts";
import { restore, restoreDone } from "./commands/restore.ts";
import { rotatePassword } from "./commands/rotate-password.ts";
import { smoke } from "./commands/smoke.ts";
import { snapshot } from "./commands/snapshot.ts";
import { stacks } from "./commands/stacks.ts";
import { status } from "./commands/status.ts";
import { conformance, endToEnd, parity, policy, render, schema } from "./commands/tools.ts";
import { unlock } from "./commands/unlock.ts";
import { up } from "./commands/up.ts";
import { versions } from "./commands/versions.ts";
import { UserError } from "../system/errors.ts";
import { homeFolder } from "../system/folders.ts";
import { printable } from "../system/log.ts";
import { directLoopback } from "../system/proxy.ts";
import type { Invocation } from "./stack/plan.ts";

/** The make targets. `help` and `clean` need no dependencies: the Makefile does them itself. */
const commands: Readonly<Record<string, (invocation: Invocation) => Promise<void>>> = {
  check,
  up,
  preview,
  drift,
  guard,
  report,
  stacks,
  render,
  status,
  smoke,
  backups,
  backup,
  restore,
  "restore-done": restoreDone,
  snapshot,
  drill,
  unlock,
  gitops,
  "rotate-password": rotatePassword,
  down,
  destroy,
  test,
  unit,
  lint,
  schema,
  parity,
  policy,
  versions,
  e2e: endToEnd,
  conformance,
};

async function main(command: string): Promise<void> {
  const work = commands[command];
  // For every process that is started from here.
  Object.assign(process.env, { HOME: homeFolder(process.env) }, directLoopback(process.env));
  if (!work) throw new UserError(`There is no target ${JSON.stringify(command)}; make help lists them.`);
  const write = (text: string) => void process.stdout.write(printable(text));
  const log = (line: string) => {
    write(`${line}\n`);
  };
  await work({ command, root: process.cwd(), env: process.env, write, log });
}

main(process.argv[2] ?? "").catch((error: unknown) => {
  const known = error instanceof UserError;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(
    printable(
      `\n${known ? error.message : `${text}\nThis is a fault of the launcher. Please report it with these lines.`}`,
    ),
  );
  process.exitCode = known ? error.exitCode : 1;
});
