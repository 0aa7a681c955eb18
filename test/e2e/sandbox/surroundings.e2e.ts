import assert from "node:assert/strict";
import { copyFileSync, readFileSync, truncateSync } from "node:fs";
import { delimiter, join } from "node:path";
import { resourceCount } from "../changes.ts";
import { failing } from "../day-two.ts";
import { open, testStack, type TestStack } from "../stack.ts";
import { folder, kubeconfig } from "../world.ts";

describe("what surrounds a run", () => {
  let stack: TestStack;
  before(async () => {
    stack = await testStack("surroundings");
    await stack.up();
  });
  after(() => stack.drop());

  it("a preview of a stack that is not there yet makes none", async () => {
    const fresh = await testStack("fresh");
    await fresh.must("stack", "rm", "--yes", "--preserve-config");
    const before = readFileSync(fresh.file, "utf8");
    const { code, output } = await fresh.make("preview");
    assert.equal(code, 0, output);
    assert.match(output, new RegExp(`\\+ ${resourceCount} to create`));
    assert.ok(!(await fresh.pulumi(["stack", "ls", "--all"])).output.includes(fresh.name));
    assert.equal(readFileSync(fresh.file, "utf8"), before);
    open.delete(fresh);
  });

  it("a proxy of the company is not asked for what is on this computer; a KUBECONFIG of several files is read as kubectl does, and no path of it is in the state", async () => {
    const proxy = { https_proxy: "http://127.0.0.1:9", no_proxy: "" };
    const KUBECONFIG = [join(folder, "not-there"), kubeconfig].join(delimiter);
    const { code, output } = await stack.make("preview", { ...proxy, KUBECONFIG });
    assert.equal(code, 0, output);
    assert.match(output, new RegExp(`${resourceCount} unchanged`));
    const { stdout } = await stack.must("stack", "export");
    assert.ok(!stdout.includes(kubeconfig));
  });

  it("a kubeconfig that is not there is said to be missing", async () => {
    const output = await failing(stack.make("preview", { KUBECONFIG: join(folder, "not-there") }));
    assert.match(output, /not in the kubeconfig \(\S+not-there, which is not there\)/);
  });

  it("an empty HOME is the home folder that the system knows", async () => {
    const { code, output } = await stack.make("status", { HOME: "" });
    assert.equal(code, 0, output);
  });

  it("a state that was cut off is named, with the copy that takes its place", async () => {
    const file = join(folder, "backend", ".pulumi", "stacks", "multi-client", `${stack.name}.json`);
    await stack.up({ images: { client: "example.test/client:2" } }); // the copy is that of a state that is whole
    truncateSync(file, 1000);
    const output = await failing(stack.make("up"));
    const [, from = "", to = ""] = /cp '(.+)' '(.+)'/.exec(output) ?? [];
    assert.deepEqual([from, to], [`${file}.bak`, file]);
    copyFileSync(from, to);
    const { code, output: again } = await stack.make("up");
    assert.equal(code, 0, again);
  });
});
