import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ResultKind, Results } from "../../../launcher/pipeline/result.ts";
import { ServiceList } from "../changes.ts";
import { get } from "../cluster.ts";
import { edit, settled } from "../day-two.ts";
import { Front, processesBelow } from "../front.ts";
import { testStack, type TestStack } from "../stack.ts";
import { folder, run } from "../world.ts";

describe("what a pipeline calls", () => {
  let stack: TestStack;
  let services: ServiceList;
  const read = (name: string) => readFileSync(join(stack.project, "build/ci", name), "utf8");
  const result = <K extends ResultKind>(kind: K) =>
    JSON.parse(read(`${kind}-${stack.name}.json`)) as Results[K];
  /** The launcher without make, which turns every exit code into 2. */
  const drift = () =>
    run("sh", ["launcher/bootstrap.sh", "drift"], { cwd: stack.project, env: { STACK: stack.name } });

  before(async () => {
    stack = await testStack("pipeline", { rollout: { timeoutSeconds: 60 } });
    services = new ServiceList(stack);
    services.add(services.stateful("papers"));
    await stack.up();
  });
  after(() => stack.destroy());

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
    assert.equal((await stack.make("preview")).code, 0);
    assert.equal(result("preview").status, "same");
    assert.equal((await stack.make("guard", { CHANGES: "none" })).code, 0);
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
    const up = await stack.make("up");
    assert.equal(up.code, 0, up.output);
    assert.equal((await drift()).code, 0);
    assert.equal(result("drift").status, "clean");
  });

  it("make guard stops a plan that deletes a StatefulSet, until ALLOW names it", async () => {
    services.edit();
    assert.equal((await stack.make("preview")).code, 0);
    const stopped = await stack.make("guard");
    assert.notEqual(stopped.code, 0);
    assert.match(stopped.output, /StatefulSet\/papers is deleted; lost: the database or cache itself/);
    // Its claim has retainOnDelete: it stays, with its data.
    assert.doesNotMatch(stopped.output, /PersistentVolumeClaim/);
    const allowed = await stack.make("guard", { ALLOW: "StatefulSet/papers" });
    assert.equal(allowed.code, 0, allowed.output);
  });

  it("make unlock shows the lock of a job that was killed, removes it once confirmed, and make up goes on", async () => {
    let command = 0;
    const front = await Front.open(stack.name, ({ method, path }, forward) => {
      if (method === "DELETE" && path.includes("/statefulsets/papers"))
        for (const pid of processesBelow(command)) process.kill(pid, "SIGKILL");
      return forward();
    });
    const killed = await stack.make("up", { KUBECONFIG: front.kubeconfig }, (pid) => (command = pid));
    front.stepAside();
    assert.notEqual(killed.code, 0, killed.output);
    const locks = join(folder, "backend/.pulumi/locks/organization/multi-client", stack.name);
    const held = () => readdirSync(locks).filter((name) => name.endsWith(".json"));
    const [file = ""] = held().map((name) => join(locks, name));
    // The runner of a job is another computer: nobody here can know that the process is gone.
    const lock = JSON.parse(readFileSync(file, "utf8")) as object;
    const at = new Date(Date.now() - 42 * 60_000).toISOString();
    writeFileSync(file, JSON.stringify({ ...lock, username: "ann", hostname: "runner-7", timestamp: at }));
    assert.match((await stack.make("up")).output, /is locked by ann@runner-7/);
    const shown = await stack.make("unlock");
    assert.notEqual(shown.code, 0);
    assert.match(shown.output, /ann@runner-7 \(pid \d+\), made at \S+, 4\d min ago/);
    assert.equal(held().length, 1);
    const { code, output } = await stack.make("unlock", { CONFIRM: stack.name });
    assert.equal(code, 0, output);
    assert.deepEqual(held(), []);
    assert.match((await stack.make("unlock")).output, /is not locked/);
    const up = await stack.make("up");
    assert.equal(up.code, 0, up.output);
    await settled(stack);
  });
});
