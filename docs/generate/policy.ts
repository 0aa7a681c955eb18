import { exemptions } from "../../policy/exemptions.ts";
import { checkStacks, resultTable } from "../../policy/report.ts";
import { notCovered, rules } from "../../policy/rules/index.ts";
import type { Resource, Rule } from "../../policy/rules/rule.ts";
import { code, commands, table } from "../../system/markdown.ts";

/** The kind of an object of Kubernetes; of other types the token, because clouds share their kinds' names. */
const kindOf = (type: string) =>
  /^(kubernetes|pulumi):/.test(type) ? (type.split(":").at(-1) ?? type) : code(type);

const levelOf = ({ level }: Rule) =>
  level.managed === level.elsewhere
    ? level.managed
    : `${level.managed}; elsewhere ${level.elsewhere === "disabled" ? "not asked" : level.elsewhere}`;

/** The rules that the API server enforces, as code. */
const enforced = rules.flatMap(({ name, admission }) => (admission ? [code(name)] : []));

/** The exemptions as rows; those with the same reason share one. */
function exemptionRows(): string[][] {
  const reasons = [...new Set(exemptions.map(({ rule, why }) => `${rule} ${why}`))];
  return reasons.map((reason) => {
    const same = exemptions.filter(({ rule, why }) => `${rule} ${why}` === reason);
    const resources = same.map(({ type, name }) =>
      name === "*" ? `every ${kindOf(type)}` : `${kindOf(type)} ${code(name)}`,
    );
    const { rule = "", why = "", until = "" } = same[0] ?? {};
    return [code(rule), resources.join(", "), why, until];
  });
}

/**
 * The page docs/policy.md.
 *
 * @param stacks are the resources that each committed stack registers. The page does not depend on the day: an exemption
 * that is over fails `make policy`, not the page.
 */
export function policyPage(stacks: Readonly<Record<string, readonly Resource[]>>): string {
  return [
    "# Policy",
    "Rules about the resources that the program registers. The page is generated from [`policy/`](../policy/rules/index.ts); a " +
      "test keeps it current.",
    commands([
      "make policy               # all committed stacks; no cluster, no account",
      "make policy STACK=mine    # one stack",
    ]),
    "It fails on a finding of a mandatory rule, on an exemption that is over, and, for all stacks, on one that is for nothing. " +
      "The same table and the findings are in `build/ci`: in `policy.md`, and in `policy.json` for programs.",
    [
      "- A rule reads resources, never the configuration. The program refuses wrong settings itself; the rules find a changed " +
        "program, or a sixth service.",
      "- `?` is a value that only a deployment knows. It is never a pass.",
      "- A stack is managed when it makes its cluster in a cloud; rules about what must not be lost are not asked elsewhere.",
      "- Each rule was seen to fail, by one changed field of the rendered program: `test/policy/mutations.ts`.",
      "- The rules see what is asked of the clouds and the API server, not what these make of it.",
    ].join("\n"),
    "## Rule by stack",
    resultTable(checkStacks(stacks, exemptions, "")),
    "## Rules",
    table(
      ["rule", "level", "why"],
      rules.map((rule) => [code(rule.name), levelOf(rule), `${rule.why} [Source](${rule.source})`]),
    ),
    "## Enforced by the API server too",
    `${enforced.join(", ")} bind whoever writes to the namespace, kubectl, Argo CD and the operator too. \`make policy\` writes ` +
      "them for each stack as ValidatingAdmissionPolicies with their bindings; mandatory rules refuse, advice warns, and " +
      "the exempt objects of the program stay so:",
    commands(["make policy STACK=prod", "kubectl apply -f build/policy/prod.yaml"]),
    "They are files and not a part of the program: they are objects of the whole cluster, which a deployer of one namespace may " +
      "not create, and whoever can change the program should not be able to take them away with it. Apply them again after a " +
      "change of the rules or exemptions. A container that `kubectl debug` puts into a pod is bound too: its image needs a digest.",
    "## As a policy pack",
    "The same rules are a Pulumi policy pack, with dependencies of its own. The engine asks it about each resource of a preview or an " +
      "update, with the values that only a deployment knows:",
    commands([
      "npm ci --prefix policy/pack",
      "pulumi preview --stack prod --policy-pack policy/pack",
      "pulumi preview --stack dev --policy-pack policy/pack --policy-pack-config policy/pack/elsewhere.json   # not a managed stack",
    ]),
    "## Exemptions",
    "All there are, in [`policy/exemptions.ts`](../policy/exemptions.ts). From the day after the last one, `make policy` fails. " +
      "`cpu-limit`, `pull-policy-always` and `high-user-id` are all that " +
      "[kube-score](https://github.com/zegl/kube-score) calls critical in any stack.",
    table(["rule", "resources", "why", "until"], exemptionRows()),
    "## Types without a rule",
    table(
      ["type", "why"],
      Object.entries(notCovered).map(([type, why]) => [code(type), why]),
    ),
  ].join("\n\n");
}
