import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { clusterProcesses, clusterUp } from "../../../sandbox/index.ts";
import { clientConfig, readKubeconfig } from "../../../system/client-config.ts";
import { dataUids, get, list, patch, podUids, rolled, until } from "../cluster.ts";
import { failing, settled } from "../day-two.ts";
import { testStack, type TestStack } from "../stack.ts";
import { context, kubeconfig } from "../world.ts";

/** A server that cuts every connection; nothing while another one has the port. */
async function hold(port: number): Promise<Server | undefined> {
  const holder = createServer((socket) => socket.destroy()).listen(port, "127.0.0.1");
  try {
    await once(holder, "listening");
    return holder;
  } catch {
    return undefined;
  }
}

/**
 * Ends the API server of this run's own cluster, and keeps its port from being taken meanwhile; gives what starts it
 * again.
 */
async function stopApiServer(): Promise<() => Promise<void>> {
  const pid = clusterProcesses().get("kube-apiserver");
  const { port } = new URL(clientConfig(readKubeconfig([kubeconfig]), context).server);
  assert.ok(pid !== undefined, "the API server runs");
  process.kill(pid, "SIGKILL");
  await until("the API server is gone", () => Promise.resolve(!clusterProcesses().has("kube-apiserver")));
  const holder = await until("its port is free", () => hold(Number(port)));
  return async () => {
    holder.close();
    await once(holder, "close");
    await clusterUp({ kubeconfig, log: () => undefined });
    await sleep(6000); // the controllers' lease may run out only now, and they end
    await clusterUp({ kubeconfig, log: () => undefined });
  };
}

// Its port accepts, and cuts: a port that refuses is told by `test/e2e/sandbox/refusals.e2e.ts`.
const named =
  /^(The API server of context|Context) sandbox-multi-client (does not answer|cannot be reached)/m;

describe("an API server that goes away", () => {
  let stack: TestStack;
  before(async () => {
    stack = await testStack("api-server", { rollout: { timeoutSeconds: 120 } });
    await stack.up();
  });
  after(() => stack.drop());

  it("at the start is named, and nothing is changed", async () => {
    const before = [await podUids(stack.namespace), await dataUids(stack.namespace)];
    const start = await stopApiServer();
    try {
      stack.configure({ images: { worker: "example.test/worker:9" } });
      for (const target of ["up", "preview", "status"]) {
        const output = await failing(stack.make(target));
        assert.match(output, named, target);
      }
    } finally {
      await start();
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
    const start = await stopApiServer();
    await start();
    await schedulable(true);
    const { code, output } = await up;
    assert.equal(code, 0, output);
    await until("the old pod is gone", async () => (await podUids(stack.namespace)).worker?.length === 1);
    assert.deepEqual(rolled(before, await podUids(stack.namespace)), ["worker"]);
    assert.deepEqual(await dataUids(stack.namespace), data);
    await settled(stack);
  });
});
