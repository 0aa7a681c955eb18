import assert from "node:assert/strict";
import { unsupportedAnnotations, timeoutSeconds } from "../kubernetes-plugin/annotations.ts";
import { READINESS_RULES } from "../kubernetes-plugin/readiness.ts";
import type { Fields } from "../../system/fields.ts";

/** The observation of an object by the rule of its kind, with other objects in its namespace by the ends of their paths. */
async function seen(kind: string, live: Fields, others: Readonly<Record<string, Fields>> = {}) {
  const get = (path: string) =>
    Promise.resolve(Object.entries(others).find(([end]) => path.endsWith(end))?.[1]);
  const view = await READINESS_RULES[kind]?.({ kind, ...live }, get);
  assert.ok(view);
  return view;
}
const metadata = (name: string, more: Fields = {}): Fields => ({
  name,
  namespace: "app",
  uid: name,
  ...more,
});
const ownedBy = (uid: string): Fields => ({ ownerReferences: [{ uid }] });
const revision = { annotations: { "deployment.kubernetes.io/revision": "1" } };
const met = (type: string, isMet: boolean, more: Fields = {}): Fields => ({
  type,
  status: isMet ? "True" : "False",
  ...more,
});

describe("the stand-in Kubernetes plugin, waiting for an object", () => {
  const pods = (...items: Fields[]): Fields => ({
    items: items.map((status, index) => ({ metadata: metadata(`pod-${index}`, ownedBy("set")), status })),
  });
  const scheduled = met("PodScheduled", true);
  const isUnready = met("Ready", false, {
    reason: "ContainersNotReady",
    message: "containers with unready status: [c]",
  });
  const status = {
    observedGeneration: 1,
    conditions: [met("Available", false, { reason: "R", message: "m." })],
  };
  const set = { metadata: metadata("set", { ...revision, ...ownedBy("d") }), spec: { replicas: 2 } };

  it("reports why the pods of a Deployment do not run, container by container", async () => {
    const waiting = { reason: "ImagePullBackOff", message: "Back-off" };
    const last = { reason: "Error", exitCode: 1, finishedAt: "2026-01-01T00:00:00Z" };
    const containerStatuses = [
      { name: "c", state: { waiting } },
      { name: "d", state: { waiting: { reason: "CrashLoopBackOff" } }, lastState: { terminated: last } },
      { name: "e", ready: true, lastState: { terminated: last } },
    ];
    const pod = { conditions: [scheduled, met("Initialized", true), isUnready], containerStatuses };
    const unscheduled = { conditions: [met("PodScheduled", false), met("Initialized", true), isUnready] };
    const live = { metadata: metadata("d", { generation: 1, ...revision }), status };
    const others = { replicasets: { items: [set] }, pods: pods(pod, unscheduled) };
    const { isReady, problems } = await seen("Deployment", live, others);
    assert.equal(isReady, false);
    assert.deepEqual(problems, [
      "[R] m.",
      "Minimum number of live Pods was not attained",
      "[Pod app/pod-0]: containers with unready status: [c][ImagePullBackOff] Back-off\n[CrashLoopBackOff] \n" +
        'container "d" terminated at 2026-01-01T00:00:00Z (Error: exit code 1)',
    ]);
  });

  it("takes a Deployment as ready when its newest ReplicaSet is ready and its claims are bound", async () => {
    const volumes = [{ persistentVolumeClaim: { claimName: "data" } }];
    const live = {
      metadata: metadata("d", { generation: 1, ...revision }),
      spec: { template: { spec: { volumes } } },
      status: { observedGeneration: 1, conditions: [met("Available", true)] },
    };
    const full = { ...set, status: { readyReplicas: 2 } };
    const claim = (phase: string) => ({ metadata: metadata("data"), status: { phase } });
    const look = async (readySet: Fields, phase: string, object: Fields = live) => {
      const others = { replicasets: { items: [readySet] }, data: claim(phase), pods: pods() };
      return (await seen("Deployment", object, others)).problems;
    };
    assert.deepEqual(await look(full, "Bound"), []);
    assert.deepEqual(await look(set, "Bound"), [
      "Minimum number of Pods to consider the application live was not attained",
    ]);
    assert.deepEqual(await look(full, "Pending"), ['Failed to bind PersistentVolumeClaim(s): "data"']);
    const changed = { ...live, metadata: metadata("d", { generation: 2, ...revision }) };
    assert.deepEqual(await look(full, "Bound", changed), ["Minimum number of live Pods was not attained"]);
  });

  it("counts the pods of a StatefulSet's newest revision, after its controller has seen it", async () => {
    const live = (observedGeneration: number, updateRevision: string) => ({
      metadata: metadata("s", { generation: 2 }),
      spec: { replicas: 2 },
      status: {
        observedGeneration,
        replicas: 2,
        readyReplicas: 2,
        currentReplicas: 2,
        updatedReplicas: 1,
        currentRevision: "a",
        updateRevision,
      },
    });
    const look = async (observedGeneration: number, to: string) => {
      const view = await seen("StatefulSet", live(observedGeneration, to));
      return [view.isReady, ...view.problems, ...view.messages.map(({ text }) => text)];
    };
    assert.deepEqual(await look(2, "a"), [true]);
    assert.deepEqual(await look(2, "b"), [
      false,
      'StatefulSet controller failed to advance from revision "a" to revision "b"',
      "[2/3] Waiting for StatefulSet to update .status.currentRevision",
    ]);
    assert.deepEqual((await look(1, "a")).slice(0, 2), [
      false,
      "0 out of 0 replicas succeeded readiness checks",
    ]);
  });

  it("takes a Service as ready when none of its pods is unready and a load balancer has an address", async () => {
    const live = (type: string) => ({ metadata: metadata("s"), spec: { type, selector: { a: "b" } } });
    const endpoints = (...subsets: Fields[]) => ({ "endpoints/s": { subsets } });
    const isReady = async (type: string, others = {}) => (await seen("Service", live(type), others)).isReady;
    assert.equal(await isReady("ClusterIP", endpoints()), true);
    assert.equal(await isReady("ClusterIP", endpoints({ addresses: [1], notReadyAddresses: [1] })), false);
    assert.equal(await isReady("LoadBalancer", endpoints({ addresses: [1] })), false);
    const addressed = { ...live("LoadBalancer"), status: { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } } };
    assert.equal((await seen("Service", addressed, endpoints())).isReady, true);
  });

  it("takes a claim as ready that waits for its first pod, and warns of a missing storage class", async () => {
    const live = {
      metadata: metadata("c"),
      spec: { storageClassName: "fast" },
      status: { phase: "Pending" },
    };
    const lazy = { "storageclasses/fast": { volumeBindingMode: "WaitForFirstConsumer" } };
    assert.equal((await seen("PersistentVolumeClaim", live, lazy)).isReady, true);
    const { isReady, messages } = await seen("PersistentVolumeClaim", live);
    const text = 'storageclasses.storage.k8s.io "fast" not found';
    assert.deepEqual([isReady, messages], [false, [{ text, severity: "warning" }]]);
  });

  it("waits as long as the program says, and lists annotations that would do nothing", () => {
    const annotated = (annotations: Fields) => ({ metadata: { annotations } });
    assert.equal(timeoutSeconds(7, annotated({ "pulumi.com/timeoutSeconds": "5" })), 7);
    assert.equal(timeoutSeconds(0, annotated({ "pulumi.com/timeoutSeconds": "5" })), 5);
    assert.equal(timeoutSeconds(0, annotated({ "pulumi.com/timeoutSeconds": "5m" })), 600);
    const annotations = {
      "pulumi.com/patchFieldManager": "x",
      "pulumi.com/skipAwait": "true",
      "example.com/a": "b",
    };
    assert.deepEqual(unsupportedAnnotations(annotated(annotations)), ["pulumi.com/patchFieldManager"]);
  });
});
