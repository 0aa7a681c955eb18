import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { helperPrograms } from "../cloud-plugins/helper-programs.ts";
import { clouds, loadRules, type Cloud } from "../cloud-plugins/cloud-rules.ts";
import type { ConstraintRule, PropertyRule, RuleFile, TypeRule } from "../cloud-plugins/rule-types.ts";
import { runStack } from "../../test/support/pulumi.ts";

const stackOf: Readonly<Record<Cloud, string>> = {
  aws: "prod",
  "azure-native": "prod-aks",
  gcp: "prod-gke",
};

/** Every property of a type, however deep. */
function everyProperty(properties: TypeRule["properties"]): PropertyRule[] {
  return Object.values(properties).flatMap((rule) => [
    rule,
    ...everyProperty(rule.properties ?? {}),
    ...(rule.items ? everyProperty({ items: rule.items }) : []),
    ...(rule.values ? everyProperty({ values: rule.values }) : []),
  ]);
}

for (const cloud of clouds) {
  describe(`the rules of the simulated cloud ${cloud}`, () => {
    const { types, invokes } = loadRules(cloud);

    it("cite the API model that they follow, in each file and for each type", () => {
      const folder = join("sandbox", "cloud-plugins", cloud);
      for (const name of readdirSync(folder)) {
        const file = parse(readFileSync(join(folder, name), "utf8")) as RuleFile;
        assert.match(file.source, /\d/, `${name}: a version`);
        for (const [token, { source }] of Object.entries(file.types)) assert.ok(source.length > 5, token);
      }
    });

    it("have exactly the types that the program uses", async () => {
      const { resources } = await runStack(stackOf[cloud]);
      const used = new Set(resources.map(({ type }) => type).filter((type) => type.startsWith(`${cloud}:`)));
      const unused = Object.keys(types).filter((type) => !used.has(type));
      const missing = [...used].filter((type) => !(type in types));
      assert.deepEqual({ unused, missing }, { unused: [], missing: [] });
    });

    it("refer only to types and outputs that exist", () => {
      const known = (token: string): boolean => {
        const dot = token.lastIndexOf(".");
        const rule = types[token.slice(0, dot)];
        const [field = ""] = token.slice(dot + 1).split(".");
        return (
          rule !== undefined && (field === "id" || field in rule.properties || field in (rule.outputs ?? {}))
        );
      };
      const named = (rule: TypeRule) =>
        everyProperty(rule.properties).flatMap((each) => [each.refersTo ?? []].flat());
      const isThere = (need: ConstraintRule) => !("exists" in need) || need.exists in types;
      for (const [type, rule] of Object.entries(types)) {
        assert.deepEqual(
          named(rule).filter((token) => !known(token)),
          [],
          type,
        );
        assert.ok((rule.constraints ?? []).every(isThere), type);
        for (const { type: where, at } of rule.reflectedIn ?? [])
          assert.ok(types[where] !== undefined && at in types[where].properties, `${type} in ${where}`);
      }
      for (const [token, { about }] of Object.entries(invokes)) assert.ok(about in types, token);
    });

    it("have patterns that are regular expressions, and limits that a value can meet", () => {
      for (const [type, rule] of Object.entries(types))
        for (const { pattern, min, max, minLength, maxLength, enum: allowed } of everyProperty(
          rule.properties,
        )) {
          if (pattern !== undefined) assert.doesNotThrow(() => new RegExp(pattern, "s"), type);
          assert.ok(
            (min ?? -Infinity) <= (max ?? Infinity) && (minLength ?? 0) <= (maxLength ?? Infinity),
            type,
          );
          assert.notEqual(allowed?.length, 0, type);
        }
    });

    it("have a helper program, and a type for the grant that it needs", () => {
      const mine = Object.values(helperPrograms).filter((helper) => helper.cloud === cloud);
      assert.equal(mine.length, 1);
      for (const { grant } of mine)
        assert.ok((types[grant.type]?.effectiveAfterSeconds ?? 0) > 0, grant.type);
    });
  });
}
