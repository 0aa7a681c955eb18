import assert from "node:assert/strict";
import { diffConfig } from "../kubernetes-plugin/provider-config.ts";
import { diffObject, prune } from "../kubernetes-plugin/object-diff.ts";
import { applyIgnoreChanges } from "../kubernetes-plugin/ignore-changes.ts";
import { takeOverFields, hasFieldsOfCreate } from "../kubernetes-plugin/field-managers.ts";
import { servedKind } from "../kubernetes-plugin/served-kinds.ts";
import { UNKNOWN } from "../engine-values.ts";
import type { Fields } from "../../system/fields.ts";

/** The paths that differ, with `!` on those that replace the object. */
function paths(type: string, old: Fields, next: Fields, live = old): string[] {
  const { changes } = diffObject(servedKind(`kubernetes:${type}`), live, old, next);
  return changes.map(({ path, replaces }) => `${path}${replaces ? "!" : ""}`);
}

describe("the stand-in Kubernetes plugin, comparing", () => {
  const replacing: [string, Fields, Fields, string[]][] = [
    ["core/v1:ConfigMap", { data: { "a.b": "1" } }, { data: { "a.b": "2" } }, ['data["a.b"]!']],
    ["core/v1:Secret", { type: "Opaque", data: { a: "1" } }, { type: "x", data: {} }, ["type!", "data.a!"]],
    [
      "core/v1:Service",
      { spec: { clusterIP: "1", type: "a" } },
      { spec: { type: "b" } },
      ["spec.clusterIP!", "spec.type"],
    ],
    [
      "core/v1:PersistentVolumeClaim",
      { spec: { storageClassName: "a", resources: { r: 1 } } },
      { spec: { storageClassName: "b", resources: { r: 2 } } },
      ["spec.storageClassName!", "spec.resources.r"],
    ],
    [
      "apps/v1:Deployment",
      { spec: { selector: { matchLabels: { a: "1" } }, replicas: 1 } },
      { spec: { selector: { matchLabels: { a: "2" } }, replicas: 2 } },
      ["spec.selector.matchLabels.a!", "spec.replicas"],
    ],
    [
      "apps/v1:StatefulSet",
      { spec: { volumeClaimTemplates: [{ a: 1 }], serviceName: "a", template: 1 } },
      { spec: { volumeClaimTemplates: [{ a: 2 }], serviceName: "b", template: 2 } },
      ["spec.volumeClaimTemplates[0].a!", "spec.serviceName!", "spec.template"],
    ],
    [
      "networking.k8s.io/v1:NetworkPolicy",
      { metadata: { name: "a" }, spec: { podSelector: { matchLabels: { a: "1" } } } },
      { metadata: { name: "b" }, spec: { podSelector: { matchLabels: { a: "2" } } } },
      ["metadata.name!", "spec.podSelector.matchLabels.a"],
    ],
    [
      "networking.k8s.io/v1:Ingress",
      { metadata: { name: "a", labels: {} } },
      { metadata: { name: "b", labels: { c: "d" } } },
      ["metadata.name!", "metadata.labels.c"],
    ],
  ];
  for (const [type, old, next, expected] of replacing) {
    it(`replaces a ${type} for its immutable fields only`, () => {
      assert.deepEqual(paths(type, old, next), expected);
    });
  }

  it("takes a list or map that is empty for one that is not there, as a state of the official plugin has it", () => {
    const deployment = (metadata: Fields, container: Fields) => ({
      metadata: { name: "a", ...metadata },
      spec: { template: { spec: { containers: [container] } } },
    });
    const [official, ours] = [deployment({}, {}), deployment({ annotations: {} }, { volumeMounts: [] })];
    const live = deployment({ annotations: { "deployment.kubernetes.io/revision": "1" } }, {});
    assert.deepEqual(paths("apps/v1:Deployment", official, ours, live), []);
    assert.deepEqual(paths("apps/v1:Deployment", ours, official, live), []);
  });

  it("takes an empty selector, and an empty element of a list, for what they are", () => {
    assert.deepEqual(paths("policy/v1:PodDisruptionBudget", { spec: {} }, { spec: { selector: {} } }), [
      "spec.selector",
    ]);
    assert.deepEqual(
      paths("networking.k8s.io/v1:Ingress", { spec: { rules: [] } }, { spec: { rules: [{}] } }),
      ["spec.rules[0]"],
    );
  });

  it("deletes first only for a name that the program fixed", () => {
    const object = (metadata: Fields, value: string) => ({ metadata, data: { value } });
    const isFirst = (old: Fields, next: Fields) =>
      diffObject(servedKind("kubernetes:core/v1:ConfigMap"), old, old, next).deleteBeforeReplace;
    const fixed = { name: "a", namespace: "n" };
    const auto = { ...fixed, annotations: { "pulumi.com/autonamed": "true" } };
    assert.equal(isFirst(object(fixed, "1"), object(fixed, "2")), true);
    assert.equal(isFirst(object(fixed, "1"), object(fixed, "1")), false);
    assert.equal(isFirst(object(auto, "1"), object(auto, "2")), false);
    assert.equal(isFirst(object(fixed, "1"), object({ ...fixed, name: "b" }, "2")), false);
  });

  it("ignores fields that the cluster adds, rewrites or leaves out, and finds those that it changed", () => {
    const inputs = {
      spec: {
        replicas: 2,
        env: [{ value: "" }],
        cpu: "0.5",
        args: [],
        hostNetwork: false,
        storage: "1024Mi",
      },
    };
    const live = { spec: { replicas: 2, env: [{}, {}], cpu: "500m", storage: "1Gi", extra: 1 }, status: {} };
    assert.deepEqual(prune(live, inputs), inputs);
    assert.deepEqual(paths("apps/v1:Deployment", inputs, inputs, live), []);
    const scaled = { spec: { ...live.spec, replicas: 3, cpu: "600m" } };
    assert.deepEqual(paths("apps/v1:Deployment", inputs, inputs, scaled), ["spec.replicas", "spec.cpu"]);
  });

  it("finds an explicit zero that is new, and a value that is not known yet", () => {
    assert.deepEqual(paths("core/v1:ServiceAccount", {}, { automountServiceAccountToken: false }), [
      "automountServiceAccountToken",
    ]);
    assert.deepEqual(paths("core/v1:ConfigMap", { data: { a: "1" } }, { data: { a: UNKNOWN } }), ["data.a!"]);
  });

  it("finds a replacement inside a value that is new as a whole", () => {
    assert.deepEqual(paths("core/v1:ConfigMap", {}, { data: { a: "1" } }), ["data!"]);
    assert.deepEqual(paths("core/v1:Service", {}, { spec: { clusterIP: "None" } }), ["spec!"]);
    assert.deepEqual(paths("core/v1:Service", {}, { spec: { type: "NodePort" } }), ["spec"]);
  });

  it("leaves ignored fields and those below them out of a change", () => {
    const changed = (ignored: string) => {
      const [old, next] = [1, 2].map((value) => ({
        metadata: { annotations: { "a.b/c": value, d: value } },
      }));
      const kind = servedKind("kubernetes:core/v1:ServiceAccount");
      return diffObject(kind, old ?? {}, old ?? {}, next ?? {}, [ignored]).changes.map(({ path }) => path);
    };
    assert.deepEqual(changed('metadata.annotations["a.b/c"]'), ["metadata.annotations.d"]);
    assert.deepEqual(changed("metadata.annotations"), []);
    assert.deepEqual(changed("metadata.*.d"), ['metadata.annotations["a.b/c"]']);
    assert.equal(changed("metadata.annotations.d.*").length, 2);
  });

  it("applies an ignored field only if it is ours, with its live value", () => {
    const owner = (...managers: string[]) => ({
      metadata: {
        managedFields: managers.map((manager) => ({ manager, fieldsV1: { "f:spec": { "f:replicas": {} } } })),
      },
      spec: { replicas: 5 },
    });
    const applied = (live: Fields) =>
      applyIgnoreChanges({ spec: { replicas: 2, paused: true } }, live, "me", [
        "spec.replicas",
        "spec.other",
      ]);
    assert.deepEqual(applied(owner("scaler")), { spec: { paused: true } });
    assert.deepEqual(applied(owner("scaler", "me")), { spec: { replicas: 5, paused: true } });
    assert.deepEqual(applied(owner()), { spec: { replicas: 5, paused: true } });
    assert.deepEqual(applied({}), { spec: { replicas: 2, paused: true } });
  });

  it("replaces the provider for another cluster, unless clusterIdentifier says that it is the same", () => {
    const kubeconfig = (server: string) =>
      JSON.stringify({
        contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
        clusters: [{ name: "k", cluster: { server } }],
      });
    const [old, next] = [kubeconfig("https://a"), kubeconfig("https://b")];
    const args = (config: string, more: Fields = {}) => ({ context: "c", kubeconfig: config, ...more });
    const replaces = (before: Fields, after: Fields) => diffConfig(before, after).replaces;
    assert.deepEqual(replaces(args(old), args(next)), ["kubeconfig"]);
    assert.deepEqual(replaces(args(old), args(`${old}\n`)), []);
    const one = { clusterIdentifier: "1" };
    assert.deepEqual(replaces(args(old, one), args(next, one)), []);
    assert.deepEqual(replaces(args(old, one), args(UNKNOWN, one)), []);
    assert.deepEqual(replaces(args(old), args(old, one)), []);
    assert.deepEqual(replaces(args(old), args(UNKNOWN)), ["kubeconfig"]);
    assert.deepEqual(replaces(args(old, one), args(old, { clusterIdentifier: "2" })), ["clusterIdentifier"]);
    const unknown = { clusterIdentifier: UNKNOWN };
    assert.deepEqual(replaces(args(old, one), args(old, unknown)), ["clusterIdentifier"]);
    assert.deepEqual(replaces(args(old), args(old, unknown)), []);
  });

  it("hands the fields of a creation and of kubectl to the applier, and no others", () => {
    const entry = (manager: string, operation: string, field: string, more: Fields = {}) => ({
      manager,
      operation,
      fieldsV1: { "f:spec": { [field]: {} } },
      ...more,
    });
    const status = entry("pulumi-kubernetes", "Update", "f:b", { subresource: "status" });
    const scaler = entry("someone", "Update", "f:replicas");
    const managedFields = [
      entry("pulumi-kubernetes", "Update", "f:a"),
      entry("kubectl-edit", "Update", "f:b"),
      status,
      scaler,
    ];
    const inherited = takeOverFields({ metadata: { managedFields } }, "me");
    const mine = { manager: "me", operation: "Apply", fieldsV1: { "f:spec": { "f:a": {}, "f:b": {} } } };
    assert.deepEqual(inherited, [status, scaler, mine]);
    assert.equal(takeOverFields({ metadata: { managedFields: inherited } }, "me"), undefined);
    const isNew = [managedFields, managedFields.slice(1, 2), [], inherited].map((entries) =>
      hasFieldsOfCreate({ metadata: { managedFields: entries } }),
    );
    assert.deepEqual(isNew, [true, false, true, true]);
  });
});
