import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backupAssertion } from "../../launcher/backups/backup-assertion.ts";
import type { BackupContainer } from "../../launcher/backups/backup-container.ts";
import { restoreDump } from "../../launcher/backups/restore.ts";
import { UserError } from "../../system/errors.ts";

/** A container that answers one list of dumps after the other, the last one for ever. */
function container(...lists: readonly (readonly object[])[]): BackupContainer {
  let index = 0;
  const call = () => {
    const dumps = lists[Math.min(index++, lists.length - 1)];
    return Promise.resolve(JSON.stringify({ status: null, freeBytes: 1, dumps }));
  };
  const kubectl = { run: () => Promise.resolve('{"items":[]}') };
  return { kubectl, call, lock: () => Promise.resolve(() => undefined) } as unknown as BackupContainer;
}
const dump = (hours: number) => {
  const at = new Date(Date.now() - hours * 3_600_000).toISOString();
  return { name: "multi-1", bytes: 1, at, verified: "restored" };
};
const ask = () => Promise.reject(new Error("nothing is asked over HTTP"));
const got = (open: () => Promise<BackupContainer>) => backupAssertion(open, 50).check(ask, () => undefined);

describe("the assertion on backups", () => {
  it("holds with a verified one of the last 26 hours, and on a new stack as soon as there is one", async () => {
    assert.equal(await got(() => Promise.resolve(container([dump(25)]))), undefined);
    assert.equal(await got(() => Promise.resolve(container([], [dump(0)]))), undefined);
  });

  it("fails with the reason where the newest is too old, or there is none", async () => {
    const { warns } = backupAssertion(() => Promise.reject(new Error()));
    const old = await got(() => Promise.resolve(container([dump(30)])));
    assert.match(old ?? "", /30 h old, and 26 h are the limit/);
    assert.equal(warns?.(old ?? ""), false);
    assert.match((await got(() => Promise.resolve(container([])))) ?? "", /there is no verified backup/);
  });

  it("warns where the backups cannot be asked for, and says why in a line", async () => {
    const off = new UserError("Stack x has switched backup-manager off: nothing makes backups.\nFix: ...");
    const said = await got(() => Promise.reject(off));
    assert.equal(said, "not known: Stack x has switched backup-manager off: nothing makes backups.");
    assert.equal(backupAssertion(() => Promise.reject(off)).warns?.(said), true);
  });
});

describe("a dump from a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "multi-client-dumps-"));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it("is refused by a name that scripts and SQL would read otherwise, before it is copied", async () => {
    for (const name of ["it's.dump", "a b.dump", "-x.dump", "$(id).dump", "a;b"]) {
      const file = join(folder, name);
      writeFileSync(file, "");
      const options = { steps: {} as never, log: () => undefined, named: "STACK=x" };
      const restored = restoreDump(container([]), file, options);
      await assert.rejects(
        restored,
        /cannot be the name of a dump; nothing was changed\.\nExpected: letters/,
        name,
      );
    }
  });
});
