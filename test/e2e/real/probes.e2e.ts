import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { get, list, until, type Loose } from "../cluster.ts";
import { areReady, editContainer, isReady, podsOf, processesOf } from "../pods.ts";
import { measured, openStack, restarts, Traffic, works, type OpenStack } from "../traffic.ts";

describe("probes that fail", () => {
  let open: OpenStack;
  const servers = () => podsOf(open.stack.namespace, "server");

  before(async () => {
    open = await openStack("probes", { services: { server: { scale: { replicas: 2 } } } });
    await open.stack.up();
    await works(open.ask);
  });
  after(() => open.stack.drop());

  it("a server that hangs gets no requests; the other one answers all, until it goes on", async function () {
    const [first] = await servers();
    const hanging = first?.metadata.name as string;
    const processes = [...processesOf(first ?? {}).values()].flat();
    if (processes.length === 0) {
      measured("the node's processes are not on this computer, so that none can be halted");
      this.skip();
    }
    const begin = Date.now();
    const isTakingRequests = async () =>
      (await servers()).filter(isReady).map(({ metadata }) => metadata.name);
    try {
      // Its port still takes connections: only the readiness probe, which wants an answer, tells.
      for (const pid of processes) process.kill(pid, "SIGSTOP");
      await until("it is not ready", async () => !(await isTakingRequests()).includes(hanging), 90);
      measured(`hangs, and is out of the Service after ${((Date.now() - begin) / 1000).toFixed(1)} s`);
      await until("one address is left", async () => {
        const endpoints = await get("Endpoints", "server", open.stack.namespace);
        const subsets = (endpoints?.subsets ?? []) as { addresses?: unknown[] }[];
        return subsets.flatMap(({ addresses = [] }) => addresses).length === 1;
      });
      await sleep(5000); // kube-proxy hears of it
      const traffic = new Traffic(open.url);
      await sleep(5000);
      const { asked, failed } = await traffic.stop();
      measured(`${asked - failed.length} of ${asked} requests answered by the other one`);
      assert.deepEqual(failed, []);
      assert.ok(asked >= 50, `only ${asked} requests`);
      assert.equal((await isTakingRequests()).length, 1);
    } finally {
      for (const pid of processes) process.kill(pid, "SIGCONT");
    }
    await until("it is ready again", async () => (await isTakingRequests()).includes(hanging), 90);
    assert.equal(restarts(await servers()), 0);
  });

  it("a server whose liveness probe fails is started again", async () => {
    const { namespace } = open.stack;
    const mend = await editContainer(namespace, "Deployment", "server", (container) => {
      container.livenessProbe = { tcpSocket: { port: 3999 }, periodSeconds: 2, failureThreshold: 3 };
    });
    const begin = Date.now();
    const restarted = await until(
      "a container of the server is started again",
      async () => (await servers()).find((pod) => restarts([pod]) > 0),
      180,
    );
    measured(`started again ${((Date.now() - begin) / 1000).toFixed(1)} s after the change`);
    const said = (await list("Event", namespace))
      .filter(({ involvedObject }: Loose) => involvedObject.uid === restarted.metadata.uid)
      .map(({ reason, message }: Loose) => `${String(reason)}: ${String(message)}`);
    assert.ok(
      said.some((line) => line.startsWith("Unhealthy: Liveness probe failed")),
      said.join("\n"),
    );
    assert.ok(
      said.some((line) => /^Killing: .*failed liveness probe/.test(line)),
      said.join("\n"),
    );
    await mend();
    await until(
      "two sound servers",
      async () => {
        const now = await servers();
        return now.length === 2 && areReady(now) && restarts(now) === 0;
      },
      180,
    );
    await works(open.ask);
  });
});
