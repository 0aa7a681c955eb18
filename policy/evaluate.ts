import type { Exemption } from "./exemptions.ts";
import { rules } from "./rules/index.ts";
import type { Finding, Level, Resource, Rule, StackClass } from "./rules/rule.ts";

/** A finding with the resource that it is in. */
export interface ResourceFinding extends Finding {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
}

/** What one rule found in one stack. */
export interface Result {
  readonly rule: Rule;
  readonly level: Level;
  /** The number of resources that were checked. */
  readonly checked: number;
  /** What nobody is exempt from; with the unknown. */
  readonly findings: readonly ResourceFinding[];
  /** The exemptions that hold, each once. */
  readonly exemptions: readonly Exemption[];
}

/** What a stack is by its resources: a resource of a cloud's cluster makes it `managed`. */
export function classOf(stack: readonly Resource[]): StackClass {
  return stack.some(({ type }) => /^(aws|azure-native|gcp):/.test(type)) ? "managed" : "elsewhere";
}

/** Tells whether an exemption is for a finding, be it expired or not. */
export function isFor(exemption: Exemption, rule: Rule, { type, name }: ResourceFinding): boolean {
  const names = exemption.name.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return exemption.rule === rule.name && exemption.type === type && new RegExp(`^${names}$`).test(name);
}

/** Tells whether an exemption holds no longer. @param today is a date such as 2026-11-27. */
export const isExpired = ({ until }: Exemption, today: string): boolean => until < today;

/**
 * Gives what each rule finds in a stack.
 *
 * @param today decides which exemptions still hold.
 */
export function evaluate(
  stack: readonly Resource[],
  exemptions: readonly Exemption[],
  today: string,
): Result[] {
  const valid = exemptions.filter((exemption) => !isExpired(exemption, today));
  return rules.map((rule) => {
    const level = rule.level[classOf(stack)];
    const checked = level === "disabled" ? [] : stack.filter(({ type }) => rule.applies(type));
    const all = checked.flatMap((resource) => {
      const { urn, type, name } = resource;
      return rule.check(resource, stack).map((finding) => ({ ...finding, urn, type, name }));
    });
    const findings = all.filter((finding) => !valid.some((exemption) => isFor(exemption, rule, finding)));
    const used = valid.filter((exemption) => all.some((finding) => isFor(exemption, rule, finding)));
    return { rule, level, checked: checked.length, findings, exemptions: used };
  });
}

/** The findings that are certain. */
export const certain = ({ findings }: Result) => findings.filter(({ isUnknown }) => !isUnknown);

/** Tells whether what a rule found fails a run. */
export const fails = (result: Result): boolean => result.level === "mandatory" && certain(result).length > 0;
