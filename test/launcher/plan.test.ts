import assert from "node:assert/strict";
import { kubectlOf } from "../../launcher/stack/plan.ts";
import type { Stack, Target } from "../../launcher/stack/read-stack.ts";

const of = (target: object): string =>
  kubectlOf({ name: "prod", target: target as Target } as Stack, { XDG_STATE_HOME: "/state" });

describe("kubectl for the cluster of a stack", () => {
  it("takes the context where the user's kubeconfig has one", () => {
    assert.equal(of({ provider: "existing", context: "far", local: false }), "kubectl --context far");
    assert.equal(of({ provider: "minikube", context: "minikube" }), "kubectl --context minikube");
  });

  it("takes the kubeconfig that was written for it where the stack made the cluster", () => {
    const cluster = { provider: "managed", cloud: "eks", documentation: false };
    assert.equal(
      of({ ...cluster, simulated: false }),
      "kubectl --kubeconfig /state/multi-client/prod.kubeconfig",
    );
    assert.equal(of({ ...cluster, simulated: true }), "kubectl --context sandbox-prod");
  });
});
