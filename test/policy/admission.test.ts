import assert from "node:assert/strict";
import { admissionObjects, type AdmissionObject } from "../../policy/admission.ts";
import { exemptions } from "../../policy/exemptions.ts";
import { fromRender } from "../../policy/from-render.ts";
import { rules } from "../../policy/rules/index.ts";
import { runStack } from "../support/pulumi.ts";

const rule = "no-exposed-service";
const enforced = rules.flatMap(({ name, admission }) => (admission ? [name] : []));

// What the API server makes of the expressions is in test/e2e/sandbox/admission.e2e.ts.
describe("the policies for the API server", () => {
  const objectsOf = async (stack: string, today = "") => {
    const { resources } = await runStack(stack);
    return admissionObjects(fromRender(resources), { exemptions, today });
  };
  /** The value of one object of a rule. */
  const specOf = (
    objects: readonly AdmissionObject[],
    kind: string,
    name: string,
  ): Record<string, unknown> => {
    const found = objects.filter((each) => each.kind === kind && each.metadata.name.endsWith(`-${name}`));
    assert.equal(found.length, 1, `${kind} ${name}`);
    return { ...found[0]?.spec };
  };

  it("are one for each rule that has an expression, each bound to the namespace of the stack", async () => {
    const objects = await objectsOf("prod");
    assert.ok(enforced.length > 0);
    assert.deepEqual(
      objects.map(({ metadata }) => metadata.name),
      enforced.flatMap((name) => [`multi-client-${name}`, `multi-client-${name}`]),
    );
    for (const name of enforced)
      assert.deepEqual(specOf(objects, "ValidatingAdmissionPolicyBinding", name).matchResources, {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "multi-client" } },
      });
  });

  it("refuse what is mandatory, and warn of what is advice", async () => {
    const actions = async (stack: string) =>
      specOf(await objectsOf(stack), "ValidatingAdmissionPolicyBinding", rule).validationActions;
    assert.deepEqual([await actions("prod"), await actions("dev")], [["Deny"], ["Warn"]]);
  });

  it("leave out the program's objects that are exempt, as long as they are", async () => {
    const conditions = async (stack: string, today?: string) =>
      JSON.stringify(
        specOf(await objectsOf(stack, today), "ValidatingAdmissionPolicy", rule).matchConditions,
      );
    assert.match(await conditions("prod-aks"), /not-exempt.*Service\/client/);
    assert.doesNotMatch(await conditions("prod"), /not-exempt/);
    assert.doesNotMatch(await conditions("prod-aks", "2100-01-01"), /not-exempt/);
  });
});
