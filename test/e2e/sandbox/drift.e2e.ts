import assert from "node:assert/strict";
import { dataUids, get, list, podUids, rolled, until } from "../cluster.ts";
import { edit, failing, settled } from "../day-two.ts";
import { testStack, type TestStack } from "../stack.ts";

const container = (name: string, change: object) => ({
  spec: { template: { spec: { containers: [{ name, ...change }] } } },
});

describe("what others change in the cluster", () => {
  let stack: TestStack;
  const spec = async (kind: string, name: string) => (await get(kind, name, stack.namespace))?.spec;

  before(async () => {
    stack = await testStack("drift", { rollout: { timeoutSeconds: 60 } });
    await stack.up();
  });
  after(() => stack.destroy());

  it("values edited by hand are shown by make preview, and put back by make up", async () => {
    const before = [await spec("Deployment", "server"), await dataUids(stack.namespace)] as const;
    const { image } = before[0].template.spec.containers[0];
    await edit(stack, ["Deployment", "server"], container("server", { image: "example.test/server:hand" }));
    const env = [{ name: "PGDATABASE", value: "other" }];
    await edit(stack, ["Deployment", "server"], container("server", { env }));
    await edit(stack, ["Deployment", "worker"], { spec: { replicas: 2 } });
    await edit(stack, ["Service", "server"], { spec: { ports: [{ port: 5000, targetPort: 5001 }] } });

    const { code, output } = await stack.make("preview");
    assert.equal(code, 0, output);
    assert.match(output, /replicas: 2 => 1/);
    assert.match(output, /image *: "example\.test\/server:hand" => "cygnetops\/multi-server/);
    assert.match(output, /value: "other" => "multi"/);
    assert.match(output, /targetPort: 5001 => 5000/);
    assert.match(output, /^Resources:\n {4}~ 3 to update\n/m);
    assert.doesNotMatch(output, /managedFields|resourceVersion/, "only what up would do");

    const up = await stack.make("up");
    assert.equal(up.code, 0, up.output);
    assert.match(up.output, /^Resources:\n {4}~ 3 updated\n/m);
    const server = await spec("Deployment", "server");
    assert.deepEqual(server.template.spec.containers[0].env, before[0].template.spec.containers[0].env);
    assert.equal(server.template.spec.containers[0].image, image);
    assert.equal((await spec("Deployment", "worker")).replicas, 1);
    assert.equal((await spec("Service", "server")).ports[0].targetPort, 5000);
    assert.deepEqual(await dataUids(stack.namespace), before[1]);
    await settled(stack);
  });

  it("a label or an annotation that someone added is no drift, and stays", async () => {
    const others = { labels: { team: "blue" }, annotations: { "example.test/seen": "yes" } };
    for (const object of [
      ["Deployment", "client"],
      ["Service", "redis"],
      ["StatefulSet", "postgres"],
    ] as const)
      await edit(stack, object, { metadata: others }, { manager: "someone" });
    await settled(stack);
    await stack.up({ images: { client: "example.test/client:2" } });
    const { metadata } = (await get("Deployment", "client", stack.namespace)) ?? {};
    assert.equal(metadata.labels.team, "blue");
    assert.equal(metadata.annotations["example.test/seen"], "yes");
    await stack.up();
    await settled(stack);
  });

  it("a value that another tool took over is not taken back silently: field, holder and way out are named", async () => {
    await edit(stack, ["Deployment", "worker"], { spec: { replicas: 3 } }, { manager: "some-tool" });
    const output = await failing(stack.make("up"));
    assert.match(output, /\.spec\.replicas/);
    assert.match(output, /"some-tool"/);
    assert.match(output, /kubectl edit hands it back/);
    assert.equal((await spec("Deployment", "worker")).replicas, 3);
    await edit(stack, ["Deployment", "worker"], { spec: { replicas: 1 } });
    await settled(stack);
  });

  it("another port of a Service, put in the place of ours by hand, gives way again", async () => {
    const ports = [
      { port: 5000, $patch: "delete" },
      { name: "other", port: 5001, targetPort: 5000 },
    ];
    await edit(stack, ["Service", "server"], { spec: { ports } });
    const up = await stack.make("up");
    assert.equal(up.code, 0, up.output);
    assert.deepEqual(
      (await spec("Service", "server")).ports.map(({ port }: { port: number }) => port),
      [5000],
    );
    await settled(stack);
  });

  it("the number of pods is the autoscaler's: it is neither shown nor set back", async () => {
    const services = { client: { scale: { min: 2, max: 4, cpu: 70 } } };
    await stack.up({ services });
    const before = await podUids(stack.namespace);
    const byAutoscaler = { manager: "kube-controller-manager", subresource: "scale" };
    await edit(stack, ["Deployment", "client"], { spec: { replicas: 3 } }, byAutoscaler);
    await settled(stack);
    await stack.up({ services, images: { client: "example.test/client:3" } });
    assert.equal((await spec("Deployment", "client")).replicas, 3);
    assert.deepEqual(rolled(before, await podUids(stack.namespace)), ["client"]);
    await settled(stack);
  });

  it("an autoscaler that is taken out of the stack file goes, and the number of pods is the program's again", async () => {
    await stack.up({ services: { client: { scale: { min: 2, max: 4, cpu: 70 } } } });
    await until(
      "the autoscaler has set its least number",
      async () => (await spec("Deployment", "client")).replicas >= 2,
    );
    stack.configure({ rollout: { timeoutSeconds: 60 } });
    const preview = await stack.make("preview");
    assert.equal(preview.code, 0, preview.output);
    assert.match(preview.output, /replicas: \d => 1/);
    const up = await stack.make("up");
    assert.equal(up.code, 0, up.output);
    assert.equal((await spec("Deployment", "client")).replicas, 1);
    assert.deepEqual(await list("HorizontalPodAutoscaler", stack.namespace), []);
    const again = await stack.make("up");
    assert.match(again.output, /nothing changed/);
    await settled(stack);
  });
});
