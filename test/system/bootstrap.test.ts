import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
});
