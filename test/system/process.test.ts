import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { realpathSync } from "node:fs";
import { lastLines, run } from "../../system/process.ts";

describe("a command", () => {
  it("gives its exit code and what it wrote, in order and by stream", async () => {
    const seen: string[] = [];
    const result = await run("sh", ["-c", "echo out; sleep 0.1; echo err >&2; exit 7"], {
      onLine: (line) => seen.push(line),
    });
    assert.deepEqual(result, { code: 7, output: "out\nerr\n", stdout: "out\n", interrupted: false });
    assert.deepEqual(seen, ["out", "err"]);
    assert.equal(lastLines(result.output, 1), "err");
  });

  it("gets a signal once, and is waited for; then nothing else is begun", async () => {
    const script = "trap 'echo got it' HUP; echo ready; for i in 1 2 3 4 5 6; do sleep 0.05; done; exit 9";
    const onLine = () => process.emit("SIGHUP", "SIGHUP"); // as Node does when the signal comes; twice here
    const result = await run("sh", ["-c", script], { onLine });
    assert.deepEqual(result, {
      code: 9,
      output: "ready\ngot it\n",
      stdout: "ready\ngot it\n",
      interrupted: true,
    });
    await assert.rejects(run("sh", ["-c", script], { onLine, doing: "building etcd" }), {
      name: "UserError",
      exitCode: 9,
      message: /^Interrupted while building etcd\.\nThe same command goes on/,
    });
  });

  it("runs in the folder and with the variables that it is given", async () => {
    const folder = realpathSync(tmpdir());
    const options = { cwd: folder, env: { PATH: process.env.PATH, NAME: "value" } };
    const { output } = await run("sh", ["-c", "pwd; echo $NAME $HOME"], options);
    assert.equal(output, `${folder}\nvalue\n`);
  });

  it("is ended when the caller gives it up, which is no interrupt", async () => {
    const giveUp = new AbortController();
    const result = await run("sh", ["-c", "echo ready; exec sleep 30"], {
      signal: giveUp.signal,
      onLine: () => {
        giveUp.abort();
      },
    });
    assert.deepEqual(result, { code: 143, output: "ready\n", stdout: "ready\n", interrupted: false });
  });

  it("that cannot be started is an error", async () => {
    await assert.rejects(run("/no/such/command", []), { code: "ENOENT" });
  });
});
