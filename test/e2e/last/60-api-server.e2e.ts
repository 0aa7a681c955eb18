import assert from "node:assert/strict";
import { join } from "node:path";
import { clusterUp } from "../../../sandbox/index.ts";
import { kwokFolder } from "../../../sandbox/kwokctl.ts";
import { running } from "../../../sandbox/processes.ts";
import { dataUids, get, list, patch, podUids, rolled, until } from "../cluster.ts";
import { failing, settled } from "../day-two.ts";
import { testStack, type TestStack } from "../stack.ts";
import { kubeconfig } from "../world.ts";

const clusterFolder = () => join(kwokFolder(), "clusters", "multi-client");

/** Ends the API server of this run's own cluster. */
async function stopApiServer(): Promise<void> {
  const pid = running(clusterFolder()).get("kube-apiserver");
  assert.ok(pid !== undefined, "the API server runs");
  process.kill(pid, "SIGTERM");
  await until("the API server is gone", () =>
    Promise.resolve(!running(clusterFolder()).has("kube-apiserver")),
  );
}
const startApiServer = () => clusterUp({ kubeconfig, log: () => undefined });

describe("an API server that goes away", () => {
  let stack: TestStack;
  before(async () => {
    stack = await testStack("api-server", { rollout: { timeoutSeconds: 120 } });
    await stack.up();
  });
  after(() => stack.destroy());

  it("at the start is named, and nothing is changed", async () => {
    const before = [await podUids(stack.namespace), await dataUids(stack.namespace)];
    await stopApiServer();
    try {
      stack.configure({ images: { worker: "example.test/worker:9" } });
      for (const target of ["up", "preview", "status"]) {
        const output = await failing(stack.make(target));
        assert.match(
          output,
          /\nThe API server of context kwok-multi-client does not answer: .*ECONNREFUSED/,
          target,
        );
      }
    } finally {
      await startApiServer();
    }
    stack.configure();
    assert.deepEqual([await podUids(stack.namespace), await dataUids(stack.namespace)], before);
    await settled(stack);
  });

  it("while a rollout is awaited only makes it later", async () => {
    const [before, data] = [await podUids(stack.namespace), await dataUids(stack.namespace)];
    const nodes = (await list("Node", "")).map(({ metadata }) => String(metadata.name));
    const schedulable = async (yes: boolean) => {
      for (const node of nodes) await patch("Node", node, "", { spec: { unschedulable: !yes } });
    };
    await schedulable(false);
    stack.configure({ images: { worker: "example.test/worker:3" } });
    const up = stack.make("up");
    await until("the rollout has begun", async () => {
      const { spec, status } = (await get("Deployment", "worker", stack.namespace)) ?? {};
      return (
        spec.template.spec.containers[0].image === "docker.io/example.test/worker:3" ||
        status.unavailableReplicas > 0
      );
    });
    await stopApiServer();
    await startApiServer();
    await schedulable(true);
    const { code, output } = await up;
    assert.equal(code, 0, output);
    await until("the old pod is gone", async () => (await podUids(stack.namespace)).worker?.length === 1);
    assert.deepEqual(rolled(before, await podUids(stack.namespace)), ["worker"]);
    assert.deepEqual(await dataUids(stack.namespace), data);
    await settled(stack);
  });
});
