import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beganAt, startTime, withLock } from "../../system/lock.ts";

describe("the time when a process began", () => {
  it("is that of the clock, and unknown of one that has ended", async () => {
    const begin = Date.now();
    const child = spawn("sleep", ["1"]);
    const { pid = 0 } = child;
    await new Promise((resolve) => setTimeout(resolve, 800));
    const found = beganAt(pid) ?? NaN;
    assert.ok(Math.abs(found - begin) < 500, `${found - begin} ms`);
    await once(child, "exit");
    assert.equal(beganAt(pid), undefined);
  });
});

describe("a lock", () => {
  let [folder, file] = ["", ""];
  let lines: string[] = [];
  const log = (line: string) => {
    lines.push(line);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lock-"));
    file = join(folder, "x.lock");
    lines = [];
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const take = () => withLock(file, "at work", log, () => Promise.resolve("done"));

  it("is gone after the work, also when that failed", async () => {
    assert.equal(await take(), "done");
    await assert.rejects(
      withLock(file, "at work", log, () => Promise.reject(new Error("no"))),
      /^Error: no$/,
    );
    assert.equal(existsSync(file), false);
  });

  it("is taken over from an owner that is gone", async () => {
    const child = spawn("true");
    const pid = child.pid ?? 0;
    writeFileSync(file, `${pid}\n${startTime(pid) ?? "1"}\n`);
    await once(child, "exit");
    assert.equal(await take(), "done");
    assert.deepEqual(lines, []);
  });

  it("is taken over when its pid belongs to another process by now", async () => {
    writeFileSync(file, `${process.pid}\n1\n`);
    assert.equal(await take(), "done");
  });

  it("is taken over when it is half written", async () => {
    writeFileSync(file, "12");
    assert.equal(await take(), "done");
  });

  it("is waited for while its owner lives, and one line says so", async () => {
    const child = spawn("sleep", ["0.6"]);
    const pid = child.pid ?? 0;
    writeFileSync(file, `${pid}\n${startTime(pid) ?? ""}\nat work\n`);
    const begin = Date.now();
    assert.equal(await take(), "done");
    assert.ok(Date.now() - begin > 400);
    assert.deepEqual(lines, [`Waiting for process ${pid} (at work) to end ...`]);
  });

  it("lets one at a time work, however many come at once over a dead one", async () => {
    writeFileSync(file, "999999999\n1\n");
    let inside = 0;
    const work = async () => {
      assert.equal(++inside, 1);
      await new Promise((resolve) => setTimeout(resolve, 10));
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => withLock(file, "at work", log, work)));
  });
});
