import assert from "node:assert/strict";
import {
  counted,
  deployed,
  keepingData,
  podUpdates,
  resourceCount,
  ServiceList,
  servicesWith,
} from "../changes.ts";
import { get, list, type Loose } from "../cluster.ts";
import { settled } from "../day-two.ts";
import { testStack, type TestStack } from "../stack.ts";

const digest = `sha256:${"ab".repeat(32)}`;
const images = {
  server: "example.test/server:2",
  client: `example.test/client@${digest}`,
  worker: `example.test/worker:3@${digest}`,
};

describe("a new version of a service", () => {
  let stack: TestStack;
  let services: ServiceList;
  const change = () => keepingData(stack, () => deployed(stack));
  const imagesOf = async (service: string) =>
    (await list("Pod", stack.namespace))
      .filter(({ metadata }) => metadata.labels.component === service && !metadata.deletionTimestamp)
      .map(({ spec }) => spec.containers[0].image as string);

  before(async () => {
    stack = await testStack("versions");
    services = new ServiceList(stack);
    await stack.up();
  });
  after(() => stack.drop());
  afterEach(() => settled(stack));

  it("on another port is reached by everyone there: Service, probes, environment and nginx agree", async () => {
    const before = await Promise.all(
      ["server", "redis"].map((name) => get("Service", name, stack.namespace)),
    );
    services.edit(["port: 5000,", "port: 5001,"], ["port: 6379,", "port: 6380,"]);
    const { plan, rolled } = await change();
    const told = servicesWith({ port: "redis" }, { port: "server" }, { upstream: "server" });
    const changed = [...new Set(["redis", "server", ...told])].sort();
    const policies = [...new Set(["redis", "server", ...told])];
    const expected = [
      "replace ConfigMap client-nginx: data",
      "update Service redis: spec",
      "update Service redis-headless: spec",
      "update Service server: spec",
      // Who uses them, and they themselves, at the new ports.
      ...policies.map((key) => `update NetworkPolicy ${key}: spec`),
      ...podUpdates(changed),
    ];
    assert.deepEqual(plan, expected.sort());
    assert.deepEqual(rolled, changed);
    for (const [index, [name, port]] of (
      [
        ["server", 5001],
        ["redis", 6380],
      ] as const
    ).entries()) {
      const { metadata, spec } = (await get("Service", name, stack.namespace)) ?? {};
      assert.deepEqual(
        [metadata.uid, spec.clusterIP, spec.ports[0].port],
        [before[index]?.metadata.uid, before[index]?.spec.clusterIP, port],
      );
      const endpoints = await get("Endpoints", name, stack.namespace);
      assert.deepEqual(
        endpoints?.subsets.map((subset: Loose) => subset.ports[0].port),
        [port],
      );
    }
    const { containers } = (await get("Deployment", "server", stack.namespace))?.spec.template.spec ?? {};
    const { env, readinessProbe, livenessProbe } = (containers as Loose[])[0] ?? {};
    assert.deepEqual([readinessProbe.httpGet.port, livenessProbe.tcpSocket.port], [5001, 5001]);
    assert.equal((env as Loose[]).find(({ name }) => name === "REDIS_PORT")?.value, "6380");
    const [nginx] = (await list("ConfigMap", stack.namespace)).filter(({ metadata }) =>
      metadata.name.startsWith("client-nginx-"),
    );
    assert.match(nginx?.data["default.conf"] as string, /server:5001/);
  });

  it("by tag, by digest and by both rolls the pods of each, and no others", async () => {
    stack.configure({ images });
    const { plan, rolled } = await change();
    const keys = Object.keys(images).sort();
    assert.deepEqual(plan, podUpdates(keys));
    assert.deepEqual(await counted(stack), { update: 3, same: resourceCount - 3 });
    assert.deepEqual(rolled, keys);
    for (const [service, image] of Object.entries(images)) assert.deepEqual(await imagesOf(service), [image]);
  });

  it("of the database rolls it on its claims, and the server, which waits with its tools", async () => {
    stack.configure({ images: { ...images, postgres: `postgres:17.11-alpine@${digest}` } });
    const { plan, rolled } = await change();
    const changed = ["postgres", ...servicesWith({ imageOf: "postgres" })].sort();
    assert.deepEqual(plan, podUpdates(changed));
    assert.deepEqual(rolled, changed);
  });
});
