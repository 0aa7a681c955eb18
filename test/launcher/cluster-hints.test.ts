import assert from "node:assert/strict";
import { planOnly } from "../../launcher/commands/preview.ts";
import { hintFor } from "../../launcher/hints/hints.ts";
import { lostClaims, lostText } from "../../launcher/recovery/lost-claims.ts";

const facts = {
  stack: "dev",
  namespace: "ns",
  context: "minikube",
  kubectl: "kubectl --context minikube",
  backend: "file:///state",
  pulumi: "pulumi",
};

describe("what the cluster does not bring about", () => {
  it("names what is not ready, and the way on", () => {
    const said = [
      "    \t* the Kubernetes API server reported that \"ns/server\" failed to fully initialize or become live: 'server' timed out waiting to be Ready",
      "    \t* the Kubernetes API server reported: Timeout occurred polling for 'redis-data'",
    ].join("\n");
    assert.equal(
      hintFor(said, facts),
      [
        "Not ready within its time limit: server, redis-data. What ran before is left as it was, where it could be.",
        "Fix: correct the cause, then make up STACK=dev: it goes on from here.",
        "Look closer: kubectl --context minikube -n ns get events --sort-by=.lastTimestamp",
        "More time: pulumi config set --path 'multi-client:rollout.timeoutSeconds' 900 --stack dev",
      ].join("\n"),
    );
  });

  it("names the field that another program took over, and who has it", () => {
    const said =
      'managed by field manager "pulumi-kubernetes-1" had an apply conflict: Apply failed with 1 conflict: conflict with "k9s" using apps/v1: .spec.replicas\nLeave';
    assert.match(
      hintFor(said, facts) ?? "",
      /^Another program, "k9s", has taken over .*: \.spec\.replicas\. It was/,
    );
  });

  it("names the Service whose port was changed by hand", () => {
    const said = 'Service "server" is invalid: spec.ports[1].name: Duplicate value: "main"';
    assert.match(hintFor(said, facts) ?? "", /-n ns delete service server; then make up STACK=dev$/);
  });
});

describe("the plan", () => {
  it("is told from the refresh before it", () => {
    const lines = [
      "Previewing update (dev):",
      "~ pulumi:pulumi:Stack: (refresh)",
      "    ~ kubernetes:apps/v1:Deployment: (refresh)",
      "      ~ status: {",
      "  pulumi:pulumi:Stack: (same)",
      "    ~ kubernetes:apps/v1:Deployment: (update)",
      "      ~ spec: {",
      "Resources:",
    ];
    const isShown = planOnly();
    assert.deepEqual(
      lines.filter((line) => isShown(line)),
      [lines[0], ...lines.slice(4)],
    );
  });

  it("of a claim that is refreshed and nevertheless made says that its data is lost", () => {
    const line = (op: string, name: string, what: string) =>
      ` ${op}  kubernetes:core/v1:PersistentVolumeClaim ${name} ${what} `;
    const preview = [
      line("~", "redis-data", "refreshing"),
      line("~", "redis-data", "refresh"),
      line("+", "redis-data", "create"),
      line("+", "new-data", "create"),
    ].join("\n");
    assert.deepEqual(lostClaims(preview), ["redis-data"]);
    assert.match(lostText(["redis-data"]), /redis-data was gone\. Made anew, and empty/);
    assert.equal(lostText([]), "");
  });
});
