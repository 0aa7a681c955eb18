import { isExpired, isFor, type ResourceFinding } from "../evaluate.ts";
import { exemptions } from "../exemptions.ts";
import { rules } from "../rules/index.ts";
import { unknown, type Resource, type Rule } from "../rules/rule.ts";

// The part of @pulumi/policy that is used: the package is no dependency of the program.
interface PackResource {
  readonly type: string;
  readonly props: Readonly<Record<string, unknown>>;
  readonly urn: string;
  readonly name: string;
  readonly opts: { readonly protect: boolean };
}
type Report = (message: string, urn?: string) => void;
interface PackPolicy {
  readonly name: string;
  readonly description: string;
  readonly url: string;
  readonly enforcementLevel: string;
  readonly validateResource?: (args: PackResource, report: Report) => void;
  readonly validateStack?: (args: { readonly resources: readonly PackResource[] }, report: Report) => void;
}

/** The rules as policies of a pack. The levels are those of a managed stack; elsewhere.json has those of others. */
export function policies(): PackPolicy[] {
  return rules.map((rule) => ({
    name: rule.name,
    description: rule.why,
    url: rule.source,
    enforcementLevel: rule.level.managed,
    ...(rule.scope === "resource"
      ? {
          validateResource: (args, report) => {
            validate(rule, [args], report);
          },
        }
      : {
          validateStack: ({ resources }, report) => {
            validate(rule, resources, report);
          },
        }),
  }));
}

/** Reports what a rule finds in resources. What is unknown is passed on as the error of @pulumi/policy, which says so. */
function validate(rule: Rule, args: readonly PackResource[], report: Report): void {
  const errors: unknown[] = [];
  const stack = args.map((each) => fromPack(each, errors));
  const today = new Date().toISOString().slice(0, 10);
  const valid = exemptions.filter((exemption) => !isExpired(exemption, today));
  const findings = stack
    .filter(({ type }) => rule.applies(type))
    .flatMap((resource): ResourceFinding[] => {
      const { urn, type, name } = resource;
      return rule.check(resource, stack).map((finding) => ({ ...finding, urn, type, name }));
    })
    .filter((finding) => !valid.some((exemption) => isFor(exemption, rule, finding)));
  for (const { at, problem, isUnknown, urn } of findings) if (!isUnknown) report(`${at}: ${problem}`, urn);
  if (findings.some(({ isUnknown }) => isUnknown) && errors.length > 0) throw errors[0];
}

function fromPack({ type, name, urn, props, opts }: PackResource, errors: unknown[]): Resource {
  // The engine tells packs nothing of retainOnDelete.
  return { type, name, urn, inputs: known(props, errors), protect: opts.protect, retainOnDelete: unknown };
}

/** A copy of properties, in which {@link unknown} stands for what cannot be read; the errors are kept. */
function known<T>(value: T, errors: unknown[]): T {
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.keys(value).map((key) => {
    try {
      return [key, known((value as Record<string, unknown>)[key], errors)] as const;
    } catch (error) {
      errors.push(error);
      return [key, unknown] as const;
    }
  });
  return (Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries)) as T;
}
