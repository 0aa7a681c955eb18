import assert from "node:assert/strict";
import { deployed } from "../changes.ts";
import { get, podUids, until } from "../cluster.ts";
import { settled } from "../day-two.ts";
import { testStack, type TestStack } from "../stack.ts";

describe("the number of pods", () => {
  let stack: TestStack;
  const scale = (settings: Record<string, number>) => {
    stack.configure({ services: { server: { scale: settings } } });
    return deployed(stack);
  };
  const replicas = async () =>
    (await get("Deployment", "server", stack.namespace))?.spec.replicas as number | undefined;
  const pods = async () => (await podUids(stack.namespace)).server ?? [];
  const running = (count: number) =>
    until(`${count} pods`, async () => (await pods()).length === count && (await pods()));

  before(async () => {
    stack = await testStack("scale");
    await stack.up();
  });
  after(() => stack.destroy());
  afterEach(() => settled(stack));

  it("goes up and down: the pods that stay are the same ones", async () => {
    const first = await pods();
    const up = await scale({ replicas: 4 });
    assert.deepEqual(up.plan, [
      "create PodDisruptionBudget server",
      "update Deployment server: metadata, spec",
    ]);
    assert.deepEqual(up.rolled, ["server"]);
    const four = await running(4);
    assert.ok(
      first.every((uid) => four.includes(uid)),
      "the first pod serves on",
    );
    await scale({ replicas: 3 });
    const three = await running(3);
    assert.ok(three.every((uid) => four.includes(uid)));
  });

  it("is kept where an autoscaler takes over, and then is the autoscaler's", async () => {
    const three = await running(3);
    const { plan, rolled } = await scale({ min: 2, max: 6, cpu: 70 });
    assert.deepEqual(plan, ["create HorizontalPodAutoscaler server"]);
    assert.deepEqual([rolled, await replicas(), await pods()], [[], 3, three]);
    await settled(stack);
    // Its controller is real: more than there are, whatever the CPU does.
    const more = await scale({ min: 4, max: 6, cpu: 70 });
    assert.deepEqual(more.plan, ["update HorizontalPodAutoscaler server: spec"]);
    await until("the autoscaler has acted", async () => (await replicas()) === 4);
    await running(4);
  });

  it("under an autoscaler outlives another change of the Deployment", async () => {
    stack.configure({
      services: {
        server: { scale: { min: 4, max: 6, cpu: 70 }, resources: { limits: { memory: "300Mi" } } },
      },
    });
    const { plan } = await deployed(stack);
    assert.deepEqual(plan, ["update Deployment server: spec"]);
    assert.equal(await replicas(), 4);
  });

  it("is taken back from the autoscaler, without a conflict", async () => {
    const { plan } = await scale({ replicas: 5 });
    assert.deepEqual(plan, ["delete HorizontalPodAutoscaler server", "update Deployment server: spec"]);
    assert.equal(await replicas(), 5);
    assert.equal(await get("HorizontalPodAutoscaler", "server", stack.namespace), undefined);
    await running(5);
  });
});
