import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { backupManager, calledFunctions, dumpFunctions, restoreFunctions } from "../../backup/scripts.ts";
import { backedUpService } from "../../launcher/backups/backup-container.ts";
import {
  backupsText,
  complaint,
  dumpText,
  newestVerified,
  shownBytes,
  type Dump,
  type DumpList,
} from "../../launcher/backups/dump-list.ts";
import { services } from "../../services.ts";

const now = Date.parse("2026-11-27T12:00:00Z");
const hour = 3_600_000;
const dump = (hours: number, rest: Partial<Dump> = {}): Dump => ({
  name: `multi-${String(hours)}`,
  bytes: 1,
  at: new Date(now - hours * hour).toISOString(),
  verified: "restored",
  ...rest,
});
/** One that a version before 0.1.0 made. */
const unverified: Dump = { name: "multi-1", bytes: 1 };
const list = (dumps: readonly Dump[], status: DumpList["status"] = null): DumpList => ({
  status,
  freeBytes: 1,
  dumps,
});

describe("a list of dumps", () => {
  it("is as it should be with a verified dump of the last 26 hours", () => {
    assert.equal(complaint(list([dump(25)]), now), undefined);
    assert.equal(complaint(list([dump(1, { verified: "full" })]), now), undefined);
  });

  it("is not without one, says how old the newest is, and how the last attempt ended", () => {
    const failed = { state: "blocked", at: "", reason: "the claim is full" } as const;
    assert.match(complaint(list([])) ?? "", /^there is no verified backup$/);
    assert.match(complaint(list([unverified])) ?? "", /^there is no verified backup$/);
    assert.match(complaint(list([dump(27)]), now) ?? "", /27 h old, and 26 h are the limit$/);
    assert.match(
      complaint(list([dump(27)], failed), now) ?? "",
      /; the last attempt blocked: the claim is full$/,
    );
  });

  it("does not take one that is dated in the future for the newest, and says so where another is missing", () => {
    const ahead = dump(-3);
    assert.equal(newestVerified(list([ahead, dump(5)]), now)?.name, "multi-5");
    assert.equal(complaint(list([ahead, dump(5)]), now), undefined);
    assert.match(complaint(list([ahead]), now) ?? "", /^there is no .* dated .*T15:.*, in the future/);
    assert.match(
      complaint(list([ahead, dump(30)]), now) ?? "",
      /30 h old, .* multi--3 is dated .*, in the future/,
    );
    assert.equal(newestVerified(list([dump(-0.5), dump(5)]), now)?.name, "multi--0.5");
    assert.equal(newestVerified(list([dump(1, { overtaken: true }), dump(5)]), now)?.name, "multi-5");
  });

  it("gives the newest verified dump, even where a newer one is not", () => {
    assert.equal(newestVerified(list([unverified, dump(5), dump(9)]))?.name, "multi-5");
  });

  it("is one line of make status", () => {
    assert.equal(backupsText(list([dump(3)]), now), "Backups:  the newest verified one is 3.0 h old");
    assert.match(
      backupsText(list([]), now),
      /^Backups: {2}not as they should be: there is no verified backup$/,
    );
  });

  it("shows sizes and rows for people", () => {
    assert.equal(shownBytes(0), "0 B");
    assert.equal(shownBytes(1_500_000), "1.5 MB");
    assert.match(dumpText(dump(1, { rows: { a: 2, b: 3 } })), /5 rows {2}restored and compared$/);
    assert.match(dumpText(dump(1, { verified: "full", reason: "no room" })), /read to its end \(no room\)$/);
  });
});

describe("the scripts of the backups", () => {
  it("have the functions that commands call", () => {
    const functions = dumpFunctions + restoreFunctions;
    for (const name of calledFunctions) assert.match(functions, new RegExp(`^${name}\\(\\) \\{`, "m"));
  });

  it("are sh", () => {
    for (const script of [backupManager, dumpFunctions + restoreFunctions])
      execFileSync("sh", ["-n"], { input: script });
  });

  it("run in the one service that has the sidecar; whoever uses that service writes to it", () => {
    assert.deepEqual(backedUpService(), { key: "postgres", writers: ["server"] });
    assert.throws(
      () => backedUpService({ redis: services.redis }),
      /No service of services.ts has a sidecar backup-manager/,
    );
  });
});
