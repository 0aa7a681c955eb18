import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { create, get, list, until } from "../cluster.ts";
import { engineOf, Front, killAll } from "../front.ts";
import { testStack, type TestStack } from "../stack.ts";
import { folder } from "../world.ts";

/** Lock of a stack in the run's backend, as an engine on some computer leaves it (pkg/backend/diy/lock.go). */
function lock(stack: TestStack, owner: { pid: number; hostname: string }, timestamp: string): string {
  const locks = join(folder, "backend", ".pulumi", "locks", "organization", "multi-client", stack.name);
  mkdirSync(locks, { recursive: true });
  const file = join(locks, "0a0a0a0a-0000-4000-8000-000000000000.json");
  writeFileSync(file, JSON.stringify({ ...owner, username: "ann", timestamp }));
  return file;
}

describe("the engine on bad days", () => {
  let stack: TestStack;
  /** The state holds the kubeconfig's path: all commands of one stack use the same. */
  let env: NodeJS.ProcessEnv;
  before(async () => {
    stack = await testStack("engine");
  });
  after(() => stack.drop());

  it("make up, killed with everything it started: the next one converges", async () => {
    let killed = false;
    let command = 0;
    const front = await Front.open(stack.name, ({ method, path }, forward) => {
      // Half of the first deployment is under way when its first workload is asked for.
      if (!killed && method === "POST" && path.includes("/deployments?") && !path.includes("dryRun")) {
        killed = true;
        killAll(command);
      }
      return forward();
    });
    env = { KUBECONFIG: front.kubeconfig };
    const first = await stack.make("up", env, (pid) => (command = pid));
    assert.notEqual(first.code, 0, first.output);
    front.stepAside();
    const { code, output } = await stack.make("up", env);
    assert.equal(code, 0, output);
    assert.match(output, /The lock of process \d+ is left over: that process is gone. It is removed/);
    assert.match(output, /An earlier run was killed/);
    assert.equal((await list("Deployment", stack.namespace)).length, 3);
  });

  it("two make up at once: the second waits, says for whom, and finds nothing to do", async () => {
    const [first, second] = await Promise.all([stack.make("up", env), stack.make("up", env)]);
    assert.equal(first.code + second.code, 0, first.output + second.output);
    assert.match(first.output + second.output, /Waiting for process \d+ \(make up, stack \S+\) to end/);
    for (const { output } of [first, second]) assert.match(output, /nothing changed/);
  });

  it("two pulumi up at once: one of them is refused, and names the other", async () => {
    const args = ["up", "--yes", "--skip-preview"];
    // In the same moment both would be refused: each looks for another's lock again when it has written its own.
    const first = stack.pulumi(args, env);
    const locks = join(folder, "backend/.pulumi/locks/organization/multi-client", stack.name);
    await until("the first has its lock", () =>
      Promise.resolve(existsSync(locks) && readdirSync(locks).some((name) => name.endsWith(".json"))),
    );
    const ran = await Promise.all([first, stack.pulumi(args, env)]);
    const refused = ran.filter(({ code }) => code !== 0);
    assert.equal(refused.length, 1, ran.map(({ output }) => output).join("\n"));
    assert.match(refused[0]?.output ?? "", /currently locked by 1 lock[\s\S]*created by \S+ \(pid \d+\)/);
  });

  it("an engine killed while it wrote about its state: the state is read again, and nothing is lost", async () => {
    const file = join(folder, "backend", ".pulumi", "stacks", "multi-client", `${stack.name}.json.attrs`);
    writeFileSync(file, "");
    const { code, output } = await stack.make("up", env);
    assert.equal(code, 0, output);
    assert.match(output, /it is empty, and removed. The state itself is whole/);
    assert.match(output, /nothing changed/);
  });

  for (const [whose, owner] of [
    ["a process that still works", { pid: process.pid, hostname: hostname() }],
    ["another computer", { pid: 1, hostname: "elsewhere" }],
  ] as const) {
    it(`the lock of ${whose} is explained with its owner, and left`, async () => {
      const at = new Date().toISOString().replace(/\.\d+/, ""); // after its process began, else that were a stranger
      const file = lock(stack, owner, at);
      stack.configure({ services: { server: { scale: { replicas: 2 } } } });
      const { code, output } = await stack.make("up", env);
      assert.notEqual(code, 0);
      assert.match(output, new RegExp(`is locked by ann@${owner.hostname} \\(pid ${owner.pid}\\) at ${at}`));
      assert.match(output, /Only if it is gone for certain[\s\S]*make unlock STACK=/);
      rmSync(file); // throws where somebody broke it
      stack.configure();
    });
  }

  it("an object in the way that is not ours is left alone, and named", async () => {
    let command = 0;
    let inTheWay: Promise<void> | undefined;
    const other = await testStack("not-ours");
    // Somebody else makes the Service in the moment before ours would be, and the engine dies.
    const front = await Front.open(other.name, async ({ method, path, body }, forward) => {
      const isClient = method === "POST" && path.includes("/services?") && body.includes('"name":"client"');
      if (!isClient || path.includes("dryRun")) return forward();
      inTheWay ??= create("Service", "client", other.namespace, { spec: { ports: [{ port: 1 }] } });
      await inTheWay;
      process.kill(engineOf(command), "SIGKILL");
      return undefined;
    });
    const there = { KUBECONFIG: front.kubeconfig };
    await other.make("up", there, (pid) => (command = pid));
    front.stepAside();
    const { code, output } = await other.make("up", there);
    assert.notEqual(code, 0);
    assert.match(output, /Service \S+\/client: in the cluster, but not ours; it is left alone/);
    assert.match(output, /services client is in the cluster already, and this stack did not make it/);
    const [{ port }] = (await get("Service", "client", other.namespace))?.spec.ports;
    assert.equal(port, 1);
    await other.drop();
  });
});
