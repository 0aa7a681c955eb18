// What is said of the rules: the table for people, and the record for programs.
import { code, table } from "../system/markdown.ts";
import { certain, classOf, evaluate, fails, isExpired, isFor, type Result } from "./evaluate.ts";
import type { Exemption } from "./exemptions.ts";
import { rules } from "./rules/index.ts";
import type { Resource } from "./rules/rule.ts";

/** A stack and what the rules found in it. */
export interface StackResults {
  readonly stack: string;
  readonly resources: readonly Resource[];
  readonly results: readonly Result[];
}

/** Asks all rules of all stacks. @param today is a date such as 2026-11-27. */
export function checkStacks(
  stacks: Readonly<Record<string, readonly Resource[]>>,
  exemptions: readonly Exemption[],
  today: string,
): StackResults[] {
  return Object.entries(stacks).map(([stack, resources]) => {
    return { stack, resources, results: evaluate(resources, exemptions, today) };
  });
}

/** One cell of the table: what a rule found in a stack. */
export function cell(result: Result): string {
  const { level, checked, findings, exemptions } = result;
  if (level === "disabled" || checked === 0) return "-";
  const found = certain(result).length;
  const open = findings.length - found;
  const until = exemptions.map((exemption) => exemption.until).sort()[0];
  const parts = [
    ...(found > 0
      ? [`${found} ${level === "advisory" ? "advice" : found === 1 ? "finding" : "findings"}`]
      : []),
    ...(open > 0 ? ["?"] : []),
    ...(until !== undefined ? [`exempt until ${until}`] : []),
  ];
  return parts.length === 0 ? "ok" : parts.join(", ");
}

/** The table of rules by stack. */
export function resultTable(stacks: readonly StackResults[]): string {
  return table(
    ["rule", ...stacks.map(({ stack }) => code(stack))],
    rules.map(({ name }, index) => [
      code(name),
      ...stacks.map(({ results }) => {
        const result = results[index];
        return result ? cell(result) : "-";
      }),
    ]),
  );
}

/** The findings as lines, those that fail first; unknown ones last. */
export function findingLines(stacks: readonly StackResults[]): string[] {
  const weight = (result: Result, isUnknown: boolean) =>
    isUnknown ? "not known before a deployment" : result.level;
  const order = ["mandatory", "advisory", "not known before a deployment"];
  return stacks
    .flatMap(({ stack, results }) =>
      results.flatMap((result) =>
        result.findings.map(({ type, name, at, problem, isUnknown }) => {
          const kind = type.split(":").at(-1) ?? type;
          const level = weight(result, isUnknown);
          return {
            level,
            line: `${stack}: ${kind} ${name}, ${at}: ${problem} (${result.rule.name}, ${level})`,
          };
        }),
      ),
    )
    .sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level))
    .map(({ line }) => line);
}

/** What is wrong with the exemptions themselves: some are over, and with all stacks at hand, some are for nothing. */
export function exemptionProblems(
  stacks: readonly StackResults[],
  exemptions: readonly Exemption[],
  options: { readonly today: string; readonly areAllStacks: boolean },
): string[] {
  const found = stacks.flatMap(({ resources }) => evaluate(resources, [], ""));
  const isUsed = (exemption: Exemption) =>
    found.some(({ rule, findings }) => findings.some((finding) => isFor(exemption, rule, finding)));
  return exemptions.flatMap((exemption) => {
    const { rule, type, name, until } = exemption;
    const title = `The exemption of ${type} ${name} from ${rule}`;
    if (isExpired(exemption, options.today))
      return [`${title} ended on ${until}: satisfy the rule, or give a new reason and date.`];
    return options.areAllStacks && !isUsed(exemption) ? [`${title} is for nothing: remove it.`] : [];
  });
}

/** A rule in the record of a stack. */
export interface PolicyRule {
  readonly rule: string;
  readonly level: Result["level"];
  /** The cell of the table. */
  readonly result: string;
  readonly findings: readonly Pick<Result["findings"][number], "urn" | "at" | "problem" | "isUnknown">[];
}

/** The record for programs. It holds no value of a resource, only places. */
export interface PolicyRecord {
  readonly status: "failed" | "passed";
  readonly stacks: Readonly<
    Record<string, { readonly class: string; readonly rules: readonly PolicyRule[] }>
  >;
  readonly problems: readonly string[];
}

/** The record of what the rules found. */
export function record(stacks: readonly StackResults[], problems: readonly string[]): PolicyRecord {
  const isFailed = problems.length > 0 || stacks.some(({ results }) => results.some(fails));
  return {
    status: isFailed ? "failed" : "passed",
    stacks: Object.fromEntries(
      stacks.map(({ stack, resources, results }) => [
        stack,
        {
          class: classOf(resources),
          rules: results.map((result) => ({
            rule: result.rule.name,
            level: result.level,
            result: cell(result),
            findings: result.findings.map(({ urn, at, problem, isUnknown }) => ({
              urn,
              at,
              problem,
              isUnknown,
            })),
          })),
        },
      ]),
    ),
    problems,
  };
}
