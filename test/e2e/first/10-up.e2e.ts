import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { dataUids, get, list, podUids, type Loose } from "../cluster.ts";
import { make } from "../world.ts";

const gitStatus = () => execFileSync("git", ["status", "--porcelain"], { encoding: "utf8" });

describe("the main job: real engine, real API server, simulated nodes", () => {
  const treeBefore = gitStatus();

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
    assert.ok(services.length > 0);
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
});
