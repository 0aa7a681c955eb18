import assert from "node:assert/strict";
import { differences } from "../render/parity.ts";
import type { Recorded } from "../render/recorder.ts";

const object = (type: string, name: string, inputs: object): Recorded =>
  ({ type: `kubernetes:${type}`, name, inputs }) as unknown as Recorded;
const workload = (image: string, replicas?: number) =>
  object("apps/v1:Deployment", "web", {
    spec: { replicas, template: { spec: { containers: [{ image }] } } },
  });
const compare = (...stacks: Recorded[][]) => differences(stacks.map((resources) => ({ resources })));

describe("the differences between stacks", () => {
  it("name an object of any kind that a stack does not have, and each field with another value", () => {
    const policy = (key: string) =>
      object("networking.k8s.io/v1:NetworkPolicy", "web", { spec: { [key]: "a" } });
    const service = (port: number) => object("core/v1:Service", "web", { spec: { ports: [{ port }] } });
    assert.deepEqual(compare([service(80)], [service(81), policy("a.b/c")], [service(80), policy("d")]), [
      ["NetworkPolicy web", "", "no", "yes", "yes"],
      ["NetworkPolicy web", "`spec.d`", "", "", "`a`"],
      ["NetworkPolicy web", '`spec["a.b/c"]`', "", "`a`", ""],
      ["Service web", "`spec.ports[0].port`", "`80`", "`81`", "`80`"],
    ]);
  });

  it("share their rows where objects of a kind differ alike", () => {
    const pods = (phase: string) =>
      ["a", "b"].map((name) => object("core/v1:Pod", name, { spec: { phase } }));
    assert.deepEqual(compare(pods("x"), pods("y")), [["Pod a, b", "`spec.phase`", "`x`", "`y`"]]);
  });

  it("are none in suffixes that are made of what is in an object", () => {
    const reader = (name: string) => object("core/v1:Pod", "web", { spec: { configMap: name } });
    assert.deepEqual(compare([reader("nginx-0123abcd")], [reader("nginx-4567cdef")]), []);
  });

  it("may be in the number of a workload's pods, and in nothing else of it", () => {
    assert.deepEqual(compare([workload("a", 1)], [workload("a", 2)]), [
      ["Deployment web", "`spec.replicas`", "`1`", "`2`"],
    ]);
    assert.throws(
      () => compare([workload("a")], [workload("b")]),
      /the pods of Deployment web differ: .*image/,
    );
    assert.throws(() => compare([workload("a")], []), /Deployment web is not in every stack/);
  });
});
