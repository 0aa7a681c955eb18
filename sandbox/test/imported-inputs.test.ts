import assert from "node:assert/strict";
import { diffObject } from "../kubernetes-plugin/object-diff.ts";
import { importedInputs } from "../kubernetes-plugin/imported-inputs.ts";
import { servedKind } from "../kubernetes-plugin/served-kinds.ts";

const program = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "client", namespace: "app", labels: { a: "b" } },
  spec: { ports: [{ port: 80 }] },
};
const live = {
  ...program,
  metadata: {
    ...program.metadata,
    annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" },
    creationTimestamp: "2026-01-01T00:00:00Z",
    generation: 1,
    managedFields: [],
    resourceVersion: "7",
    uid: "u",
  },
  spec: { clusterIP: "10.0.0.1", ports: [{ port: 80, protocol: "TCP" }], type: "ClusterIP" },
  status: { loadBalancer: {} },
};

describe("the stand-in Kubernetes plugin, importing an object", () => {
  it("takes over the live object without its status and the fields that only the server writes", () => {
    assert.deepEqual(importedInputs(live), { ...program, spec: live.spec });
    const kept = { ...live.metadata.annotations, "deployment.kubernetes.io/revision": "3", mine: "1" };
    const inputs = importedInputs({ ...live, metadata: { ...live.metadata, annotations: kept } });
    assert.deepEqual(inputs.metadata, { ...program.metadata, annotations: { mine: "1" } });
  });

  it("deletes the server's defaults in the next update, which replaces a Service for its address", () => {
    const { changes, deleteBeforeReplace } = diffObject(
      servedKind("kubernetes:core/v1:Service"),
      live,
      importedInputs(live),
      program,
    );
    assert.deepEqual(
      changes.map(({ path, what, replaces }) => [path, what, replaces]),
      [
        ["spec.clusterIP", "delete", true],
        ["spec.ports[0].protocol", "delete", false],
        ["spec.type", "delete", false],
      ],
    );
    assert.equal(deleteBeforeReplace, true);
  });
});
