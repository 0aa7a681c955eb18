import assert from "node:assert/strict";
import { evaluate, type ResourceFinding } from "../../policy/evaluate.ts";
import { fromRender } from "../../policy/from-render.ts";
import { notCovered, rules } from "../../policy/rules/index.ts";
import { unknown, type Resource } from "../../policy/rules/rule.ts";
import { committedResources } from "../support/policy.ts";
import { runStack } from "../support/pulumi.ts";
import { changed, mutations, type Mutation } from "./mutations.ts";

const resourcesOf = async (stack: string) => fromRender((await runStack(stack)).resources);

/** What one rule finds in a stack, exemptions aside. */
function found(rule: string, stack: readonly Resource[]): readonly ResourceFinding[] {
  const result = evaluate(stack, [], "").find((each) => each.rule.name === rule);
  assert.ok(result, `there is no rule ${rule}`);
  return result.findings;
}

async function mutated({ stack, type, name }: Mutation, change: (resource: Resource) => Resource) {
  const before = await resourcesOf(stack);
  const targets = before.filter((each) => each.type.endsWith(`:${type}`) && each.name === name);
  assert.equal(targets.length, 1, `${stack} has ${String(targets.length)} of ${type} ${name}`);
  return { before, after: before.map((each) => (each === targets[0] ? change(each) : each)) };
}

describe("a rule of the policy", () => {
  for (const mutation of mutations) {
    const { rule, stack, type, name, path, mends } = mutation;
    const field = typeof path === "string" ? path : path.join(".");
    it(`${rule} ${mends ? "is satisfied" : "fails"} by another ${field} of ${stack}'s ${type} ${name}`, async () => {
      const { before, after } = await mutated(mutation, (resource) => changed(resource, mutation));
      const [was, is] = [found(rule, before).length, found(rule, after).length];
      assert.ok(mends ? is < was : is > was, `${String(was)} findings before, ${String(is)} after`);
      assert.ok(found(rule, after).every(({ isUnknown }) => !isUnknown));
    });
  }

  it("has a change that it is seen to notice", () => {
    const seen = new Set(mutations.map(({ rule }) => rule));
    assert.deepEqual(
      rules.map(({ name }) => name).filter((name) => !seen.has(name)),
      [],
    );
  });

  it("never passes on a value that is unknown", async () => {
    const passed: string[] = [];
    for (const mutation of mutations.filter(
      ({ path }) => !["protect", "retainOnDelete"].includes(String(path)),
    )) {
      const { after } = await mutated(mutation, (resource) =>
        changed(resource, { ...mutation, value: unknown }),
      );
      if (!found(mutation.rule, after).some(({ isUnknown }) => isUnknown))
        passed.push(`${mutation.rule}: ${String(mutation.path)}`);
    }
    assert.deepEqual(passed, []);
  });

  it("lets a GKE cluster answer at an address for networks that are named", async () => {
    const rule = "no-open-control-plane";
    const open = mutations.find((each) => each.rule === rule && each.stack === "prod-gke");
    assert.ok(open);
    const findings = async (gcpPublicCidrsAccessEnabled: boolean, ...cidrs: readonly string[]) => {
      const cidrBlocks = cidrs.map((cidrBlock) => ({ cidrBlock }));
      const { after } = await mutated(open, (resource) => {
        const { inputs, ...rest } = changed(resource, open);
        const masterAuthorizedNetworksConfig = { cidrBlocks, gcpPublicCidrsAccessEnabled };
        return { ...rest, inputs: { ...inputs, masterAuthorizedNetworksConfig } };
      });
      return found(rule, after).length;
    };
    assert.equal(await findings(false, "198.51.100.0/24"), 0);
    assert.equal(await findings(true, "198.51.100.0/24"), 1);
    assert.equal(await findings(false, "198.51.100.0/24", "0.0.0.0/0"), 1);
    assert.equal(await findings(false), 1);
  });

  it("has a name of its own, a reason and a source", () => {
    assert.equal(new Set(rules.map(({ name }) => name)).size, rules.length);
    for (const { name, why, source } of rules) {
      assert.match(why, /^[A-Z].*\.$/, name);
      assert.match(source, /^https:\/\//, name);
    }
  });
});

describe("a type that the program registers", () => {
  /** Rules that are asked of all types alike say nothing about one. */
  const general = ["own-namespace", "labels", "stable-api", "owner-and-cost"];
  const about = rules.filter(({ name }) => !general.includes(name));

  it("has a rule that is about it, or is named with the reason why not, and not both", async () => {
    const all = Object.values(await committedResources()).flat();
    // Components hold resources and have no inputs.
    const types = [...new Set(all.map(({ type }) => type))].filter(
      (type) => !type.startsWith("multi-client:"),
    );
    const covered = types.filter((type) => about.some(({ applies }) => applies(type)));
    assert.deepEqual([...covered, ...Object.keys(notCovered)].sort(), types.sort());
  });
});
