import assert from "node:assert/strict";
import { apiPath } from "../../../system/api-path.ts";
import { counted } from "../changes.ts";
import { api, dataUids, get, kindOf, list, podUids, rolled, until } from "../cluster.ts";
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

  it("values edited by hand, or by another tool, are shown by make preview, and put back by make up; labels stay", async () => {
    const before = [await spec("Deployment", "server"), await dataUids(stack.namespace)] as const;
    const { image } = before[0].template.spec.containers[0];
    await edit(stack, ["Deployment", "server"], container("server", { image: "example.test/server:hand" }));
    const env = [{ name: "PGDATABASE", value: "other" }];
    await edit(stack, ["Deployment", "server"], container("server", { env }));
    // A local cluster: rollout.takeOver is true.
    await edit(stack, ["Deployment", "worker"], { spec: { replicas: 2 } }, { manager: "some-tool" });
    await edit(stack, ["Service", "server"], { spec: { ports: [{ port: 5000, targetPort: 5001 }] } });
    const ports = [
      { port: 6379, $patch: "delete" },
      { name: "other", port: 6380, targetPort: 6379 },
    ];
    await edit(stack, ["Service", "redis"], { spec: { ports } });
    // No drift: the plan leaves the StatefulSet as it is.
    const others = { labels: { team: "blue" }, annotations: { "example.test/seen": "yes" } };
    const labelled = [
      ["Deployment", "server"],
      ["Service", "server"],
      ["StatefulSet", "postgres"],
    ] as const;
    for (const object of labelled) await edit(stack, object, { metadata: others }, { manager: "someone" });

    const { code, output } = await stack.make("preview");
    assert.equal(code, 0, output);
    assert.match(output, /replicas: 2 => 1/);
    assert.match(output, /image *: "example\.test\/server:hand" => "cygnetops\/multi-server/);
    assert.match(output, /value: "other" => "multi"/);
    assert.match(output, /targetPort: 5001 => 5000/);
    assert.match(output, /^Resources:\n {4}~ 4 to update\n/m);
    assert.match(output, /Deployment worker: some-tool set spec\.replicas; make up sets it back/);
    assert.doesNotMatch(output, /managedFields|resourceVersion/, "only what up would do");

    const up = await stack.make("up");
    assert.equal(up.code, 0, up.output);
    assert.equal((await counted(stack)).update, 4);
    const server = await spec("Deployment", "server");
    assert.deepEqual(server.template.spec.containers[0].env, before[0].template.spec.containers[0].env);
    assert.equal(server.template.spec.containers[0].image, image);
    assert.equal((await spec("Deployment", "worker")).replicas, 1);
    assert.equal((await spec("Service", "server")).ports[0].targetPort, 5000);
    assert.deepEqual(
      (await spec("Service", "redis")).ports.map(({ port }: { port: number }) => port),
      [6379],
    );
    for (const [kind, name] of labelled) {
      const { metadata } = (await get(kind, name, stack.namespace)) ?? {};
      assert.equal(metadata.labels.team, "blue");
      assert.equal(metadata.annotations["example.test/seen"], "yes");
    }
    assert.deepEqual(await dataUids(stack.namespace), before[1]);
    await settled(stack);
  });

  it("elsewhere it is refused: field, holder and the command that takes it over are named", async () => {
    stack.configure({ rollout: { timeoutSeconds: 60, takeOver: false } });
    await stack.must("up", "--yes", "--skip-preview");
    const byScale = { manager: "kubectl", subresource: "scale" };
    await edit(stack, ["Deployment", "worker"], { spec: { replicas: 3 } }, byScale);
    const output = await failing(stack.make("up"));
    assert.match(output, /"kubectl", has set what this one sets: \.spec\.replicas\. It was left alone/);
    assert.match(
      output,
      new RegExp(`config set --path 'multi-client:rollout\\.takeOver' true --stack ${stack.name}`),
    );
    assert.equal((await spec("Deployment", "worker")).replicas, 3);
    await stack.must("config", "set", "--path", "multi-client:rollout.takeOver", "true");
    const up = await stack.make("up");
    assert.equal(up.code, 0, up.output);
    assert.equal((await spec("Deployment", "worker")).replicas, 1);
    stack.configure();
    await settled(stack);
  });

  it("a port and an environment variable added by hand are no drift; make preview names them, and what removes them", async () => {
    const added = { spec: { ports: [{ name: "debug", port: 9229 }] } };
    await edit(stack, ["Service", "server"], added, { manager: "kubectl-patch" });
    const env = [{ name: "HACK", value: "1" }];
    await edit(stack, ["Deployment", "server"], container("server", { env }), { manager: "kubectl-set" });
    const { code, output } = await stack.make("preview");
    assert.equal(code, 0, output);
    assert.match(
      output,
      /Service server: kubectl-patch set spec\.ports\[port=9229,protocol=TCP\]; .*leaves it/,
    );
    assert.match(output, /Deployment server: kubectl-set set spec\.template.*env\[name=HACK\]; .*leaves it/);
    for (const [, kind = "", name = "", patch = ""] of output.matchAll(
      / patch (\w+) (\w+) --type json -p '(.+)'/g,
    )) {
      const path = apiPath(kindOf(kind === "service" ? "Service" : "Deployment"), stack.namespace, name);
      await api().send("PATCH", path, {}, JSON.parse(patch), "application/json-patch+json");
    }
    const after = await stack.make("preview");
    assert.doesNotMatch(after.output, /Set by others/);
    assert.equal((await spec("Service", "server")).ports.length, 1);
    await settled(stack);
  });

  it("the number of pods is the autoscaler's: it is neither shown nor set back", async () => {
    const services = { client: { scale: { min: 2, max: 4, cpu: 70 } } };
    await stack.up({ services });
    const before = await podUids(stack.namespace);
    const byAutoscaler = { manager: "kube-controller-manager", subresource: "scale" };
    await edit(stack, ["Deployment", "client"], { spec: { replicas: 3 } }, byAutoscaler);
    await stack.up({ services, images: { client: "example.test/client:3" } });
    assert.equal((await spec("Deployment", "client")).replicas, 3);
    assert.deepEqual(rolled(before, await podUids(stack.namespace)), ["client"]);
    await settled(stack);
  });

  it("an autoscaler that is taken out of the stack file goes, and the number of pods is the program's again", async () => {
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
  });
});
