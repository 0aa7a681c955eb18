import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { failing } from "../day-two.ts";
import { testStack, type TestStack } from "../stack.ts";
import { run } from "../world.ts";

describe("the policy pack", () => {
  let stack: TestStack;
  let pack: string;
  const preview = () =>
    stack.pulumi(["preview", "--policy-pack", pack, "--policy-pack-config", join(pack, "elsewhere.json")]);

  before(async function () {
    this.timeout("5m"); // its dependencies are its own
    stack = await testStack("policy-pack");
    pack = join(stack.project, "policy", "pack");
    const { code, output } = await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: pack,
    });
    assert.equal(code, 0, output);
  });
  after(() => stack.destroy());

  it("lets the program pass", async () => {
    const { code, output } = await preview();
    assert.equal(code, 0, output);
    assert.match(output, /✅ multi-client@v0\.1\.0/);
  });

  it("refuses a container that may write to its image, with its name", async () => {
    const source = join(stack.project, "components", "kubernetes", "pod.ts");
    const good = readFileSync(source, "utf8");
    const bad = good.replace("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false");
    assert.notEqual(bad, good);
    writeFileSync(source, bad);
    const output = await failing(preview());
    writeFileSync(source, good);
    assert.match(output, /\[mandatory\] +read-only-root +\(kubernetes:apps\/v1:Deployment: worker\)/);
    assert.match(output, /container worker: may write to its image/);
  });
});
