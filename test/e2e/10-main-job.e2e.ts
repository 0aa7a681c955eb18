import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { certificate, key } from "../support/tls.ts";
import { dataUids, get, list, password, podUids, type Loose } from "./cluster.ts";
import { context, make, plan, pulumi, stackFile, up, type Sections } from "./world.ts";

const holdsData = /:(Namespace|PersistentVolumeClaim|StatefulSet|Stash)$/;
const gitStatus = () => execFileSync("git", ["status", "--porcelain"], { encoding: "utf8" });
const otherImage = { images: { server: "example.test/server:2" } };

/** uids that differ, by service. */
function replaced(before: Record<string, string[]>, after: Record<string, string[]>): string[] {
  return Object.keys(after)
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .sort();
}

describe("the main job, end to end: real engine, real API server, simulated nodes", function () {
  this.timeout("10m");
  const treeBefore = gitStatus();
  let firstPassword = "";

  it("make up deploys everything until all is Ready, and says that the nodes are simulated", async function () {
    this.timeout("30m"); // builds what cannot be fetched
    const { code, output } = await make("up");
    assert.equal(code, 0, output);
    assert.match(output, /simulated/);
    for (const { metadata, status, spec } of await list("Deployment")) {
      assert.equal(status.availableReplicas, spec.replicas, metadata.name);
    }
    for (const { metadata, status } of await list("StatefulSet"))
      assert.equal(status.readyReplicas, 1, metadata.name);
    for (const { metadata, status } of await list("PersistentVolumeClaim")) {
      assert.equal(status.phase, "Bound", metadata.name);
    }
    firstPassword = await password();
    assert.match(firstPassword, /^[\w-]{32}$/);
  });

  it("the client's Service is 3050:31515/TCP", async () => {
    const { spec } = (await get("Service", "client")) ?? {};
    const [{ port, nodePort, protocol }] = spec.ports;
    assert.equal(`${String(port)}:${String(nodePort)}/${String(protocol)}`, "3050:31515/TCP");
    assert.equal(spec.type, "NodePort");
  });

  it("every Service selects a ready pod that declares its target port", async () => {
    const pods = await list("Pod");
    const services = await list("Service");
    assert.equal(services.length, 6);
    for (const { metadata, spec } of services) {
      const matches = pods.filter((pod) =>
        Object.entries(spec.selector as object).every(([name, value]) => pod.metadata.labels[name] === value),
      );
      assert.ok(matches.length > 0, metadata.name);
      for (const { spec: pod, status } of matches) {
        const ports = pod.containers.flatMap((c: Loose) =>
          (c.ports ?? []).map((p: Loose) => p.containerPort),
        ) as number[];
        assert.ok(ports.includes(spec.ports[0].targetPort as number), metadata.name);
        assert.ok(
          status.conditions.some((c: Loose) => c.type === "Ready" && c.status === "True"),
          metadata.name,
        );
      }
    }
  });

  it("a second make up changes nothing, says so, and leaves the work tree as it was", async () => {
    const before = [await podUids(), await dataUids()];
    const { code, output } = await make("up");
    assert.equal(code, 0, output);
    assert.match(output, /nothing changed/i);
    assert.deepEqual([await podUids(), await dataUids()], before);
    assert.equal(gitStatus(), treeBefore);
  });

  it("preview --refresh --expect-no-changes is clean", async () => {
    const { code, output } = await pulumi(["preview", "--refresh", "--expect-no-changes"]);
    assert.equal(code, 0, output);
  });

  it("a changed image rolls one Deployment and nothing else", async () => {
    const before = [await podUids(), await dataUids()] as const;
    assert.deepEqual(await plan(otherImage), [
      { op: "update", type: "kubernetes:apps/v1:Deployment", name: "server" },
    ]);
    await up(otherImage);
    assert.deepEqual(replaced(before[0], await podUids()), ["server"]);
    assert.deepEqual(await dataUids(), before[1]);
    await up();
  });

  it("a changed nginx configuration rolls the client, and nothing else", async () => {
    const before = [await podUids(), await dataUids(), await list("ConfigMap")] as const;
    const config = stackFile({ exposure: { type: "nodePort", nodePort: 31515, tls: { certificate } } });
    const set = ["config", "set", "--secret", "--path", "multi-client:exposure.tls.key", "--", key];
    const { code, output } = await pulumi(set, { config });
    assert.equal(code, 0, output);
    const ran = await pulumi(["up", "--yes", "--skip-preview"], { config });
    assert.equal(ran.code, 0, ran.output);
    assert.deepEqual(replaced(before[0], await podUids()), ["client"]);
    assert.deepEqual(await dataUids(), before[1]);
    const names = (maps: Loose[]) =>
      maps.map(({ metadata }) => metadata.name).filter((name) => name.startsWith("client-nginx-"));
    assert.equal(names(await list("ConfigMap")).length, 1);
    assert.notDeepEqual(names(await list("ConfigMap")), names(before[2]));
    assert.ok(!ran.output.includes(key.split("\n")[1] ?? "?"));
    await up();
  });

  it("every exposure, and the switch between them, leaves the data and its pods alone", async () => {
    const before = [await podUids(), await dataUids()] as const;
    const types = ["clusterIP", "loadBalancer", "ingress", "nodePort"];
    const found: string[] = [];
    for (const type of types) {
      await up({ exposure: { type } });
      const { spec } = (await get("Service", "client")) ?? {};
      found.push(
        `${type}: ${String(spec.type)} ${String(spec.ports[0].port)}->${String(spec.ports[0].targetPort)}`,
      );
      assert.equal((await list("Ingress")).length, type === "ingress" ? 1 : 0, type);
    }
    assert.deepEqual(found, [
      "clusterIP: ClusterIP 3050->3000",
      "loadBalancer: LoadBalancer 3050->3000",
      "ingress: ClusterIP 3050->3000",
      "nodePort: NodePort 3050->3000",
    ]);
    assert.deepEqual([await podUids(), await dataUids()], before);
  });

  it("no setting plans to replace or delete anything that holds data", async () => {
    const settings: Sections[] = [
      { exposure: { type: "ingress", host: "a.example.com" } },
      { images: { postgres: "example.test/postgres:18", redis: "example.test/redis:9" } },
      { images: { registry: "registry.example.test" } },
      {
        services: {
          postgres: { sidecars: { logger: false, "backup-manager": false } },
          redis: { resources: { limits: { memory: "1Gi" } } },
        },
      },
      { services: { client: { scale: { min: 1, max: 2, cpu: 70 } }, server: { scale: { replicas: 3 } } } },
      { cluster: { provider: "existing", context, local: true, nodeAddress: "127.0.0.1" } },
      {
        cluster: { provider: "existing", context, local: false },
        exposure: { type: "clusterIP" },
        images: undefined,
      },
    ];
    for (const sections of settings) {
      const steps = await plan(sections);
      assert.ok(steps.length > 0 || "nodeAddress" in (sections.cluster as object), JSON.stringify(sections));
      const harm = steps.filter(({ op, type }) => /delete|replace/.test(op) && holdsData.test(type));
      assert.deepEqual(harm, [], JSON.stringify(sections));
    }
  });

  it("the password is still the first one", async () => {
    assert.equal(await password(), firstPassword);
  });
});
