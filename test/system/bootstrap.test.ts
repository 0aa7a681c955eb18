import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../system/process.ts";

describe("the start of the launcher", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bootstrap-"));
    for (const name of ["launcher", "bin"]) mkdirSync(join(folder, name));
    copyFileSync("launcher/bootstrap.sh", join(folder, "launcher", "bootstrap.sh"));
    writeFileSync(join(folder, "package-lock.json"), "{}");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("ends with a message where the file system has no hard links", async () => {
    writeFileSync(join(folder, "bin", "ln"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    writeFileSync(join(folder, "bin", "sleep"), "#!/bin/sh\n", { mode: 0o755 });
    const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH ?? ""}` };
    const { code, output } = await run("sh", [join(folder, "launcher", "bootstrap.sh"), "test"], { env });
    assert.equal(code, 1, output);
    assert.match(output, /build\/install\.lock can neither be made nor read.*hard links/);
    assert.deepEqual(readdirSync(join(folder, "build")), []);
  });

  it("leaves nothing that goes on when it is interrupted while it installs", async () => {
    const program = (name: string, text: string) => {
      writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    };
    program("npm", "sleep 1; kill -INT $PPID; sleep 1; exit 130");
    // A line every tenth of a second, and not for ever whatever happens.
    program("sleep", `echo >>${folder}/slept; [ $(wc -l <${folder}/slept) -lt 40 ] && exec /bin/sleep 0.1`);
    const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env.PATH ?? ""}` };
    const out = openSync(join(folder, "out"), "w");
    const child = spawn("sh", [join(folder, "launcher", "bootstrap.sh"), "test"], {
      env,
      stdio: ["ignore", out, out],
    });
    const code = await new Promise((done) => child.on("exit", done));
    closeSync(out);
    const said = () => readFileSync(join(folder, "out"), "utf8");
    const atEnd = said();
    assert.match(atEnd, /npm ci \.\.\. \d+ s/);
    await sleep(500);
    assert.deepEqual([code, said()], [130, atEnd]);
    assert.deepEqual(readdirSync(join(folder, "build")), []);
  });
});
