import assert from "node:assert/strict";
import { apiPath, pluralOf } from "../../system/api-path.ts";
import { deepMerge } from "../../system/fields.ts";

describe("a deep merge", () => {
  it("merges objects in objects, and lets the second one win everywhere else", () => {
    const base = { a: { b: 1, c: { d: 1 } }, list: [1, 2], text: "old", kept: true };
    const override = { a: { c: { e: 2 } }, list: [3], text: { new: true } };
    assert.deepEqual(deepMerge(base, override), {
      a: { b: 1, c: { d: 1, e: 2 } },
      list: [3],
      text: { new: true },
      kept: true,
    });
    assert.deepEqual(base.a, { b: 1, c: { d: 1 } });
  });
});

describe("the path of an object in the Kubernetes API", () => {
  const plurals: Readonly<Record<string, string>> = {
    Service: "services",
    Ingress: "ingresses",
    IngressClass: "ingressclasses",
    IngressClassParams: "ingressclassparams",
    NetworkPolicy: "networkpolicies",
    Gateway: "gateways",
    Endpoints: "endpoints",
  };
  for (const [kind, plural] of Object.entries(plurals)) {
    it(`names ${kind} ${plural}`, () => {
      assert.equal(pluralOf(kind), plural);
    });
  }

  it("has a group or none, a namespace or none, and ends with the name or with the kind", () => {
    const deployments = { apiVersion: "apps/v1", plural: "deployments", namespaced: true };
    const nodes = { apiVersion: "v1", plural: "nodes", namespaced: false };
    assert.equal(apiPath(deployments, "shop", "web"), "/apis/apps/v1/namespaces/shop/deployments/web");
    assert.equal(apiPath(deployments, "shop"), "/apis/apps/v1/namespaces/shop/deployments");
    assert.equal(apiPath(nodes, "ignored", "one"), "/api/v1/nodes/one");
  });
});
