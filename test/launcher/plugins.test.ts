import assert from "node:assert/strict";
import { choosePlugins } from "../../launcher/engine/plugins.ts";
import type { Stack, Target } from "../../launcher/stack/read-stack.ts";

const stack = (name: string, target: Target): Stack => ({
  name,
  target,
  namespace: "multi-client",
  ingress: false,
  images: [],
  autoscaled: false,
});
const near: Target = { provider: "existing", context: "kind-kind", local: true };
const far: Target = { provider: "existing", context: "prod", local: false };

describe("the choice of plugins", () => {
  it("is official unless stand-ins are asked for", () => {
    for (const target of [near, far])
      assert.equal(choosePlugins(stack("x", target), undefined).plugins, "official");
    assert.equal(
      choosePlugins(stack("dev", { provider: "minikube", context: "m" }), undefined).plugins,
      "official",
    );
  });

  it("is stand-ins for stack sandbox, for end-to-end stacks, and on request for a local context", () => {
    assert.equal(choosePlugins(stack("sandbox", near), undefined).plugins, "standin");
    assert.equal(choosePlugins(stack("x", near), undefined, true).plugins, "standin");
    assert.equal(choosePlugins(stack("x", near), "standin").plugins, "standin");
    assert.equal(
      choosePlugins(stack("x", { provider: "minikube", context: "m" }), "standin").plugins,
      "standin",
    );
  });

  it("is official for stack sandbox on request", () => {
    assert.equal(choosePlugins(stack("sandbox", near), "official").plugins, "official");
  });

  const refused = {
    "a context that is not local": () => choosePlugins(stack("x", far), "standin"),
    "a stack that names no cluster": () =>
      choosePlugins(stack("x", { provider: "other", fault: "missing" }), "standin"),
    "an end-to-end stack elsewhere": () => choosePlugins(stack("x", far), undefined, true),
    "stack sandbox, turned elsewhere": () => choosePlugins(stack("sandbox", far), undefined),
  };
  for (const [what, choose] of Object.entries(refused)) {
    it(`refuses stand-ins for ${what}, with the reason`, () => {
      assert.throws(choose, {
        name: "UserError",
        message: /are refused[\s\S]*Found in Pulumi\.[\s\S]*Expected: a local cluster[\s\S]*Fix: /,
      });
    });
  }

  it("refuses a value that PLUGINS cannot have", () => {
    assert.throws(
      () => choosePlugins(stack("x", near), "fake"),
      /PLUGINS is "fake"; it must be official or standin/,
    );
  });
});
