import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backupContainer } from "../../launcher/backups/backup-container.ts";
import { piped } from "../../launcher/cluster/kubectl.ts";
import type { DeployedStack } from "../../launcher/stack/deployed-stack.ts";
import { UserError } from "../../system/errors.ts";

const pods = { items: [{ metadata: {}, spec: { containers: [{ name: "backup-manager" }] } }] };
/** A kubectl whose container is this computer; of what it is given, `CUT` bytes come before the client is gone. */
const kubectl = `#!/bin/sh
case "$*" in *"get pods"*) echo '${JSON.stringify(pods)}'; exit ;; esac
while [ "$1" != -- ]; do shift; done
shift
if [ -n "$CUT" ]; then head -c "$CUT" | "$@"; else exec "$@"; fi
`;
const sumOf = (text: string) => createHash("sha256").update(text).digest("hex");

describe("dumps that are copied", () => {
  let folder = "";
  const inside = () => join(folder, "claim");
  const file = () => join(folder, "my.dump");
  const container = (env: NodeJS.ProcessEnv = {}) => {
    const all = { PATH: `${folder}:${process.env.PATH ?? ""}`, FOLDER: inside(), ...env };
    const deployed = {
      stack: { name: "shop", namespace: "shop", target: { provider: "existing" } },
      cluster: { context: "c", env: all },
    };
    return backupContainer(deployed as unknown as DeployedStack);
  };
  const onClaim = () => readFileSync(join(inside(), "my.dump"), "utf8");
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "multi-client-copied-"));
    mkdirSync(inside());
    writeFileSync(join(folder, "kubectl"), kubectl);
    chmodSync(join(folder, "kubectl"), 0o700);
    writeFileSync(file(), "all of the data");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("into the container get their name when all of them came", async () => {
    await (await container()).upload(file(), "my");
    assert.equal(onClaim(), "all of the data");
    await assert.rejects(
      (await container({ CUT: "3" })).upload(file(), "other"),
      /copying \S+my\.dump: 3 bytes came, and these are not the file: copy it again/,
    );
    assert.deepEqual(readdirSync(inside()), ["my.dump"]);
  });

  it("into the container take the place of no other; the same is not copied twice", async () => {
    writeFileSync(join(inside(), "my.dump"), "all of the data");
    await (await container({ CUT: "0" })).upload(file(), "my");
    writeFileSync(join(inside(), "my.dump"), "verified");
    await assert.rejects(
      (await container()).upload(file(), "my"),
      /a backup my on the claim already[^]*FROM=my/,
    );
    assert.equal(onClaim(), "verified");
  });

  it("into the container must be files", async () => {
    writeFileSync(join(inside(), "my.dump"), "verified");
    rmSync(file());
    mkdirSync(file());
    await assert.rejects((await container()).upload(file(), "my"), (error: unknown) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /my\.dump cannot be read: it is a folder\. Nothing was changed/);
      return true;
    });
    assert.equal(onClaim(), "verified");
  });

  it("out of the container get their name when their checksum is the dump's", async () => {
    writeFileSync(join(inside(), "my.dump"), "all of the data");
    const to = join(folder, "copy.dump");
    const from = await container();
    await assert.rejects(from.download({ name: "my", sha256: sumOf("other") }, to), /is not what was dumped/);
    await assert.rejects(from.download({ name: "gone" }, to), /copying gone failed/);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith("copy")),
      [],
    );
    await from.download({ name: "my", sha256: sumOf("all of the data") }, to);
    assert.equal(readFileSync(to, "utf8"), "all of the data");
  });

  it("out of the container to a full disk end with the disk's error", async function () {
    if (!existsSync("/dev/full")) this.skip();
    writeFileSync(join(inside(), "my.dump"), "x".repeat(1_000_000));
    await assert.rejects(piped(["cat", join(inside(), "my.dump")], process.env, { to: "/dev/full" }), {
      code: "ENOSPC",
    });
    await assert.rejects(piped(["sleep", "60"], process.env, { to: join(folder, "none/x") }), {
      code: "ENOENT",
    });
  });
});
