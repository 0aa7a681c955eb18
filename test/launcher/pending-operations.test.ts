import assert from "node:assert/strict";
import { resolvePending, unresolvedText, type State } from "../../launcher/recovery/pending-operations.ts";

const now = "2026-11-23T12:00:00Z";
const long = "2026-11-20T12:00:00Z";
const labels = { component: "worker" };
const creating = (type: string, metadata: object) => ({
  type: "creating",
  resource: {
    urn: `urn:pulumi:dev::multi-client::${type}::worker`,
    type,
    custom: true,
    inputs: { metadata },
  },
});
const worker = creating("kubernetes:apps/v1:Deployment", {
  name: "worker",
  namespace: "multi-client",
  labels,
});
const namespace = creating("kubernetes:core/v1:Namespace", { name: "multi-client" });
const state = (...pending_operations: object[]): State =>
  ({ version: 3, deployment: { manifest: { time: now }, resources: [], pending_operations } }) as State;
const object = (manager: string, metadata: object = {}) => ({
  metadata: { creationTimestamp: now, labels, managedFields: [{ manager }], ...metadata },
});
const nothing = () => Promise.resolve(undefined);

describe("the pending operations that a killed engine left", () => {
  it("are none on most days: the state stays the same value, and the cluster is not asked", async () => {
    const empty = state();
    const asked = () => Promise.reject(new Error("asked"));
    assert.deepEqual(await resolvePending(empty, asked), { state: empty, lines: [], unresolved: [] });
  });

  it("are looked up by the path of their kind, as the API spells it", async () => {
    const kinds = {
      "kubernetes:networking.k8s.io/v1:Ingress": "ingresses",
      "kubernetes:networking.k8s.io/v1:IngressClass": "ingressclasses",
      "kubernetes:eks.amazonaws.com/v1:IngressClassParams": "ingressclassparams",
      "kubernetes:storage.k8s.io/v1:StorageClass": "storageclasses",
      "kubernetes:networking.gke.io/v1:HealthCheckPolicy": "healthcheckpolicies",
      "kubernetes:gateway.networking.k8s.io/v1:Gateway": "gateways",
      "kubernetes:autoscaling/v2:HorizontalPodAutoscaler": "horizontalpodautoscalers",
    };
    for (const [type, plural] of Object.entries(kinds)) {
      const asked: string[] = [];
      await resolvePending(state(creating(type, { name: "x", namespace: "shop" })), (path) => {
        asked.push(path);
        return Promise.resolve(undefined);
      });
      const [, group = ""] = type.split(":");
      assert.deepEqual(asked, [`/apis/${group}/namespaces/shop/${plural}/x`]);
    }
  });

  it("adopt an object that is there and ours, under the inputs it was made with", async () => {
    const paths: string[] = [];
    const { state: after, lines } = await resolvePending(state(worker), (path) => {
      paths.push(path);
      return Promise.resolve(object("pulumi-kubernetes"));
    });
    assert.deepEqual(paths, ["/apis/apps/v1/namespaces/multi-client/deployments/worker"]);
    assert.deepEqual(after.deployment.resources, [
      { ...worker.resource, id: "multi-client/worker", outputs: {} },
    ]);
    assert.deepEqual(after.deployment.pending_operations, []);
    assert.deepEqual(lines, ["Deployment multi-client/worker: in the cluster and ours, so it is taken over"]);
  });

  it("put an object that was to replace another in its place, and leave the other to be deleted", async () => {
    const old = { ...worker.resource, id: "multi-client/old" };
    const user = { urn: "urn:user", type: "kubernetes:core/v1:Service" };
    const found = () => Promise.resolve(object("pulumi-kubernetes"));
    const before = state(worker);
    const replacing = { ...before, deployment: { ...before.deployment, resources: [old, user] } };
    const fresh = { ...worker.resource, id: "multi-client/worker", outputs: {} };
    const { state: after } = await resolvePending(replacing, found);
    assert.deepEqual(after.deployment.resources, [fresh, { ...old, delete: true }, user]);
    const gone = { ...old, pendingReplacement: true };
    const recreating = { ...before, deployment: { ...before.deployment, resources: [gone, user] } };
    assert.deepEqual((await resolvePending(recreating, found)).state.deployment.resources, [fresh, user]);
  });

  for (const [why, operation, found, text] of [
    ["is not there", worker, undefined, /not in the cluster, so it is made anew/],
    ["another tool made", worker, object("kubectl-create"), /but not ours; it is left alone/],
    ["has other labels", worker, object("pulumi-kubernetes", { labels: {} }), /but not ours/],
    [
      "is another stack's namespace",
      namespace,
      object("pulumi-kubernetes", { creationTimestamp: long }),
      /but not ours/,
    ],
  ] as const) {
    it(`leave an object that ${why} out of the state`, async () => {
      const { state: after, lines } = await resolvePending(state(operation), () => Promise.resolve(found));
      assert.deepEqual(after.deployment.resources, []);
      assert.deepEqual(after.deployment.pending_operations, []);
      assert.match(lines.join(), text);
    });
  }

  it("adopt an object made long before the last change of the state in our own namespace", async () => {
    const found = object("pulumi-kubernetes", { creationTimestamp: long });
    const { state: after } = await resolvePending(state(worker), () => Promise.resolve(found));
    assert.equal(after.deployment.resources?.length, 1);
  });

  it("stay pending for a resource of another provider: only its cloud knows whether it exists", async () => {
    const bucket = creating("aws:s3/bucket:Bucket", {});
    const { state: after, lines } = await resolvePending(state(bucket), nothing);
    assert.deepEqual(after.deployment.pending_operations, [bucket]);
    assert.match(lines.join(), /Bucket worker: interrupted while creating; only its cloud knows/);
  });

  it("give the commands for both answers where a cloud was making something", async () => {
    const parent = "urn:pulumi:prod::multi-client::multi-client:cluster:EksCluster::cluster";
    const cluster = creating("aws:eks/cluster:Cluster", {});
    const operation = { ...cluster, resource: { ...cluster.resource, parent } };
    const { unresolved } = await resolvePending(state(operation), nothing);
    const text = unresolvedText(unresolved, "pulumi", "prod");
    assert.match(text, /pulumi refresh --clear-pending-creates --yes --stack prod/);
    assert.ok(
      text.includes(
        `pulumi import aws:eks/cluster:Cluster worker <its id> --parent 'cluster=${parent}' --protect=false`,
      ),
      text,
    );
    assert.match(text, /Nothing was changed now/);
  });

  it("are forgotten for what the engine holds itself, and for updates: the refresh or the program repeats them", async () => {
    const stash = creating("pulumi:index:Stash", {});
    const update = { ...worker, type: "updating" };
    const service = creating("multi-client:app:StatelessService", {});
    const component = { ...service, resource: { ...service.resource, custom: false } };
    const { state: after, lines } = await resolvePending(state(stash, update, component), nothing);
    assert.deepEqual(after.deployment.pending_operations, []);
    assert.deepEqual(after.deployment.resources, []);
    assert.deepEqual(lines, [
      "Stash worker: interrupted while creating; the next step repeats it",
      "Deployment multi-client/worker: interrupted while updating; the next step repeats it",
      "StatelessService worker: interrupted while creating; the next step repeats it",
    ]);
  });
});
