import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { startTime, withLock } from "../../system/lock.ts";
import { scratch } from "../../sandbox/test/build-scratch.ts";

describe("a lock", () => {
  let here: ReturnType<typeof scratch>;
  let file: string;
  beforeEach(() => {
    here = scratch();
    file = join(here.folder, "x.lock");
  });
  afterEach(() => {
    here.end();
  });
  const take = () => withLock(file, "at work", here.log, () => Promise.resolve("done"));

  it("is gone after the work, also when that failed", async () => {
    assert.equal(await take(), "done");
    await assert.rejects(
      withLock(file, "at work", here.log, () => Promise.reject(new Error("no"))),
      /^Error: no$/,
    );
    assert.equal(existsSync(file), false);
  });

  it("is taken over from an owner that is gone", async () => {
    const child = spawn("true");
    const pid = child.pid ?? 0;
    here.write("x.lock", `${pid}\n${startTime(pid) ?? "1"}\n`);
    await once(child, "exit");
    assert.equal(await take(), "done");
    assert.deepEqual(here.lines, []);
  });

  it("is taken over when its pid belongs to another process by now", async () => {
    here.write("x.lock", `${process.pid}\n1\n`);
    assert.equal(await take(), "done");
  });

  it("is taken over when it is half written", async () => {
    here.write("x.lock", "12");
    assert.equal(await take(), "done");
  });

  it("is waited for while its owner lives, and one line says so", async () => {
    const child = spawn("sleep", ["0.6"]);
    const pid = child.pid ?? 0;
    here.write("x.lock", `${pid}\n${startTime(pid) ?? ""}\nat work\n`);
    const begin = Date.now();
    assert.equal(await take(), "done");
    assert.ok(Date.now() - begin > 400);
    assert.deepEqual(here.lines, [`Waiting for process ${pid} (at work) to end ...`]);
  });

  it("lets one at a time work, however many come at once over a dead one", async () => {
    here.write("x.lock", "999999999\n1\n");
    let inside = 0;
    const work = async () => {
      assert.equal(++inside, 1);
      await new Promise((resolve) => setTimeout(resolve, 10));
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => withLock(file, "at work", here.log, work)));
  });
});
