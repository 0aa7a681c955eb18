import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fromRender } from "../../policy/from-render.ts";
import { policies } from "../../policy/pack/policies.ts";
import { rules } from "../../policy/rules/index.ts";
import { assertGolden } from "../support/golden.ts";
import { runStack } from "../support/pulumi.ts";

/** The version of a dependency in a package.json. */
const dependency = (file: string, name: string) =>
  (JSON.parse(readFileSync(file, "utf8")) as { dependencies: Record<string, string> }).dependencies[name];

describe("the policy pack", () => {
  it("has the levels of stacks that are not managed in a file, for --policy-pack-config", () => {
    const levels = rules.flatMap(({ name, level }) =>
      level.elsewhere === level.managed ? [] : [[name, level.elsewhere] as const],
    );
    assertGolden("policy/pack/elsewhere.json", `${JSON.stringify(Object.fromEntries(levels), null, 2)}\n`);
  });

  it("uses the SDK of the program", () => {
    const sdk = "@pulumi/pulumi";
    assert.equal(dependency("policy/pack/package.json", sdk), dependency("package.json", sdk));
  });

  it("reports what a rule finds, with the resource, and not what is exempt", async () => {
    const { resources } = await runStack("prod");
    const all = fromRender(resources).map(({ inputs, protect, ...rest }) => ({
      ...rest,
      props: inputs,
      opts: { protect },
    }));
    const of = (rule: string) => policies().find(({ name }) => name === rule);
    const reported: (string | undefined)[][] = [];
    const report = (message: string, urn?: string) => void reported.push([message, urn?.split("::").at(-1)]);
    for (const each of all) {
      of("several-pods")?.validateStack?.({ resources: [each] }, report);
      of("data-protected")?.validateResource?.({ ...each, opts: { protect: false } }, report);
    }
    const problem = "protect: may be deleted by an update";
    assert.ok(reported.some(([message, name]) => message === problem && name === "redis-data"));
    assert.ok(!reported.some(([, name]) => name === "immutable-settings"));
    assert.ok(!reported.some(([message, name]) => message?.startsWith("spec.replicas") && name === "worker"));
  });

  it("passes on the error of a value that cannot be read", () => {
    const unreadable = Object.defineProperty({}, "type", {
      enumerable: true,
      get: () => {
        throw new Error("cannot be known");
      },
    });
    const service = {
      type: "kubernetes:core/v1:Service",
      name: "a",
      urn: "urn",
      props: { spec: unreadable },
      opts: { protect: false },
    };
    const policy = policies().find(({ name }) => name === "no-exposed-service");
    const reported: string[] = [];
    assert.throws(
      () => policy?.validateResource?.(service, (message) => void reported.push(message)),
      /cannot be known/,
    );
    assert.deepEqual(reported, []);
  });
});
