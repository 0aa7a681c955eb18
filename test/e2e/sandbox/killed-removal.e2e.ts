import assert from "node:assert/strict";
import { list } from "../cluster.ts";
import { engineOf, Front } from "../front.ts";
import { open, testStack, type TestStack } from "../stack.ts";

/** A removal that is over: the namespace is gone, and the stack with it. */
async function gone(stack: TestStack): Promise<void> {
  assert.match((await stack.pulumi(["stack", "export"])).output, /no stack named/);
  open.delete(stack);
  const namespaces = await list("Namespace", "");
  assert.ok(!namespaces.some(({ metadata }) => metadata.name === stack.namespace), stack.namespace);
}

describe("an engine killed around a removal", () => {
  it("in the middle of make down: the next one goes on to the end", async () => {
    const stack = await testStack("killed-down");
    let [command, kills] = [0, false];
    const front = await Front.open(stack.name, async ({ method, path }, forward) => {
      if (!kills || method !== "DELETE" || !path.includes("/deployments/worker")) return forward();
      kills = false;
      await forward();
      process.kill(engineOf(command), "SIGKILL");
      return undefined;
    });
    const env = { KUBECONFIG: front.kubeconfig };
    assert.equal((await stack.make("up", env)).code, 0);
    kills = true;
    const killed = await stack.make("down", env, (pid) => (command = pid));
    assert.notEqual(killed.code, 0, killed.output);
    assert.equal(kills, false, "the engine was killed");
    front.stepAside();
    const { code, output } = await stack.make("down", env);
    assert.equal(code, 0, output);
    assert.match(output, /Deployment \S+worker: interrupted while deleting; the next step repeats it/);
    await gone(stack);
  });

  it("in the middle of a first make up: make down takes over what was made, and removes it too", async () => {
    const stack = await testStack("killed-then-down");
    let command = 0;
    const front = await Front.open(stack.name, async ({ method, path }, forward) => {
      const isIt = method === "POST" && path.includes("/namespaces?") && !path.includes("dryRun");
      if (!isIt) return forward();
      await forward();
      process.kill(engineOf(command), "SIGKILL");
      return undefined;
    });
    const env = { KUBECONFIG: front.kubeconfig };
    const killed = await stack.make("up", env, (pid) => (command = pid));
    assert.notEqual(killed.code, 0, killed.output);
    front.stepAside();
    const { code, output } = await stack.make("down", env);
    assert.equal(code, 0, output);
    assert.match(output, /Namespace \S+: in the cluster and ours, so it is taken over/);
    await gone(stack);
  });
});
