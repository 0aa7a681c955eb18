import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { forward } from "../../launcher/cluster/port-forward.ts";

describe("a port-forward", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "forward-"))));
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  /** A `kubectl` that notes its process id and its arguments, and does what the lines say. */
  const kubectl = (...lines: readonly string[]): NodeJS.ProcessEnv => {
    const file = join(folder, "kubectl");
    writeFileSync(
      file,
      `#!/bin/sh\necho $$ > ${folder}/pid\necho "$@" > ${folder}/args\n${lines.join("\n")}\n`,
    );
    chmodSync(file, 0o755);
    return { PATH: `${folder}:${process.env.PATH ?? ""}` };
  };
  const listening = ["echo 'Forwarding from 127.0.0.1:41234 -> 3000'", "exec sleep 600"];
  const pid = () => Number(readFileSync(join(folder, "pid"), "utf8"));
  const gone = async (which: number): Promise<boolean> => {
    for (let n = 0; n < 100; n++) {
      try {
        process.kill(which, 0);
      } catch {
        return true;
      }
      await sleep(50);
    }
    return false;
  };

  it("leads to a Service by context and namespace, until it is ended", async () => {
    const { port, end } = await forward("rig", "app", "service/client :3050", kubectl(...listening));
    assert.equal(port, 41_234);
    const args = readFileSync(join(folder, "args"), "utf8");
    assert.equal(args, "--context rig -n app port-forward service/client :3050\n");
    end();
    assert.ok(await gone(pid()));
  });

  for (const signal of ["SIGKILL", "SIGINT"] as const) {
    it(`ends with the launcher on ${signal}, which a terminal sends to both`, async () => {
      const program = `import { forward } from "${process.cwd()}/launcher/cluster/port-forward.ts";
        await forward("rig", "app", "service/client :3050", process.env); console.log("there");`;
      const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
        env: { ...process.env, ...kubectl(...listening) },
        detached: true,
        stdio: ["ignore", "pipe", "inherit"],
      });
      await new Promise((done) => child.stdout.once("data", done));
      process.kill(-(child.pid ?? assert.fail()), signal);
      assert.ok(await gone(pid()));
    });
  }

  it("fails with the words of kubectl where it cannot forward, and with a fix where there is no kubectl", async () => {
    const env = kubectl("echo 'error: unable to forward port because pod is not running' >&2", "exit 1");
    await assert.rejects(forward("rig", "app", "service/client :3050", env), {
      message:
        "The application cannot be reached: kubectl port-forward service/client :3050 says:\n" +
        "  error: unable to forward port because pod is not running\n" +
        "See: kubectl --context rig -n app get pods,services",
    });
    await assert.rejects(forward("rig", "app", "service/client :3050", { PATH: folder + "/none" }), {
      message: /kubectl.*is not on PATH\.\nFix: install it/,
    });
  });
});
