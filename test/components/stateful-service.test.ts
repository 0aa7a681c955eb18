import assert from "node:assert/strict";
import { StatefulService, type StatefulServiceArgs } from "../../components/stateful-service.ts";
import type { Recorded } from "../../render/recorder.ts";
import { only, recordComponents, spec } from "../support/pulumi.ts";

const base: StatefulServiceArgs = {
  namespace: "ns",
  container: { image: "redis:8", port: 6379, resources: {}, writable: ["/tmp"] },
  user: 999,
  group: 1000,
  gracePeriodSeconds: 30,
  storage: { size: "1Gi", mountPath: "/data" },
  protect: true,
};
const statefulSet = "kubernetes:apps/v1:StatefulSet";
const service = "kubernetes:core/v1:Service";
const claim = "kubernetes:core/v1:PersistentVolumeClaim";

function make(change: Partial<StatefulServiceArgs> = {}): Promise<Recorded[]> {
  return recordComponents((provider) => new StatefulService("redis", { ...base, ...change }, { provider }));
}

describe("StatefulService", () => {
  it("is one pod with a headless Service and one for clients", async () => {
    const seen = await make();
    const { replicas, serviceName, selector } = spec(only(seen, statefulSet));
    assert.deepEqual([replicas, serviceName], [1, "redis-headless"]);
    assert.deepEqual(selector, { matchLabels: { component: "redis" } });
    assert.equal(spec(only(seen, service, "redis-headless")).clusterIP, "None");
    assert.equal(spec(only(seen, service, "redis")).type, "ClusterIP");
    for (const name of ["redis", "redis-headless"]) {
      assert.deepEqual(spec(only(seen, service, name)).selector, {
        component: "redis",
        "app.kubernetes.io/part-of": "multi-client",
      });
    }
  });

  it("sets no field of a StatefulSet whose change would replace it", async () => {
    const set = spec(only(await make(), statefulSet));
    assert.deepEqual(Object.keys(set as object).sort(), ["replicas", "selector", "serviceName", "template"]);
  });

  it("keeps its data on a claim of its own, which the pod mounts by name", async () => {
    const seen = await make({ storageClassName: "fast" });
    assert.deepEqual(spec(only(seen, claim)), {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "1Gi" } },
      storageClassName: "fast",
    });
    const { volumes, containers, securityContext } = spec(only(seen, statefulSet)).template.spec;
    assert.deepEqual(volumes, [
      { name: "tmp", emptyDir: {} },
      { name: "redis-data", persistentVolumeClaim: { claimName: "redis-data" } },
    ]);
    assert.deepEqual(containers[0].volumeMounts[1], { name: "redis-data", mountPath: "/data" });
    assert.equal(securityContext.fsGroup, 1000);
  });

  it("leaves the storage class to the cluster by default", async () => {
    assert.ok(!("storageClassName" in spec(only(await make(), claim))));
  });

  it("protects the claim and the StatefulSet, and nothing else", async () => {
    const held = (await make()).filter(({ protect }) => protect).map(({ type }) => type);
    assert.deepEqual(held.sort(), [statefulSet, claim]);
    assert.deepEqual(
      (await make({ protect: false })).filter(({ protect }) => protect),
      [],
    );
  });

  it("keeps the name of a claim, and retains the claim when the service is deleted", async () => {
    const [set, held] = [only(await make(), statefulSet), only(await make(), claim)];
    assert.equal(held.retainOnDelete, true);
    assert.deepEqual(held.ignoreChanges, [
      "metadata.name",
      "spec.accessModes",
      "spec.selector",
      "spec.storageClassName",
      "spec.volumeName",
    ]);
    assert.deepEqual([set.retainOnDelete, set.ignoreChanges], [false, []]);
  });

  it("replaces the StatefulSet of a service that was renamed, and protects its claim even then", async () => {
    const held = (await make({ renamed: true })).filter(({ protect }) => protect).map(({ type }) => type);
    assert.deepEqual(held, [claim]);
  });

  it("runs sidecars in the same pod, with a claim where one has storage", async () => {
    const seen = await make({
      sidecars: [
        {
          enabled: true,
          container: { name: "logger", image: "redis:8", resources: {}, writable: ["/tmp", "/logs"] },
        },
        {
          enabled: true,
          container: { name: "backup", image: "redis:8", resources: {} },
          storage: { size: "2Gi", mountPath: "/b" },
        },
      ],
    });
    const { containers, volumes } = spec(only(seen, statefulSet)).template.spec;
    assert.deepEqual(
      containers.map((c: { name: string }) => c.name),
      ["redis", "logger", "backup"],
    );
    assert.deepEqual(containers[2].volumeMounts, [{ name: "redis-backup", mountPath: "/b" }]);
    assert.deepEqual(
      volumes.map((v: { name: string }) => v.name),
      ["tmp", "logs", "redis-data", "redis-backup"],
    );
    const backup = only(seen, claim, "redis-backup");
    assert.equal(spec(backup).resources.requests.storage, "2Gi");
    assert.equal(backup.protect, true);
  });
});
