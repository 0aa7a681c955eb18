import assert from "node:assert/strict";
import { certificate, key } from "../../support/tls.ts";
import { dataUids, get, list, password, podUids, rolled, type Loose } from "../cluster.ts";
import { images, quickEnds, testStack, type Sections, type TestStack } from "../stack.ts";
import { context } from "../world.ts";

const holdsData = /:(Namespace|PersistentVolumeClaim|StatefulSet|Stash)$/;
const otherImage = { images: { ...images, server: "example.test/server:2" } };

describe("changes of a running stack", () => {
  let stack: TestStack;
  let firstPassword = "";
  const seen = async () => [await podUids(stack.namespace), await dataUids(stack.namespace)] as const;

  before(async () => {
    stack = await testStack("rollouts");
    quickEnds(stack);
    await stack.up();
    firstPassword = await password(stack.namespace);
    assert.match(firstPassword, /^[\w-]{32}$/);
  });
  after(() => stack.destroy());

  it("every exposure, and the switch between them, leaves the data and its pods alone", async () => {
    const before = await seen();
    const found: string[] = [];
    for (const exposure of [
      { type: "nodePort", nodePort: 31999 },
      { type: "loadBalancer" },
      { type: "ingress" },
      { type: "clusterIP" },
    ]) {
      await stack.up({ exposure });
      const { spec } = (await get("Service", "client", stack.namespace)) ?? {};
      const [{ port, targetPort, nodePort }] = spec.ports;
      const outside = exposure.type === "nodePort" ? ` from ${String(nodePort)}` : "";
      found.push(`${exposure.type}: ${String(spec.type)} ${String(port)}->${String(targetPort)}${outside}`);
      const ingresses = (await list("Ingress", stack.namespace)).length;
      assert.equal(ingresses, exposure.type === "ingress" ? 1 : 0, exposure.type);
    }
    assert.deepEqual(found, [
      "nodePort: NodePort 3050->3000 from 31999",
      "loadBalancer: LoadBalancer 3050->3000",
      "ingress: ClusterIP 3050->3000",
      "clusterIP: ClusterIP 3050->3000",
    ]);
    assert.deepEqual(await seen(), before);
  });

  it("a changed image is a plan for one Deployment and nothing else", async () => {
    assert.deepEqual(await stack.plan(otherImage), [
      { op: "update", type: "kubernetes:apps/v1:Deployment", name: "server" },
    ]);
  });

  it("no setting plans to replace or delete anything that holds data", async () => {
    // All at once: a plan has every replacement that a part of its settings forces.
    const settings: Sections[] = [
      {
        cluster: { provider: "existing", context, local: true, nodeAddress: "127.0.0.1" },
        exposure: { type: "ingress", host: "a.example.com" },
        images: { postgres: "example.test/postgres:18", redis: "example.test/redis:9" },
        services: {
          client: { scale: { min: 1, max: 2, cpu: 70 } },
          server: { scale: { replicas: 3 } },
          redis: { resources: { limits: { memory: "1Gi" } } },
          postgres: { sidecars: { logger: false, "backup-manager": false } },
        },
      },
      {
        cluster: { provider: "existing", context, local: false },
        images: { registry: "registry.example.test" },
      },
    ];
    for (const sections of settings) {
      const steps = await stack.plan(sections);
      assert.ok(steps.length > 0, JSON.stringify(sections));
      for (const service of Object.keys(sections.services ?? {}))
        assert.ok(
          steps.some(({ name }) => name === service),
          service,
        );
      const harm = steps.filter(({ op, type }) => /delete|replace/.test(op) && holdsData.test(type));
      assert.deepEqual(harm, [], JSON.stringify(sections));
    }
  });

  it("a changed nginx configuration rolls the client, and nothing else", async () => {
    const before = [...(await seen()), await list("ConfigMap", stack.namespace)] as const;
    stack.configure({ exposure: { type: "clusterIP", tls: { certificate } } });
    await stack.must("config", "set", "--secret", "--path", "multi-client:exposure.tls.key", "--", key);
    const ran = await stack.must("up", "--yes", "--skip-preview");
    assert.deepEqual(rolled(before[0], await podUids(stack.namespace)), ["client"]);
    assert.deepEqual(await dataUids(stack.namespace), before[1]);
    const names = (maps: readonly Loose[]) =>
      maps.map(({ metadata }) => metadata.name as string).filter((name) => name.startsWith("client-nginx-"));
    const now = names(await list("ConfigMap", stack.namespace));
    assert.equal(now.length, 1);
    assert.notDeepEqual(now, names(before[2]));
    assert.ok(!ran.output.includes(key.split("\n")[1] ?? "?"));
  });

  it("the password is still the first one", async () => {
    await stack.up();
    assert.equal(await password(stack.namespace), firstPassword);
  });
});
