import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { forward } from "../../launcher/cluster/port-forward.ts";
import { run } from "../../system/process.ts";

describe("the way to the application", () => {
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

  it("leads to the client by its context and namespace, and ends when it is told to", async () => {
    const { port, end } = await forward("rig", "app", "service/client :3050", kubectl(...listening));
    assert.equal(port, 41_234);
    const args = readFileSync(join(folder, "args"), "utf8");
    assert.equal(args, "--context rig -n app port-forward service/client :3050\n");
    end();
    assert.ok(await gone(pid()));
  });

  for (const signal of ["SIGKILL", "SIGINT"] as const) {
    it(`does not outlive us: ${signal}, to all of us as a terminal sends it`, async () => {
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

  it("says what kubectl says where there is none", async () => {
    const env = kubectl("echo 'error: unable to forward port because pod is not running' >&2", "exit 1");
    await assert.rejects(forward("rig", "app", "service/client :3050", env), {
      message:
        "There is no way to the application: kubectl port-forward service/client :3050 says:\n" +
        "  error: unable to forward port because pod is not running\n" +
        "See: kubectl --context rig -n app get pods,services",
    });
    await assert.rejects(forward("rig", "app", "service/client :3050", { PATH: folder + "/none" }), {
      message: /kubectl.*is not on PATH\.\nFix: install it/,
    });
  });

  const smoke = (env: NodeJS.ProcessEnv) =>
    run(process.execPath, ["launcher/main.ts", "smoke"], { env: { ...process.env, ...env } });

  it("there is none to a cluster whose nodes are simulated, and that is said at once", async () => {
    const { code, output } = await smoke({ STACK: "sandbox" });
    assert.equal(code, 1);
    assert.match(
      output,
      /^\nThe nodes of stack sandbox are simulated: no container runs, so there is nothing to/,
    );
  });

  it("whether a row may be added is 1 or 0", async () => {
    const { code, output } = await smoke({ STACK: "dev", WRITE: "no" });
    assert.equal(code, 1);
    assert.match(output, /^\nWRITE is "no"\.\nExpected: 1 to add a row, 0 to add none\.\n/);
  });
});
