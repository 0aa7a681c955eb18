import assert from "node:assert/strict";
import { services as list } from "../../../services.ts";
import { deployed, keepingData, ServiceList } from "../changes.ts";
import { get, type Loose } from "../cluster.ts";
import { settled } from "../day-two.ts";
import { testStack, type TestStack } from "../stack.ts";

/** One more variable of the server. */
const debug = ['PGHOST: { host: "postgres" }', 'PGHOST: { host: "postgres" }, LOG_LEVEL: "debug"'] as const;
const container = (workload: Loose | undefined): Loose => workload?.spec.template.spec.containers[0] as Loose;

describe("one changed value", () => {
  let stack: TestStack;
  let services: ServiceList;
  const change = () => keepingData(stack, () => deployed(stack));
  const deployment = (name: string) => get("Deployment", name, stack.namespace);

  before(async () => {
    stack = await testStack("settings");
    services = new ServiceList(stack);
    await stack.up();
  });
  after(() => stack.drop());
  afterEach(() => settled(stack));

  it("of the environment, or of the resources, rolls the one service that has it with just that changed", async () => {
    services.edit(debug);
    // Redis rolls by its one pod, on its claim.
    stack.configure({ services: { redis: { resources: { limits: { memory: "192Mi" } } } } });
    const { plan, rolled } = await change();
    assert.deepEqual(plan, ["update Deployment server: spec", "update StatefulSet redis: spec"]);
    assert.deepEqual(rolled, ["redis", "server"]);
    const { env } = container(await deployment("server"));
    assert.equal((env as Loose[]).find(({ name }) => name === "LOG_LEVEL")?.value, "debug");
    assert.deepEqual(container(await get("StatefulSet", "redis", stack.namespace)).resources, {
      requests: list.redis.resources.requests,
      limits: { ...list.redis.resources.limits, memory: "192Mi" },
    });
  });

  it("of the container's port is followed by probes and nginx, and by nobody who uses the Service", async () => {
    const before = await get("Service", "client", stack.namespace);
    services.edit(debug, ["port: 3000,", "port: 3001,"]);
    stack.configure();
    const { plan, rolled } = await change();
    // The memory of the case before goes back with it.
    assert.deepEqual(plan, [
      "replace ConfigMap client-nginx: data",
      "update Deployment client: spec",
      "update Service client: spec",
      "update StatefulSet redis: spec",
    ]);
    assert.deepEqual(rolled, ["client", "redis"]);
    const { ports, startupProbe, readinessProbe, livenessProbe } = container(await deployment("client"));
    assert.deepEqual(
      [
        ports[0].containerPort,
        startupProbe.tcpSocket.port,
        readinessProbe.httpGet.port,
        livenessProbe.tcpSocket.port,
      ],
      [3001, 3001, 3001, 3001],
    );
    const after = await get("Service", "client", stack.namespace);
    assert.deepEqual(
      after?.spec.ports.map((port: Loose) => [port.port, port.targetPort]),
      [[3050, 3001]],
    );
    assert.equal(after.spec.clusterIP, before?.spec.clusterIP);
    assert.equal(after.metadata.uid, before?.metadata.uid);
    const endpoints = await get("Endpoints", "client", stack.namespace);
    assert.deepEqual(
      endpoints?.subsets.map((subset: Loose) => subset.ports[0].port),
      [3001],
    );
  });
});
