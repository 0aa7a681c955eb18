import { diffInputs } from "./cloud-diff.ts";
import { violations } from "./constraints.ts";
import type { CloudResource, SimulatedAccount } from "./simulated-account.ts";
import type { TypeRule } from "./rule-types.ts";
import { expandText, valueAt, type Lookup } from "./template.ts";
import type { Fields } from "../../system/fields.ts";

/**
 * Finds everything for which the cloud refuses to make or change a resource, in its words.
 *
 * @param old the resource when it is changed. @default it is made
 */
export function refusals(
  type: string,
  rules: Readonly<Record<string, TypeRule>>,
  inputs: Fields,
  account: SimulatedAccount,
  lookup: Lookup,
  old?: CloudResource,
): string[] {
  const rule = rules[type];
  if (rule === undefined) return [];
  return [
    ...(old
      ? [...fixedViolations(rule, old.inputs, inputs), ...versionViolations(rule, old.inputs, inputs)]
      : []),
    ...violations(type, rule, inputs, account, lookup, old?.id),
    ...limitViolations(type, rules, inputs, account, lookup, old?.id),
  ];
}

function fixedViolations({ properties }: TypeRule, old: Fields, inputs: Fields): string[] {
  const fixed = diffInputs(old, inputs, properties).filter((change) => change.fixed);
  return fixed.length === 0 ? [] : [`${fixed.map(({ path }) => path).join(", ")} cannot be changed`];
}

/** Finds the limits of the account that a resource would exceed, and the features that it needs and the account lacks. */
function limitViolations(
  type: string,
  rules: Readonly<Record<string, TypeRule>>,
  inputs: Fields,
  account: SimulatedAccount,
  lookup: Lookup,
  self?: string,
): string[] {
  const { limits = {}, features } = account.settings();
  const { takes, needsFeatures = [] } = rules[type] ?? {};
  const missing = needsFeatures
    .filter(({ feature, when, is }) => valueAt(inputs, when) === is && !features.includes(feature))
    .map(({ message }) => message);
  const most = takes && limits[takes.limit];
  if (takes === undefined || most === undefined) return missing;
  const others = account.all().filter(({ id }) => id !== self);
  const left = most - others.reduce((sum, each) => sum + amountOf(rules[each.type], each, takes.limit), 0);
  const asked = amountOf(rules[type], { inputs }, takes.limit);
  const values: Lookup = (name) => ({ left, asked })[name] ?? lookup(name);
  return asked > left ? [...missing, expandText(takes.message, values)] : missing;
}

/** The amount that a resource takes of a limit: one, or the CPUs of all its virtual machines. */
function amountOf(
  rule: TypeRule | undefined,
  { inputs }: Pick<CloudResource, "inputs">,
  limit: string,
): number {
  const { takes } = rule ?? {};
  if (takes?.limit !== limit) return 0;
  if (takes.machines === undefined) return 1;
  const { size, count } = takes.machines;
  const [, cpus = "0"] = /^Standard_[A-Z]+(\d+)/.exec(String(valueAt(inputs, size))) ?? [];
  return Number(cpus) * Number(valueAt(inputs, count) ?? 1);
}

/**
 * Finds the versions of Kubernetes that a control plane cannot reach from the one that it has: it goes up by one minor
 * version at a time, and never down.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html
 * @see https://learn.microsoft.com/azure/aks/upgrade-aks-cluster
 */
function versionViolations({ version }: TypeRule, old: Fields, inputs: Fields): string[] {
  if (version === undefined) return [];
  const [before, after] = [old, inputs].map((of) => Number(String(of[version]).split(".")[1]));
  if (before === undefined || after === undefined || after === before || after === before + 1) return [];
  return [
    `Kubernetes ${String(old[version])} cannot become ${String(inputs[version])}: one minor version up at a time`,
  ];
}
