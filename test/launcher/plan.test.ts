import assert from "node:assert/strict";
import { chooseBackend } from "../../launcher/engine/backend.ts";
import { checkBackendIsChosen, headline, kubectlOf, makePlan, type Plan } from "../../launcher/stack/plan.ts";
import type { Stack, Target } from "../../launcher/stack/read-stack.ts";

const of = (target: object): string =>
  kubectlOf({ name: "prod", target: target as Target } as Stack, { XDG_STATE_HOME: "/state" });

describe("the headline", () => {
  it("shows no password of the URL of the state", () => {
    const env = { STACK: "dev", PULUMI_BACKEND_URL: "postgres://ann:hunter2@db:5432/p?x=1" };
    const shown = headline(
      makePlan({ command: "up", root: ".", env, write: () => undefined, log: () => undefined }),
    );
    assert.match(shown, /State: postgres:\/\/ann:\*\*\*@db:5432\/p\?x=1 \(PULUMI_BACKEND_URL\)\.$/);
  });
});

describe("a backend that nobody chose", () => {
  it("is refused for a new cluster of a cloud alone: one that is simulated, or there, may have its state on this computer", () => {
    const backend = chooseBackend({ HOME: "/nowhere" });
    const check = (target: object) => () => {
      checkBackendIsChosen({ stack: { name: "prod", target }, backend } as unknown as Plan);
    };
    assert.throws(check({ provider: "managed", simulated: false }), /Stack prod is not in file:/);
    assert.doesNotThrow(check({ provider: "managed", simulated: true }));
    assert.doesNotThrow(check({ provider: "existing", context: "far", local: false }));
  });
});

describe("kubectl for the cluster of a stack", () => {
  it("takes the context where the user's kubeconfig has one", () => {
    assert.equal(of({ provider: "existing", context: "far", local: false }), "kubectl --context far");
    assert.equal(of({ provider: "minikube", context: "minikube" }), "kubectl --context minikube");
  });

  it("quotes what a shell would take apart", () => {
    assert.equal(of({ provider: "existing", context: "a b", local: false }), "kubectl --context 'a b'");
    const target = { provider: "managed", simulated: false } as Target;
    assert.equal(
      kubectlOf({ name: "prod", target } as Stack, { XDG_STATE_HOME: "/my state" }),
      "kubectl --kubeconfig '/my state/multi-client/prod.kubeconfig'",
    );
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
