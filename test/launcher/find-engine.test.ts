import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findEngine } from "../../launcher/engine/find-engine.ts";

describe("the Pulumi CLI", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "engine-"));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });
  const script = (path: string, text: string) => {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, 0o755);
  };
  const bin = () => join(root, "pulumi/versions/1.2.3/bin");
  /** A CLI that counts how often it is asked. */
  const whole = () => `#!/bin/sh\necho asked >>${root}/asked\necho v1.2.3\n`;
  const asked = () => readFileSync(join(root, "asked"), "utf8").trim().split("\n").length;
  /** Finds the CLI of a project whose npm launcher fetches nothing. */
  const found = async () => {
    mkdirSync(join(root, "node_modules/@pulumi/pulumi"), { recursive: true });
    writeFileSync(join(root, "node_modules/@pulumi/pulumi/package.json"), '{"version": "1.2.3"}');
    script(join(root, "node_modules/.bin/pulumi"), "#!/bin/sh\necho no network; exit 1\n");
    const env = {
      PATH: "/usr/bin:/bin",
      PULUMI_HOME: join(root, "pulumi"),
      XDG_CACHE_HOME: join(root, "cache"),
    };
    return findEngine(root, env, () => undefined);
  };

  it("that was fetched is asked once whether it is whole", async () => {
    script(join(bin(), "pulumi"), whole());
    script(join(bin(), "pulumi-language-nodejs"), "#!/bin/sh\n");
    assert.deepEqual([(await found()).origin, (await found()).origin], ["official", "official"]);
    assert.equal(asked(), 1);
  });

  it("that a full disk cut off is not used", async () => {
    script(join(bin(), "pulumi"), whole().slice(0, 20));
    script(join(bin(), "pulumi-language-nodejs"), "#!/bin/sh\n");
    await assert.rejects(found(), /cannot be fetched: no network/);
    assert.ok(existsSync(bin()), "another run may be about to write it");
  });

  it("without its language host is no whole one", async () => {
    script(join(bin(), "pulumi"), whole());
    await assert.rejects(found(), /cannot be fetched: no network/);
  });
});
