import assert from "node:assert/strict";
import { serviceKeys } from "../changes.ts";
import { get, list, patch, remove, until, type Loose } from "../cluster.ts";
import { editContainer, podsOf, replacePods } from "../pods.ts";
import { itSince } from "../plugin-version.ts";
import { images, quickEnds, testStack, type TestStack } from "../stack.ts";
import { value } from "../../../system/folders.ts";

/** Server images whose driver cannot log in: `FAULTY_SERVERS="registry/server:old ..."`, with what fails on each. */
const faulty = (value(process.env.FAULTY_SERVERS) ?? "").split(/[\s,]+/).filter(Boolean);

/** Numbers of the assertions that `make smoke` says failed; its exit code must agree. */
async function failing(stack: TestStack, env: NodeJS.ProcessEnv = {}): Promise<number[]> {
  const { code, output } = await stack.make("smoke", env);
  const numbers = [...output.matchAll(/^ {2}FAILED {2}(\d+) /gm)].map(([, number]) => Number(number));
  assert.match(output, new RegExp(`^\\d+ passed, ${numbers.length} failed$`, "m"), output);
  assert.equal(code !== 0, numbers.length > 0, output);
  const warnings = [...output.matchAll(/^ {2}warning \d+ /gm)].length;
  assert.equal([...output.matchAll(/^ +see: +kubectl /gm)].length, numbers.length + warnings, output);
  return numbers;
}

describe("the application in real containers", () => {
  let stack: TestStack;
  const reading = { WRITE: "0" };
  /** What is broken for good shows in seconds; a good application has the time that users give it. */
  const impatient = { MULTI_CLIENT_SMOKE_SECONDS: "8" };
  const pods = (component: string) => podsOf(stack.namespace, component);
  const restart = (...services: readonly string[]) => replacePods(stack.namespace, services);
  /** What the server sends to a redis that went is lost, and nothing of ours can repeat it: a later row counts. */
  const recovers = () =>
    until(
      "all assertions hold again",
      async () => (await failing(stack, { MULTI_CLIENT_SMOKE_SECONDS: "15" })).length === 0,
      180,
    );
  before(async () => {
    stack = await testStack("smoke");
    quickEnds(stack);
    await stack.up();
  });
  after(() => stack.drop());

  it("all assertions hold on a good stack, through a port-forward", async () => {
    assert.deepEqual(await failing(stack), []);
  });

  it("the row outlives the pod of postgres, and the value the pod of redis", async () => {
    await restart("postgres");
    await restart("redis");
    const { output } = await stack.make("smoke", { ...reading, JSON: "1" });
    assert.match(output, /"failed": 0/);
    await recovers();
  });

  it("started all at once, in whatever order, nobody has to restart anything", async () => {
    await restart(...serviceKeys);
    for (const component of serviceKeys) {
      for (const { status, metadata } of await pods(component))
        for (const { restartCount } of status.containerStatuses as { restartCount: number }[])
          assert.equal(restartCount, 0, metadata.name as string);
    }
    assert.deepEqual(await failing(stack, reading), []);
    await recovers();
  });

  it("without its network policies: it warns of the connection that they forbid, and the next make up cuts it", async () => {
    const smoked = async () => (await stack.make("smoke", reading)).output;
    assert.match(await smoked(), /^ {2}ok {6}9 {2}worker cannot connect to postgres/m);
    const policies = await list("NetworkPolicy", stack.namespace);
    for (const { metadata } of policies)
      await remove("NetworkPolicy", String(metadata.name), stack.namespace);
    const { code, output } = await stack.make("smoke", reading);
    assert.equal(code, 0, output);
    assert.match(output, /^ {2}warning 9 [\s\S]*got: +postgres answers: network policies are not enforced$/m);
    const again = await stack.make("up");
    assert.equal(again.code, 0, again.output);
    assert.equal((await list("NetworkPolicy", stack.namespace)).length, policies.length);
    assert.match(await smoked(), /^ {2}ok {6}9 /m);
  });

  // With enablePatchForce of the provider, which local clusters have: rollout.takeOver.
  itSince(
    "4.29.0",
    "no worker: it says that nothing was computed, and the next make up brings it back",
    async () => {
      // As kubectl edit does: what is changed so is ours again with the next update.
      await patch("Deployment", "worker", stack.namespace, { spec: { replicas: 0 } }, "", "kubectl-edit");
      await until("no worker", async () => (await pods("worker")).length === 0, 60);
      assert.deepEqual(await failing(stack, impatient), [5]);
      const { code, output } = await stack.make("up");
      assert.equal(code, 0, output);
      assert.deepEqual(await failing(stack), []);
    },
  );

  it("redis on a read-only directory: it says that the value is not stored", async () => {
    const mend = await editContainer(stack.namespace, "StatefulSet", "redis", (container) => {
      for (const mount of container.volumeMounts as Loose[]) mount.readOnly = true;
    });
    await remove("Pod", "redis-0", stack.namespace);
    await until(
      "redis with a read-only directory",
      async () =>
        ((await pods("redis"))[0]?.spec.containers[0].volumeMounts as Loose[] | undefined)?.every(
          ({ readOnly }) => readOnly === true,
        ),
      120,
    );
    // Within that time a redis that can write would be back.
    const failed = await failing(stack, { MULTI_CLIENT_SMOKE_SECONDS: "30" });
    assert.ok(failed.includes(5) && !failed.includes(1) && !failed.includes(2), failed.join());
    await mend();
    await restart("redis");
    await recovers();
  });

  it("nginx without the proxy: it names /api, and the next make up brings the configuration back", async () => {
    const maps = await list("ConfigMap", stack.namespace);
    const nginx = maps.find(({ metadata }) => (metadata.name as string).startsWith("client-nginx-"));
    const text = String(nginx?.data["default.conf"]).replace("location /api/ {", "location /nowhere/ {");
    await patch("ConfigMap", nginx?.metadata.name as string, stack.namespace, {
      data: { "default.conf": text },
    });
    await restart("client");
    assert.deepEqual(await failing(stack, reading), [2, 3, 7]);
    const { code, output } = await stack.make("up");
    assert.equal(code, 0, output);
    assert.deepEqual(await failing(stack, reading), []);
  });

  it("a wrong targetPort: nothing answers", async () => {
    const ports = (await get("Service", "client", stack.namespace))?.spec.ports as Loose[];
    const set = (all: Loose[]) => patch("Service", "client", stack.namespace, { spec: { ports: all } });
    await set(ports.map((port) => ({ ...port, targetPort: 3999 })));
    assert.deepEqual(await failing(stack, reading), [1, 2, 3, 7, 8]);
    await set(ports);
    assert.deepEqual(await failing(stack, reading), []);
  });

  for (const image of faulty) {
    it(`a server that cannot log in to postgres (${image}): up and smoke say so, the good image recovers`, async () => {
      const own = await testStack(`smoke-${String(faulty.indexOf(image))}`);
      quickEnds(own);
      try {
        own.configure({ images: { ...images, server: image }, rollout: { timeoutSeconds: 60 } });
        const { code, output } = await own.make("up");
        const failed = await failing(own, impatient);
        for (const number of [3, 6])
          assert.ok(failed.includes(number), `${number} of ${failed.join()}: ${output}`);
        own.configure();
        const again = await own.make("up");
        assert.equal(again.code, 0, `${code}: ${again.output}`);
        assert.deepEqual(await failing(own), []);
      } finally {
        await own.drop();
      }
    });
  }
});
