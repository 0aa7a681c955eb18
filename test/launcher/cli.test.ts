import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { hostname } from "node:os";
import { deadOwner } from "../../launcher/engine/cli.ts";

describe("the engine's own lock", () => {
  const complaint = (host: string, pid: number) =>
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n" +
    `  file:///state/abc.json: created by ann@${host} (pid ${String(pid)}) at 2026-11-23T10:00:00Z\n`;
  const failed = (output: string) => ({ code: 255, output });
  let gone = 0;
  before(async () => {
    const child = spawn("true");
    await new Promise((done) => child.once("close", done));
    gone = child.pid ?? 0;
  });

  it("is left over only where its process was on this computer and is gone", () => {
    const own = complaint(hostname(), gone);
    assert.equal(deadOwner(failed(own)), String(gone));
    assert.equal(deadOwner(failed(complaint("elsewhere", gone))), undefined);
    assert.equal(deadOwner(failed(complaint(hostname(), process.pid))), undefined);
    const [, line = ""] = own.split("\n");
    assert.equal(deadOwner(failed(`${own.replace("by 1 lock", "by 2 lock")}${line}\n`)), undefined);
    assert.equal(deadOwner(failed(own.replace("by 1 lock", "by 2 lock"))), undefined);
  });

  it("is known by the CLI's own words at its end, also beside what it wrote before", () => {
    const own = complaint(hostname(), gone);
    assert.equal(deadOwner(failed(`1 resources unprotected\n${own}`)), String(gone));
    const imported = own.replace("error: ", "error: could not import deployment: ");
    assert.equal(deadOwner(failed(imported)), String(gone));
  });

  it("is not what a pod says, nor what a command that succeeded shows", () => {
    const own = complaint(hostname(), gone);
    assert.equal(deadOwner({ code: 0, output: own }), undefined);
    const indented = own.replaceAll(/^/gm, "    ");
    for (const said of [indented, own.replace("error: ", "error: 1 error occurred: "), own.slice(7)])
      assert.equal(deadOwner(failed(`Diagnostics:\n${said}\nerror: update failed\n`)), undefined, said);
  });
});
