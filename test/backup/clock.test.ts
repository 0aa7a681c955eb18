import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dumpFunctions } from "../../backup/scripts.ts";
import type { DumpList } from "../../launcher/backups/dump-list.ts";

/** The name of a dump that is made in a number of days from now. */
const nameIn = (days: number): string =>
  `multi-${new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:]|\.\d+/g, "")}-15-00000000`;
/** A clock that is ahead by a number of days. */
const aheadBy = (days: number): string =>
  `name_at() { echo "multi-$(date -u -d "@$(($(date +%s) + ${days} * 86400 + $1))" +%Y%m%dT%H%M%SZ)"; }`;

describe("the dumps under a wrong clock", () => {
  let folder = "";
  const run = (script: string) =>
    execFileSync("sh", ["-c", `${dumpFunctions}\n${script}`], {
      encoding: "utf8",
      env: { ...process.env, FOLDER: folder, PGDATABASE: "multi", KEEP: "7", KEEP_DAYS: "30" },
    });
  const names = () => run("names").trim().split("\n");
  const made = (...all: readonly string[]) => {
    for (const name of all) {
      writeFileSync(join(folder, `${name}.dump`), "");
      writeFileSync(join(folder, `${name}.json`), `{"name":"${name}","verified":"full"}\n`);
    }
  };
  const [ahead, now, ...older] = [40, 0, -1, -2, -3].map(nameIn) as [string, string, ...string[]];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "multi-client-dumps-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("one that is dated in the future is not the newest, and takes no other's place", () => {
    made(ahead, now, ...older);
    assert.equal(run("newest_verified").trim(), now);
    run("KEEP=3; prune");
    assert.deepEqual(names(), [ahead, now, ...older.slice(0, 2)]);
  });

  it("removes one by its age for each that is made", () => {
    made(ahead, now, ...older);
    run(`${aheadBy(40)}; prune`);
    assert.deepEqual(names(), [ahead, now, ...older.slice(0, 2)]);
    run(`${aheadBy(40)}; prune`);
    assert.deepEqual(names(), [ahead, now, ...older.slice(0, 1)]);
  });

  it("one that was made before another is not the newest when its date has come, nor the day's", () => {
    made(ahead, now);
    run(`overtake ${now}`);
    assert.equal(run(`${aheadBy(41)}; newest_verified`).trim(), now);
    const { dumps } = JSON.parse(run("list")) as DumpList;
    assert.deepEqual(
      dumps.map((dump) => [dump.name, dump.overtaken]),
      [
        [ahead, true],
        [now, undefined],
      ],
    );
    const daily = () => run("if has_daily; then echo daily; else echo due; fi").trim();
    assert.equal(daily(), "daily");
    run(`discard ${now}`);
    assert.equal(daily(), "due");
    // One that lost its description with its node is still listed.
    writeFileSync(join(folder, `${ahead}.json`), "");
    assert.deepEqual((JSON.parse(run("list")) as DumpList).dumps, [{ name: ahead, bytes: 0 }]);
    run(`discard ${ahead}`);
    assert.equal(run("ls $FOLDER"), "");
  });

  it("files that were restored take the place of none", () => {
    made(now, ...older);
    for (const name of ["my", "your"]) writeFileSync(join(folder, `${name}.dump`), "");
    run("KEEP=5; prune");
    assert.deepEqual(names(), ["your", now, ...older]);
  });
});
