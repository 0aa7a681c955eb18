import assert from "node:assert/strict";
import { serviceKeys } from "../changes.ts";
import { podUids, rolled, until } from "../cluster.ts";
import { kill } from "../front.ts";
import { areReady, podsOf, processesOf, replacePods } from "../pods.ts";
import {
  kept,
  measured,
  nextNumber,
  openStack,
  post,
  restarts,
  round,
  Traffic,
  values,
  works,
  type OpenStack,
  type Posted,
} from "../traffic.ts";

/** Services with another limit of memory: their pods roll. */
const otherMemory = (...services: readonly string[]) => ({
  services: Object.fromEntries(
    services.map((service) => [service, { resources: { limits: { memory: "200Mi" } } }]),
  ),
});

describe("pods that go, asked over HTTP", () => {
  let open: OpenStack;
  const hasEnded = (service: string, pods: number) =>
    until(`the old pod of ${service} has ended`, async () => {
      return (await podsOf(open.stack.namespace, service)).length === pods;
    });

  before(async () => {
    open = await openStack("interruptions");
    await open.stack.up();
    await works(open.ask);
  });
  after(() => open.stack.drop());

  it("client and server roll, and every request is answered", async () => {
    const { stack, url } = open;
    const before = await podUids(stack.namespace);
    const traffic = new Traffic(url);
    const roll = async () => {
      await stack.up(otherMemory("client", "server"));
      for (const service of ["client", "server"]) await hasEnded(service, 1);
    };
    await roll().finally(() => traffic.stop());
    const { asked, failed } = await traffic.stop();
    assert.deepEqual(rolled(before, await podUids(stack.namespace)), ["client", "server"]);
    measured(`${asked - failed.length} of ${asked} requests answered`);
    assert.deepEqual(failed, []);
    assert.ok(asked > 100, `only ${asked} requests`);
  });

  it("the worker rolls, and every number that was posted meanwhile has its value", async () => {
    const { stack, ask } = open;
    const before = await podUids(stack.namespace);
    const posted: Posted[] = [];
    const posts: Promise<string | undefined>[] = [];
    const timer = setInterval(() => {
      const number = nextNumber();
      posted.push(number);
      posts.push(
        post(ask, number).then(
          () => undefined,
          (error: unknown) => String(error),
        ),
      );
    }, 250);
    try {
      await stack.up(otherMemory("client", "server", "worker"));
      await hasEnded("worker", 1);
    } finally {
      clearInterval(timer);
    }
    assert.deepEqual((await Promise.all(posts)).filter(Boolean), []);
    assert.deepEqual(rolled(before, await podUids(stack.namespace)), ["worker"]);
    const found = await until("the last number is computed", async () => {
      const now = await values(ask).catch(() => undefined);
      return now?.[posted.at(-1)?.index ?? ""] === posted.at(-1)?.value && now;
    });
    const lost = posted.filter(({ index, value }) => found[index] !== value).map(({ index }) => index);
    measured(`${posted.length - lost.length} of ${posted.length} numbers computed`);
    assert.deepEqual(lost, []);
  });

  for (const service of serviceKeys) {
    it(`the pod of ${service} is killed: the application answers again, with all that it had`, async () => {
      const { stack, ask } = open;
      const keeps = await kept(ask);
      const begin = Date.now();
      let [rounds, failed, answered] = [0, 0, begin];
      const pod = { isBack: false, seconds: "" };
      const secondsSince = (time: number) => ((time - begin) / 1000).toFixed(1);
      const back = replacePods(stack.namespace, [service], 1).finally(() => {
        Object.assign(pod, { isBack: true, seconds: secondsSince(Date.now()) });
      });
      // A connection that began while the address of the pod led nowhere gives up after 127 s (tcp_syn_retries is 6).
      // Also after it is ready once more: what was asked before that says nothing of the new pod.
      for (let last = false; !last;) {
        last = pod.isBack;
        rounds += 1;
        await round(ask).catch(() => {
          [failed, answered, last] = [failed + 1, Date.now(), false];
        });
        assert.ok(Date.now() - begin < 240_000, `${failed} of ${rounds} rounds failed within 240 s`);
      }
      await back;
      measured(
        `${service} killed: its next pod was ready after ${pod.seconds} s, numbers had their values again ` +
          `after ${secondsSince(answered)} s (${rounds} posted, ${failed} without a value)`,
      );
      await keeps();
    });
  }

  it("the processes of all containers are killed: the application answers again, with all that it had", async function () {
    const { stack, ask } = open;
    const everyPod = async () =>
      (await Promise.all(serviceKeys.map((key) => podsOf(stack.namespace, key)))).flat();
    const pods = await everyPod();
    const containers = pods.flatMap((pod) => [...processesOf(pod).values()]);
    if (containers.some((processes) => processes.length === 0)) {
      measured("the node's processes are not on this computer, so that none can be killed");
      this.skip();
    }
    const keeps = await kept(ask);
    const begin = Date.now();
    for (const pid of containers.flat()) kill(pid);
    await until(
      "every container is started again",
      async () => {
        const now = await everyPod();
        return restarts(now) - restarts(pods) >= containers.length && areReady(now);
      },
      180,
    );
    await works(ask);
    const seconds = ((Date.now() - begin) / 1000).toFixed(1);
    measured(`${containers.length} containers killed: answered again after ${seconds} s`);
    measured(await keeps());
  });
});
