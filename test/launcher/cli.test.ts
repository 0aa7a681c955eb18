import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { deadOwner, openCli } from "../../launcher/engine/cli.ts";
import { writeEngine } from "../support/engine.ts";

describe("the engine's own lock", () => {
  const complaint = (host: string, pid: number, at = new Date()) =>
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n" +
    `  file:///state/abc.json: created by ann@${host} (pid ${String(pid)}) at ${at.toISOString().replace(/\.\d+/, "")}\n`;
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

  it("is left over where another process has the number by now, which began later", () => {
    const child = spawn("sleep", ["30"]);
    const { pid = 0 } = child;
    try {
      const earlier = new Date(Date.now() - 5000);
      assert.equal(deadOwner(failed(complaint(hostname(), pid, earlier))), String(pid));
      assert.equal(deadOwner(failed(complaint(hostname(), pid))), undefined);
    } finally {
      child.kill();
    }
  });

  it("is no stranger's where it is a CLI, which may only seem to have begun later", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cli-"));
    const program = join(folder, "pulumi");
    cpSync("/bin/sleep", program);
    const child = spawn(program, ["30"]);
    try {
      await new Promise((done) => child.once("spawn", done));
      const earlier = new Date(Date.now() - 5000);
      assert.equal(deadOwner(failed(complaint(hostname(), child.pid ?? 0, earlier))), undefined);
    } finally {
      child.kill();
      rmSync(folder, { recursive: true });
    }
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

describe("the CLI, interrupted", () => {
  const home = mkdtempSync(join(tmpdir(), "cli-"));
  after(() => {
    rmSync(home, { recursive: true });
  });

  it("ends the command, also where it came to its end all the same", async () => {
    const kill = `kill -HUP ${String(process.pid)}`;
    writeEngine(home, `trap '' HUP\nsleep 0.1\n${kill}\nsleep 0.2\necho '{"deployment":{}}'\n`);
    const backend = { url: pathToFileURL(home).href, because: "PULUMI_BACKEND_URL", env: {} };
    const target = { provider: "existing", context: "far", local: false } as const;
    const stack = { name: "far", target, namespace: "shop", ingress: false, images: [], autoscaled: false };
    const why = { because: "STACK", plugins: "official", pluginsBecause: "" } as const;
    const [root, log] = [process.cwd(), () => undefined];
    const invocation = {
      command: "up",
      root,
      env: { ...process.env, PULUMI_HOME: home, XDG_CACHE_HOME: home },
      write: log,
      log,
    };
    const cli = await openCli({ stack, backend, endToEnd: false, ...why }, invocation, log);
    for (const work of [() => cli.state(), () => cli.outputs()])
      await assert.rejects(work(), {
        exitCode: 130,
        message:
          "Interrupted while pulumi stack ran; its state is saved.\nThe same command goes on from there.",
      });
  });
});
