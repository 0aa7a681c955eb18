import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { dumpFunctions } from "../../../backup/scripts.ts";
import type { DumpList } from "../../../launcher/backups/dump-list.ts";
import { which } from "../../../system/process.ts";
import { openAct, stepsOf } from "../act.ts";
import { get, until } from "../cluster.ts";
import { drillCases } from "../drill-cases.ts";
import { faultyDumps } from "../faulty-dumps.ts";
import { execIn, isReady, podsOf } from "../pods.ts";
import { quickEnds, testStack, type TestStack } from "../stack.ts";
import { folder } from "../world.ts";

const real = which("kubectl", process.env) ?? "kubectl";

/** A folder for PATH with a kubectl that ends its caller at once, before or after the calls that a pattern matches. */
function killingKubectl(name: string, pattern: string, when: "before" | "after"): NodeJS.ProcessEnv {
  const at = join(folder, `kubectl-${name}`);
  mkdirSync(at, { recursive: true });
  const calls = when === "before" ? "kill -9 $PPID; exit 1" : `"${real}" "$@"; kill -9 $PPID; exit 1`;
  writeFileSync(
    join(at, "kubectl"),
    `#!/bin/sh\ncase "$*" in ${pattern}) ${calls} ;; esac\nexec "${real}" "$@"\n`,
  );
  chmodSync(join(at, "kubectl"), 0o755);
  return { PATH: [at, process.env.PATH ?? ""].join(delimiter) };
}

