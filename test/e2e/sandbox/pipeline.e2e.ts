import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ResultKind, Results } from "../../../launcher/pipeline/result.ts";
import { get } from "../cluster.ts";
import { edit } from "../day-two.ts";
import { testStack, type TestStack } from "../stack.ts";
import { run } from "../world.ts";

describe("what a pipeline calls", () => {
  let stack: TestStack;
  const read = (name: string) => readFileSync(join(stack.project, "build/ci", name), "utf8");
  const result = <K extends ResultKind>(kind: K) =>
    JSON.parse(read(`${kind}-${stack.name}.json`)) as Results[K];
  /** The launcher without make, which turns every exit code into 2. */
  const drift = () =>
    run("sh", ["launcher/bootstrap.sh", "drift"], { cwd: stack.project, env: { STACK: stack.name } });

  before(async () => {
    stack = await testStack("pipeline", { rollout: { timeoutSeconds: 60 } });
    await stack.up();
  });
  after(() => stack.drop());

  it("make preview writes what would change, without a value, and make guard passes it", async () => {
    stack.configure({ images: { server: "example.test/server:2" } });
    const { code, output } = await stack.make("preview");
    assert.equal(code, 0, output);
    assert.match(output, /example\.test\/server:2/);
    const { status, counts, changes, destructive } = result("preview");
    assert.equal(status, "changes");
    assert.equal(counts.update, 1);
    assert.deepEqual(
      changes.map(({ op, urn, keys }) => [op, urn.split("::").at(-1), keys]),
      [["update", "server", ["spec.template.spec.containers[0].image", "spec.template.spec.nodeSelector"]]],
    );
    assert.deepEqual(destructive, []);
    for (const end of ["json", "md"])
      assert.doesNotMatch(read(`preview-${stack.name}.${end}`), /example\.test/);
    assert.equal((await stack.make("guard")).code, 0);
    const bot = await stack.make("guard", { CHANGES: "none" });
    assert.match(bot.output, /CHANGES=none allows nothing/);
    stack.configure();
  });

  it("make drift tells clean, drift and error apart, names who changed what, and writes no state", async () => {
    const before = await stack.must("stack", "export");
    await edit(stack, ["Deployment", "worker"], { spec: { replicas: 3 } }, { manager: "kubectl-patch" });
    const found = await drift();
    assert.equal(found.code, 7, found.output);
    const { status, changes, foreign } = result("drift");
    assert.equal(status, "drift");
    assert.deepEqual(
      changes.map(({ urn, keys }) => [urn.split("::").at(-1), keys]),
      [["worker", ["spec.replicas"]]],
    );
    assert.deepEqual(foreign, [
      { object: "Deployment worker", manager: "kubectl-patch", field: "spec.replicas", isOurs: true },
    ]);
    assert.match(
      read(`drift-${stack.name}.md`),
      /\| `Deployment worker` \| `kubectl-patch` \| `spec\.replicas` \|/,
    );
    assert.equal((await get("Deployment", "worker", stack.namespace))?.spec.replicas, 3);
    assert.equal((await stack.must("stack", "export")).stdout, before.stdout);

    stack.configure({ exposure: { type: "nonsense" } });
    const failed = await drift();
    assert.ok(![0, 7].includes(failed.code), failed.output);
    assert.equal(result("drift").status, "error");

    stack.configure();
    await edit(stack, ["Deployment", "worker"], { spec: { replicas: 1 } }, { manager: "kubectl-patch" });
    assert.equal((await drift()).code, 0);
    assert.equal(result("drift").status, "clean");
  });
});
