import assert from "node:assert/strict";
import { guardContext, unsupportedArguments } from "../kubernetes-plugin/provider-config.ts";
import { checkInputs } from "../kubernetes-plugin/check-inputs.ts";
import { servedKind } from "../kubernetes-plugin/served-kinds.ts";
import { hasUnknown, keepSecrets, secret, UNKNOWN } from "../engine-values.ts";
import { at, type Fields } from "../../system/fields.ts";

const configMap = servedKind("kubernetes:core/v1:ConfigMap");
const checked = (news: Fields, olds: Fields = {}, kind = configMap): Fields =>
  checkInputs(kind, "conf", "default", olds, news);

describe("the stand-in Kubernetes plugin, checking inputs", () => {
  it("names an object without a name, and keeps that name in later updates", () => {
    const first = checked({ metadata: { namespace: "app" }, data: { a: "1" } });
    const name = String(at(first, "metadata", "name"));
    assert.match(name, /^conf-[0-9a-f]{8}$/);
    const annotations = { "pulumi.com/autonamed": "true" };
    assert.deepEqual(first, {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { namespace: "app", name, annotations },
      data: { a: "1" },
    });
    assert.equal(at(checked({ metadata: { namespace: "app" } }, first), "metadata", "name"), name);
    assert.notEqual(at(checked({ metadata: { namespace: "app" } }), "metadata", "name"), name);
  });

  it("keeps a fixed name, and fills in the namespace of a kind that has one", () => {
    assert.deepEqual(checked({ metadata: { name: "x" } }).metadata, { name: "x", namespace: "default" });
    const namespace = servedKind("kubernetes:core/v1:Namespace");
    assert.deepEqual(checked({ metadata: { name: "x" } }, {}, namespace).metadata, { name: "x" });
  });

  it("keeps values that are not known yet, and finds them inside a secret", () => {
    const inputs = checked({ metadata: { name: UNKNOWN }, data: { a: secret(UNKNOWN) } });
    assert.deepEqual(inputs.metadata, { name: UNKNOWN, namespace: "default" });
    assert.deepEqual(inputs.data, { a: secret(UNKNOWN) });
    assert.equal(hasUnknown(inputs), true);
    assert.equal(hasUnknown(checked({ metadata: { name: "x" } })), false);
  });

  it("stores a Secret's stringData encoded, as data, and as a secret", () => {
    const inputs = checked({ stringData: { password: "p" } }, {}, servedKind("kubernetes:core/v1:Secret"));
    assert.deepEqual([inputs.data, inputs.stringData], [secret({ password: "cA==" }), undefined]);
  });

  it("marks values of a secret as secret, whole lists, and the data of a Secret", () => {
    const live = { spec: { plain: 1, list: [{ name: "a", value: "s" }], hidden: { a: "s" } }, status: {} };
    const inputs = {
      spec: { plain: 1, list: [{ name: "a", value: secret("s") }], hidden: secret({ a: "s" }) },
    };
    assert.deepEqual(keepSecrets(live, inputs), {
      spec: { plain: 1, list: secret(live.spec.list), hidden: secret({ a: "s" }) },
      status: {},
    });
    const annotations = { "kubectl.kubernetes.io/last-applied-configuration": '{"data":{"a":"cA=="}}' };
    assert.deepEqual(keepSecrets({ kind: "Secret", metadata: { annotations }, data: { a: "cA==" } }, {}), {
      kind: "Secret",
      metadata: secret({ annotations }),
      data: secret({ a: "cA==" }),
    });
  });

  it("refuses types and provider arguments that it does not serve", () => {
    assert.throws(
      () => servedKind("kubernetes:batch/v1:Job"),
      /does not serve kubernetes:batch\/v1:Job, only: core/,
    );
    const args = { context: "c", kubeconfig: "k", version: "4.34.2", upsertExistingObjects: "true" };
    assert.deepEqual(unsupportedArguments(args), ["upsertExistingObjects"]);
  });

  it("refuses every context but the one that the launcher named, and names both", () => {
    guardContext("kwok-a", "kwok-a");
    assert.throws(() => {
      guardContext("prod", "kwok-a");
    }, /Found context "prod", expected "kwok-a"/);
    assert.throws(() => {
      guardContext("prod");
    }, /Found context "prod", expected MULTI_CLIENT_STANDIN_CONTEXT/);
    assert.throws(() => {
      guardContext("", "");
    }, /Found context \(none\)/);
  });
});
