import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { deployed, serviceKeys } from "../changes.ts";
import { dataUids, password } from "../cluster.ts";
import { settled } from "../day-two.ts";
import { TestStack, testStack, type Step } from "../stack.ts";
import { folder } from "../world.ts";

/** A released state of the program: whoever deployed it comes here with its stack file and its state. */
const older = "467d0fad64f887f3ae1c903d63c16517b78e0b71";
const holdsData = /:(Namespace|PersistentVolumeClaim|StatefulSet|Stash|Secret)$/;
/** What is new since: the server's own login. */
const isNew = ({ op, name }: Step) => op === "create" && name === "postgres-login";
const harm = (steps: readonly Step[]) =>
  steps.filter((step) => /delete|replace|create/.test(step.op) && holdsData.test(step.type) && !isNew(step));

/** The program as it was: a folder with all its files. */
function olderProgram(): string {
  const project = join(folder, "projects", `program-${older.slice(0, 7)}`);
  mkdirSync(project, { recursive: true });
  try {
    const archive = execFileSync("git", ["archive", "--format=tar", older], {
      maxBuffer: 2 ** 26,
      stdio: "pipe",
    });
    execFileSync("tar", ["-x", "-C", project], { input: archive });
  } catch (error) {
    throw new Error(`commit ${older} is not in this clone; fetch it: git fetch --depth=1 origin ${older}`, {
      cause: error,
    });
  }
  symlinkSync(resolve("node_modules"), join(project, "node_modules"));
  return project;
}

describe("a stack of an older version of the program", () => {
  let now: TestStack;
  let then: TestStack;
  before(async () => {
    now = await testStack("upgrade");
    then = new TestStack(now.name, now.namespace, olderProgram(), now.base);
    await then.up();
  });
  after(() => now.destroy());

  it("is upgraded in place: what holds data and the password stay", async () => {
    const [uids, secret] = [await dataUids(now.namespace), await password(now.namespace)];
    assert.deepEqual(harm(await now.plan({}, "--refresh")), []);
    const { plan } = await deployed(now);
    // nginx's configuration has changed since, and its ConfigMap has a name by its content.
    const replaced = plan.filter((line) => !line.startsWith("update "));
    const created = ["default-deny", ...serviceKeys].map((key) => `create NetworkPolicy ${key}`);
    const login = ["create Secret postgres-login", "create Stash postgres-login"];
    assert.deepEqual(replaced, [...created, ...login, "replace ConfigMap client-nginx: data"].sort());
    assert.deepEqual(await dataUids(now.namespace), uids);
    assert.equal(await password(now.namespace), secret);
    await settled(now);
  });
});
