import assert from "node:assert/strict";
import { summary, workloadsFrom } from "../../launcher/stack/report.ts";

describe("the report of what runs", () => {
  it("counts the pods of each workload, and says what the nodes do not show", async () => {
    const answers: Readonly<Record<string, unknown>> = {
      "/apis/apps/v1/namespaces/ns/deployments": {
        items: [{ metadata: { name: "server" }, spec: { replicas: 2 }, status: { readyReplicas: 1 } }],
      },
      "/apis/apps/v1/namespaces/ns/statefulsets": { items: [{ metadata: { name: "db" }, spec: {} }] },
    };
    const pods = await workloadsFrom((path) => Promise.resolve(answers[path]), "ns");
    assert.deepEqual(pods, [
      { kind: "StatefulSet", name: "db", ready: 0, wanted: 1 },
      { kind: "Deployment", name: "server", ready: 1, wanted: 2 },
    ]);
    const outputs = {
      namespace: "ns",
      clusterName: "c",
      url: "http://1.2.3.4:31515/",
      accessCommand: "curl it",
    };
    assert.equal(
      summary(outputs, pods, "The nodes are simulated."),
      "In namespace ns of c:\n  db      0/1 pod ready\n  server  1/2 pods ready\n" +
        "Open:     http://1.2.3.4:31515/\nReach it: curl it\n" +
        "The nodes are simulated.",
    );
    assert.doesNotMatch(summary({ ...outputs, url: "" }, [], ""), /Open:|simulated/);
  });
});
