import assert from "node:assert/strict";
import { loadStackConfig } from "../../config/stack-config.ts";
import { fixOf } from "./facts.ts";
import { services } from "../../services.ts";

function problemsOf(all: Readonly<Record<string, string>>, secretKeys: readonly string[] = []) {
  const result = loadStackConfig(
    {
      project: "multi-client",
      stack: "prod",
      all: {
        "multi-client:cluster": '{"provider":"eks"}',
        "pulumi:disable-default-providers": '["kubernetes"]',
        ...all,
      },
      secretKeys,
      placeholders: "refused",
      env: { HOME: "/nowhere" },
      now: new Date("2026-12-03"),
    },
    services,
  );
  return "problems" in result ? result.problems : [];
}

const rest = problemsOf({}).length;

describe("a namespace of keys", () => {
  for (const namespace of ["multiclient", "multi_client", "Multi-Client", "multi-clients", "mutli-client"])
    it(`that looks like the project's, ${namespace}, is refused with the key that was meant`, () => {
      const [problem, ...others] = problemsOf({ [`${namespace}:rollout`]: "{}" });
      assert.equal(problem?.key, `${namespace}:rollout`);
      assert.match(problem.expected, /did you mean multi-client:rollout\?$/);
      const fix = `in Pulumi.prod.yaml, write multi-client:rollout instead of ${namespace}:rollout`;
      assert.deepEqual(fixOf(problem), [fix]);
      assert.equal(others.length, rest);
    });

  it("that looks like the project's is checked as what was meant, and shows no secret", () => {
    const all = { "multiclient:namespace": "hunter2 x", "multi_client:dbPassword": "hunter2" };
    const problems = problemsOf(all, ["multiclient:namespace"]);
    const keys = problems.map(({ key }) => key);
    assert.ok(keys.includes("multi-client:namespace"), keys.join());
    assert.doesNotMatch(JSON.stringify(problems), /hunter2/);
  });

  it("of a provider, or of somebody else, is left alone", () => {
    for (const key of ["aws:profile", "multi-cloud:a", "client:a", "kubernetes:context"])
      assert.equal(problemsOf({ [key]: "x" }).length, rest, key);
  });
});