describe("backups of the data", () => {
  let stack: TestStack;
  /** Runs a script in the container that makes the backups. */
  const inside = (script: string, ...args: readonly string[]) =>
    execIn(
      stack.namespace,
      ...["postgres-0", "--container", "backup-manager", "--", "sh", "-c", script, "case", ...args],
    );
  const sql = async (statement: string, database = "multi") => {
    const { code, stdout, output } = await inside('psql -XAtqc "$1" -d "$2"', statement, database);
    assert.equal(code, 0, output);
    return stdout.trim();
  };
  const rows = async () => Number(await sql("SELECT count(*) FROM values"));
  const addRow = () => sql("INSERT INTO values VALUES (7)");
  /** What `make backups` says, as a pipeline reads it. */
  const listed = async (env: NodeJS.ProcessEnv = {}) => {
    const { code, stdout, output } = await stack.make("backups", { JSON: "1", ...env });
    assert.ok(stdout.includes("{"), output);
    return {
      code,
      ...(JSON.parse(stdout.slice(stdout.indexOf("{"), stdout.lastIndexOf("}") + 1)) as DumpList & {
        ok: boolean;
        reason?: string;
      }),
    };
  };
  /** Makes a backup as the sidecar does, and gives its name. */
  const backup = async () => {
    const { code, stdout, output } = await inside(`${dumpFunctions}\ndump`);
    assert.equal(code, 0, output);
    return stdout.trimEnd().split("\n").at(-1) ?? "";
  };
  /** Makes a backup as a person does, with a copy in a folder. */
  const copied = async (to: string) => {
    const { code, output } = await stack.make("backup", { TO: to });
    assert.equal(code, 0, output);
    const [newest] = readdirSync(to).sort().reverse();
    return join(to, newest ?? "");
  };
  const restore = (from: string, env: NodeJS.ProcessEnv = {}) =>
    stack.make("restore", { FROM: from, ...env });
  const restored = async (from: string, env: NodeJS.ProcessEnv = {}) => {
    const { code, output } = await restore(from, env);
    assert.equal(code, 0, output);
    return output;
  };
  const done = async () => {
    const { code, output } = await stack.make("restore-done");
    assert.equal(code, 0, output);
  };
  const serverIsReady = async () => (await podsOf(stack.namespace, "server")).some(isReady);

  before(async () => {
    stack = await testStack("backups");
    quickEnds(stack);
    await stack.up();
    await until("the server has made its table", serverIsReady, 60);
  });
  after(() => stack.destroy());

  it("a new stack has one within a minute that was restored and compared", async () => {
    await until("a first backup", async () => (await listed()).dumps.length > 0, 60);
    const { code, ok, dumps, status } = await listed();
    assert.equal(code, 0);
    assert.equal(ok, true);
    assert.equal(status?.state, "ok");
    assert.equal(dumps[0]?.verified, "restored");
    const { output } = await stack.make("status");
    assert.match(output, /^Backups: {2}the newest verified one is 0\.\d h old$/m);
  });

  it("is restored while the application runs; what was there before is kept, and the next update has nothing to do", async () => {
    await addRow();
    const name = await backup();
    assert.deepEqual((await listed()).dumps[0]?.rows, { "public.values": 1 });
    await addRow();
    const output = await restored("latest");
    assert.match(output, new RegExp(`Restoring ${name}\\.`));
    assert.match(output, /\d passed, 0 failed/);
    assert.equal(await rows(), 1);
    const again = await restore("latest");
    assert.notEqual(again.code, 0);
    assert.match(again.output, /still kept; nothing was changed/);
    // The dump of what was there before the restore is the newest now, and has both rows.
    assert.deepEqual((await listed()).dumps[0]?.rows, { "public.values": 2 });
    await done();
    const clean = await stack.pulumi(["preview", "--refresh", "--expect-no-changes"]);
    assert.equal(clean.code, 0, clean.output);
    await stack.up({ rollout: { takeOver: false }, services: { server: { scale: { replicas: 2 } } } });
    assert.equal((await get("Deployment", "server", stack.namespace))?.spec.replicas, 2);
  });

  it("copied to a folder, and back from there", async () => {
    const to = join(folder, "copied-backups");
    const file = await copied(to);
    assert.equal(readdirSync(to).length, 1);
    const before = await rows();
    await addRow();
    writeFileSync(join(to, "mine.dump"), readFileSync(file));
    await restored(join(to, "mine.dump"));
    assert.equal(await rows(), before);
    await done();
  });

  it("a dump that is none, or not ours, is refused with the reason, and nothing is changed", async () => {
    const good = readFileSync(await copied(join(folder, "good")));
    const before = await rows();
    for (const [index, [fault, change, says]] of faultyDumps.entries()) {
      const file = join(folder, `faulty-${String(index)}.dump`);
      writeFileSync(file, change(good));
      const { code, output } = await restore(file);
      assert.notEqual(code, 0, fault);
      assert.match(output, says, fault);
      assert.doesNotMatch(output, /at .*\.ts:\d+/);
      assert.equal(await rows(), before);
      assert.ok(await serverIsReady());
    }
  });

  it("a verified dump that has changed since is refused by name, and an older one can be restored", async () => {
    const older = await backup();
    const newer = await backup();
    await inside('printf x | dd of="$FOLDER/$1.dump" bs=1 seek=200 conv=notrunc', newer);
    const { code, output } = await restore("latest");
    assert.notEqual(code, 0);
    assert.match(output, /is not what it was when it was verified/);
    await restored(older);
    await done();
  });

  // The point at which the launcher dies, and the data that serves at that moment: 0 for the old, 1 for the restored.
  const points: readonly (readonly [string, string, "before" | "after", "old" | "restored"])[] = [
    ["while the dump is restored beside", "*' prepare '*", "before", "old"],
    ["when it was restored beside, while the writers stop", "*'replicas\":0'*", "after", "old"],
    ["before the databases change places", "*' swap '*", "before", "old"],
    ["when they have changed places", "*' swap '*", "after", "restored"],
  ];
  for (const [index, [point, pattern, when, serves]] of points.entries()) {
    it(`killed ${point}: the ${serves} data is whole, and the same command finishes`, async () => {
      const before = await rows();
      const name = await backup();
      await addRow();
      const env = killingKubectl(String(index), pattern, when);
      const killed = await restore(name, env);
      assert.notEqual(killed.code, 0, killed.output);
      assert.equal(await rows(), serves === "old" ? before + 1 : before);
      await restored(name);
      assert.equal(await rows(), before);
      assert.ok(await serverIsReady());
      await done();
    });
  }

  it("two at once: the second says so, and changes nothing", async () => {
    const name = await backup();
    const [first, second] = await Promise.all([
      restore(name),
      // Another computer has another state folder, and so no lock in common.
      // Not by trying its lock: whoever tries it has it for a moment.
      until("the first has begun", async () => (await inside('[ -e "$FOLDER/.restoring" ]')).code === 0).then(
        () => restore(name, { XDG_STATE_HOME: join(folder, "another-state") }),
      ),
    ]);
    assert.equal(first.code, 0, first.output);
    assert.notEqual(second.code, 0);
    assert.match(second.output, /A restore of this stack, .* is at work/);
    await done();
  });

  it("one that is too old, or dated in the future, makes make backups fail with the reason", async () => {
    const name = await backup();
    const dated = (date: string) =>
      inside(
        'for f in "$FOLDER"/multi-*.json; do sed -i "s/\\"at\\":\\"[^\\"]*\\"/\\"at\\":\\"$1\\"/" "$f"; done',
        date,
      );
    await dated(new Date(Date.now() - 30 * 3_600_000).toISOString());
    const old = await listed();
    assert.notEqual(old.code, 0);
    assert.match(old.reason ?? "", /30 h old, and 26 h are the limit/);
    await dated(new Date(Date.now() + 48 * 3_600_000).toISOString());
    assert.match((await listed()).reason ?? "", /in the future: a clock is wrong/);
    await backup();
    assert.equal(
      (await listed()).dumps.some((dump) => dump.name === name),
      true,
    );
  });

  it("a full claim: the oldest go, the newest verified one stays, and it is said", async () => {
    await backup();
    const [newest] = (await listed()).dumps;
    const { code, output } = await inside(`${dumpFunctions}\nfree_kilobytes() { echo 10; }\ndump`);
    assert.notEqual(code, 0);
    assert.match(output, /blocked: the claim is full: 10 kB are free/);
    const { dumps, status } = await listed();
    assert.deepEqual(
      dumps.map(({ name }) => name),
      [newest?.name],
    );
    assert.equal(status?.state, "blocked");
    await backup();
    assert.equal((await listed()).status?.state, "ok");
  });

  it("no more than seven are kept", async () => {
    await inside(`${dumpFunctions}\nfor i in 1 2 3 4 5 6 7 8; do dump; sleep 1; done`);
    assert.equal((await listed()).dumps.length, 7);
  });

  drillCases(() => ({ stack, addRow, backup, rows }));

  it("deploy: what a push brings is planned, guarded, deployed and asked over HTTP, and nothing differs afterwards", async function () {
    const act = await openAct(stack);
    if (act === undefined) {
      console.log("  act is not on the PATH: no workflow runs");
      this.skip();
    }
    stack.configure({ services: { server: { scale: { replicas: 2 } } } });
    const ran = await act.workflow("deploy", "push");
    assert.equal(ran.code, 0, ran.output);
    const targets = ["preview", "guard", "up", "smoke", "drift"];
    assert.deepEqual(
      stepsOf(ran, "deploy").slice(-targets.length),
      targets.map((target) => `Success make ${target}`),
    );
    assert.equal((await get("Deployment", "server", stack.namespace))?.spec.replicas, 2);
  });

  it("a stack that has switched them off is told so", async () => {
    await stack.up({ services: { postgres: { sidecars: { "backup-manager": false } } } });
    // The official plugin of 4.25 does not wait until the pod of a StatefulSet is replaced.
    await until("postgres has a pod without the sidecar", async () => {
      const [pod] = await podsOf(stack.namespace, "postgres");
      const containers = (pod?.spec.containers ?? []) as { name: string }[];
      return pod !== undefined && isReady(pod) && !containers.some(({ name }) => name === "backup-manager");
    });
    for (const target of ["backups", "backup", "restore"]) {
      const { code, output } = await stack.make(target, { FROM: "latest" });
      assert.notEqual(code, 0);
      assert.match(output, /has switched backup-manager off/);
    }
    const { code, output } = await stack.make("status");
    assert.equal(code, 0);
    assert.match(output, /^Backups: {2}not known: .* has switched backup-manager off/m);
  });
});
