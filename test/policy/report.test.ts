import assert from "node:assert/strict";
import { classOf, fails } from "../../policy/evaluate.ts";
import { exemptions, type Exemption } from "../../policy/exemptions.ts";
import { fromRender } from "../../policy/from-render.ts";
import { cell, checkStacks, exemptionProblems, findingLines, record } from "../../policy/report.ts";
import { unknown, type Resource } from "../../policy/rules/rule.ts";
import { computed } from "../../render/recorder.ts";
import { committedResources } from "../support/policy.ts";

const today = "2026-11-27";
const service = (name: string, type: unknown) => ({
  urn: `urn:pulumi:test::multi-client::kubernetes:core/v1:Service::${name}`,
  type: "kubernetes:core/v1:Service",
  name,
  inputs: {
    apiVersion: "v1",
    metadata: { namespace: "multi-client", labels: { "app.kubernetes.io/part-of": "multi-client" } },
    spec: { type },
  },
  protect: false,
  retainOnDelete: false,
});
const cloud: Resource = { ...service("vpc", ""), type: "aws:ec2/vpcEndpoint:VpcEndpoint" };
const exemption = (rest: Partial<Exemption> = {}): Exemption => ({
  rule: "no-exposed-service",
  type: "kubernetes:core/v1:Service",
  name: "a",
  why: "It is a test.",
  until: today,
  ...rest,
});

/** What the rule about Services says of a stack. */
function exposed(resources: readonly Resource[], ...some: readonly Exemption[]) {
  const stacks = checkStacks({ test: resources }, some, today);
  const result = stacks[0]?.results.find(({ rule }) => rule.name === "no-exposed-service");
  assert.ok(result);
  return { stacks, result };
}

describe("the result of a rule", () => {
  it("is a finding that fails where the stack makes its cluster, and advice elsewhere", () => {
    const bad = service("a", "NodePort");
    const [managed, elsewhere] = [exposed([bad, cloud]).result, exposed([bad]).result];
    assert.deepEqual([cell(managed), fails(managed)], ["1 finding", true]);
    assert.deepEqual([cell(elsewhere), fails(elsewhere)], ["1 advice", false]);
    assert.deepEqual([classOf([bad, cloud]), classOf([bad])], ["managed", "elsewhere"]);
  });

  it("is a question mark, and no finding, where the value is unknown", () => {
    const { result, stacks } = exposed([service("a", unknown), service("b", "ClusterIP"), cloud]);
    assert.deepEqual([cell(result), fails(result)], ["?", false]);
    assert.match(findingLines(stacks).join("\n"), /Service a, spec.type: .*not known before a deployment/);
  });

  it("is ok where all resources satisfy it, and nothing where there are none", () => {
    assert.equal(cell(exposed([service("a", "ClusterIP")]).result), "ok");
    assert.equal(cell(exposed([cloud]).result), "-");
  });

  it("is an exemption on its last day, and a finding from the next one on", () => {
    const stack = [service("a", "NodePort"), cloud];
    assert.equal(cell(exposed(stack, exemption()).result), `exempt until ${today}`);
    assert.equal(cell(exposed(stack, exemption({ until: "2026-11-26" })).result), "1 finding");
  });

  it("is exempt for the named resource of the type only", () => {
    const stack = [service("a", "NodePort"), service("web-b", "NodePort"), cloud];
    const found = (name: string) =>
      exposed(stack, exemption({ name })).result.findings.map((finding) => finding.name);
    assert.deepEqual(found("a"), ["web-b"]);
    assert.deepEqual(found("*-b"), ["a"]);
    assert.deepEqual(found("*"), []);
    assert.deepEqual(found("."), ["a", "web-b"]);
    assert.equal(exposed(stack, exemption({ name: "*", type: "other" })).result.findings.length, 2);
  });
});

describe("an exemption", () => {
  const { stacks } = exposed([service("a", "NodePort"), cloud], exemption());
  const problems = (some: Exemption, areAllStacks = true) =>
    exemptionProblems(stacks, [some], { today, areAllStacks }).join();

  it("is a problem when it is over", () => {
    assert.match(
      problems(exemption({ until: "2026-11-26" })),
      /Service a from no-exposed-service ended on 2026-11-26/,
    );
    assert.equal(problems(exemption()), "");
  });

  it("is a problem when no stack needs it, which only all stacks can tell", () => {
    assert.match(problems(exemption({ name: "b" })), /is for nothing: remove it/);
    assert.equal(problems(exemption({ name: "b" }), false), "");
  });
});

describe("the policy", () => {
  it("is satisfied by all committed stacks, and every exemption is needed", async () => {
    const stacks = checkStacks(await committedResources(), exemptions, today);
    const problems = exemptionProblems(stacks, exemptions, { today, areAllStacks: true });
    assert.deepEqual([...problems, ...findingLines(stacks).filter((line) => line.includes("mandatory"))], []);
    assert.equal((record(stacks, problems) as { status: string }).status, "passed");
  });

  it("takes the recorder's text for an unknown value as unknown, however deep", () => {
    const [resource] = fromRender([
      {
        ...service("a", [{ b: computed }]),
        parent: "",
        provider: "",
        dependsOn: [],
        ignoreChanges: [],
        aliases: [],
        formerUrns: [],
        deleteBeforeReplace: false,
        secretOutputs: [],
        custom: true,
        timeouts: {},
      },
    ]);
    assert.deepEqual((resource?.inputs.spec as { type: unknown }).type, [{ b: unknown }]);
  });

  it("records places of findings, and no value of a resource", () => {
    const { stacks } = exposed([service("a", "LoadBalancer"), cloud]);
    const text = JSON.stringify(record(stacks, []));
    assert.match(text, /"status":"failed"/);
    assert.match(text, /"at":"spec.type","problem":"is reached from outside of the cluster"/);
    assert.doesNotMatch(text, /LoadBalancer/);
  });
});
