import assert from "node:assert/strict";
import { StatelessService, type StatelessServiceArgs } from "../../components/stateless-service.ts";
import type { Recorded } from "../../render/recorder.ts";
import { only, recordComponents, spec } from "../support/pulumi.ts";

const base: StatelessServiceArgs = {
  namespace: "ns",
  container: { image: "server:1", port: 5000, resources: {} },
  user: 1000,
  gracePeriodSeconds: 15,
};
const deployment = "kubernetes:apps/v1:Deployment";
const service = "kubernetes:core/v1:Service";

function make(change: Partial<StatelessServiceArgs> = {}): Promise<Recorded[]> {
  return recordComponents((provider) => new StatelessService("server", { ...base, ...change }, { provider }));
}

describe("StatelessService", () => {
  it("sends traffic to its own pods: selector and target port are those of the pod", async () => {
    const seen = await make();
    const { selector, ports } = spec(only(seen, service));
    const { template, selector: pods } = spec(only(seen, deployment));
    assert.deepEqual(selector, { component: "server", "app.kubernetes.io/part-of": "multi-client" });
    assert.deepEqual(pods.matchLabels, { component: "server" });
    assert.deepEqual({ ...template.metadata.labels, ...selector }, template.metadata.labels);
    assert.deepEqual(ports, [{ name: "port-5000", protocol: "TCP", port: 5000, targetPort: 5000 }]);
    assert.equal(template.spec.containers[0].ports[0].containerPort, 5000);
  });

  it("keeps every recommended label out of the selector", async () => {
    const { selector, template } = spec(only(await make(), deployment));
    assert.deepEqual(Object.keys(selector.matchLabels as object), ["component"]);
    assert.equal(template.metadata.labels["app.kubernetes.io/part-of"], "multi-client");
  });

  it("spreads the pods of one revision across nodes and zones", async () => {
    const apart = (topologyKey: string) => ({
      topologyKey,
      maxSkew: 1,
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: { component: "server" } },
      matchLabelKeys: ["pod-template-hash"],
    });
    const { template } = spec(only(await make(), deployment));
    const zones = apart("topology.kubernetes.io/zone");
    assert.deepEqual(template.spec.topologySpreadConstraints, [apart("kubernetes.io/hostname"), zones]);
    const scaling = spec(only(await make({ awaitsNode: true }), deployment)).template.spec;
    const nodes = {
      ...apart("kubernetes.io/hostname"),
      whenUnsatisfiable: "DoNotSchedule",
      nodeTaintsPolicy: "Honor",
    };
    assert.deepEqual(scaling.topologySpreadConstraints, [nodes, zones]);
  });

  it("creates every object with the provider of its caller", async () => {
    const seen = await make();
    const objects = seen.filter(({ type }) => type.startsWith("kubernetes:"));
    assert.equal(objects.length, 3);
    for (const { provider, parent, name } of objects) {
      assert.match(provider, /::here::here-id$/, name);
      assert.match(parent, /multi-client:app:StatelessService::server$/, name);
    }
  });

  it("has no Service without a port", async () => {
    const seen = await make({ container: { image: "worker:1", resources: {} } });
    assert.equal(seen.filter(({ type }) => type === service).length, 0);
    assert.equal(spec(only(seen, deployment)).template.spec.containers[0].ports, undefined);
  });

  it("may have another port for the Service than for the pod", async () => {
    const { ports } = spec(only(await make({ servicePort: 3050 }), service));
    assert.deepEqual([ports[0].port, ports[0].targetPort], [3050, 5000]);
  });

  it("leaves the number of pods to its autoscaler", async () => {
    const seen = await make({ scale: { min: 2, max: 5, cpu: 60 } });
    assert.ok(!("replicas" in spec(only(seen, deployment))));
    const { minReplicas, maxReplicas, metrics, scaleTargetRef } = spec(
      only(seen, "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"),
    );
    assert.deepEqual([minReplicas, maxReplicas, metrics[0].resource.target.averageUtilization], [2, 5, 60]);
    assert.deepEqual(scaleTargetRef, { apiVersion: "apps/v1", kind: "Deployment", name: "server" });
  });

  it("lets a drain evict one pod at a time, where there may be several", async () => {
    const budget = "kubernetes:policy/v1:PodDisruptionBudget";
    const several = [{ replicas: 2 }, { min: 1, max: 3 }];
    for (const scale of several)
      assert.deepEqual(spec(only(await make({ scale }), budget)), {
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: "AlwaysAllow",
        selector: { matchLabels: { component: "server", "app.kubernetes.io/part-of": "multi-client" } },
      });
    for (const scale of [undefined, { replicas: 1 }, { replicas: 0 }, { min: 1, max: 1 }])
      assert.equal((await make(scale && { scale })).filter(({ type }) => type === budget).length, 0);
  });

  it("takes a fixed number of pods over, and leaves an autoscaler its own", async () => {
    const owned = async (scale?: StatelessServiceArgs["scale"]) => {
      const { inputs, ignoreChanges } = only(await make(scale && { scale }), deployment);
      return [ignoreChanges, (inputs.metadata as { annotations?: unknown }).annotations];
    };
    const force = { "pulumi.com/patchForce": "true" };
    assert.deepEqual(await owned({ min: 2, max: 5, cpu: 60 }), [["spec.replicas"], force]);
    assert.deepEqual(await owned({ replicas: 2 }), [[], force]);
    // The engine keeps the annotation that the state has from either of them, and has none to keep else.
    assert.deepEqual(await owned(), [['metadata.annotations["pulumi.com/patchForce"]'], {}]);
  });

  it("sets the node port of the Service, and no other field", async () => {
    const { type, ports } = spec(
      only(await make({ exposure: { type: "NodePort", nodePort: 31515 } }), service),
    );
    assert.equal(type, "NodePort");
    assert.deepEqual(ports, [
      { name: "port-5000", protocol: "TCP", port: 5000, targetPort: 5000, nodePort: 31515 },
    ]);
  });

  it("refuses a probe over the network without a port", () => {
    const container = { image: "a", resources: {}, probes: { liveness: { tcpSocket: true as const } } };
    return assert.rejects(make({ container }), /needs a container with a port/);
  });
});
