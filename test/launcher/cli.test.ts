import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { hostname } from "node:os";
import { deadOwner } from "../../launcher/engine/cli.ts";

describe("the engine's own lock", () => {
  const complaint = (host: string, pid: number) =>
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n" +
    `  file:///state/abc.json: created by ann@${host} (pid ${String(pid)}) at 2026-11-23T10:00:00Z`;

  it("is left over only where its process was on this computer and is gone", async () => {
    const child = spawn("true");
    await new Promise((done) => child.once("close", done));
    const gone = child.pid ?? 0;
    assert.equal(deadOwner(complaint(hostname(), gone)), String(gone));
    assert.equal(deadOwner(complaint("elsewhere", gone)), undefined);
    assert.equal(deadOwner(complaint(hostname(), process.pid)), undefined);
    assert.equal(deadOwner(complaint(hostname(), gone).replace("by 1 lock", "by 2 lock")), undefined);
  });
});
