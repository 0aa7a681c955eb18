// The rules that the API server enforces too, for whoever writes to the namespace: as ValidatingAdmissionPolicies.
import { certain, classOf, evaluate, isExpired, isFor } from "./evaluate.ts";
import type { Exemption } from "./exemptions.ts";
import { rules } from "./rules/index.ts";
import { read, type Resource, type Rule, type StackClass } from "./rules/rule.ts";

/** An object of the API, as `kubectl apply` takes it. */
export interface AdmissionObject {
  readonly apiVersion: "admissionregistration.k8s.io/v1";
  readonly kind: "ValidatingAdmissionPolicy" | "ValidatingAdmissionPolicyBinding";
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** What the objects are made for. */
export interface AdmissionOptions {
  readonly exemptions: readonly Exemption[];
  /** A date such as 2026-11-27: exemptions that are over are left out. */
  readonly today: string;
  /** @default that of the resources */
  readonly stackClass?: StackClass;
}

/**
 * A policy and its binding for each rule that binds more than the program, for the namespace of a stack. A mandatory rule
 * refuses, and advice is a warning. Objects of the program that are exempt stay so, by kind and name.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
export function admissionObjects(
  stack: readonly Resource[],
  { exemptions, today, stackClass = classOf(stack) }: AdmissionOptions,
): AdmissionObject[] {
  const namespace = namespaceOf(stack);
  const valid = exemptions.filter((exemption) => !isExpired(exemption, today));
  return rules.flatMap((rule) => {
    const level = rule.level[stackClass];
    if (!isEnforced(rule) || level === "disabled") return [];
    const name = `${namespace}-${rule.name}`;
    const exempt = exemptObjects(rule, stack, valid);
    return [
      policy(name, rule, exempt),
      {
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicyBinding",
        metadata: { name },
        spec: {
          policyName: name,
          validationActions: [level === "mandatory" ? "Deny" : "Warn"],
          matchResources: {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
          },
        },
      },
    ];
  });
}

/** A rule that the API server enforces too. */
type AdmissionRule = Rule & Required<Pick<Rule, "admission">>;
const isEnforced = (rule: Rule): rule is AdmissionRule => rule.admission !== undefined;

/** The namespace in which the stack's workloads are. */
function namespaceOf(stack: readonly Resource[]): string {
  const workload = stack.find(({ type }) => type === "kubernetes:apps/v1:Deployment");
  return String(read(workload?.inputs, "metadata.namespace"));
}

/** The stack's objects that do not satisfy a rule and need not, as `Kind/name`. */
function exemptObjects(rule: Rule, stack: readonly Resource[], exemptions: readonly Exemption[]): string[] {
  const result = evaluate(stack, [], "").find((each) => each.rule === rule);
  const found = result
    ? certain(result).filter((finding) => exemptions.some((each) => isFor(each, rule, finding)))
    : [];
  const urns = new Set(found.map(({ urn }) => urn));
  return stack
    .filter(({ urn }) => urns.has(urn))
    .map(({ inputs }) => `${String(inputs.kind)}/${String(read(inputs, "metadata.name"))}`)
    .sort();
}

function policy(
  name: string,
  { name: rule, admission }: AdmissionRule,
  exempt: readonly string[],
): AdmissionObject {
  const { resources, variables, offenders, problem } = admission;
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingAdmissionPolicy",
    metadata: { name },
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: Object.entries(resources).map(([group, names]) => ({
          apiGroups: [group],
          apiVersions: ["*"],
          operations: ["CREATE", "UPDATE"],
          resources: names,
        })),
      },
      matchConditions: [
        // An object that is being deleted loses its finalizers by an update.
        { name: "not-deleted", expression: "!has(object.metadata.deletionTimestamp)" },
        ...(exempt.length > 0
          ? [
              {
                name: "not-exempt",
                expression: `!(object.kind + '/' + (has(object.metadata.name) ? object.metadata.name : '') in ${JSON.stringify(exempt)})`,
              },
            ]
          : []),
      ],
      variables: Object.entries({ ...variables, offenders }).map(([name, expression]) => ({
        name,
        expression,
      })),
      validations: [
        {
          expression: "variables.offenders.size() == 0",
          messageExpression: `'${rule}: ' + variables.offenders.join(', ') + ' ${problem}'`,
        },
      ],
    },
  };
}
