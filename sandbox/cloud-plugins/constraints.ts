import type { SimulatedAccount, CloudResource } from "./simulated-account.ts";
import { isDisjoint, isWithin } from "./cidr-rules.ts";
import type { ConstraintRule, PropertyRule, TypeRule } from "./rule-types.ts";
import { references, type Reference } from "./property-rules.ts";
import { expandText, valueAt, type Lookup } from "./template.ts";
import { type Fields, isObject } from "../../system/fields.ts";

/** The resource that a reference leads to; undefined when it leads nowhere. */
function referencedResource(
  { rule, value }: Reference,
  account: readonly CloudResource[],
): CloudResource | undefined {
  const tokens = [rule.refersTo ?? []].flat();
  return account.find((resource) =>
    tokens.some((token) => {
      const dot = token.lastIndexOf(".");
      const field = token.slice(dot + 1);
      if (resource.type !== token.slice(0, dot)) return false;
      return (field === "id" ? resource.id : valueAt(resource.outputs, field)) === value;
    }),
  );
}

/** The resources that the input at a path refers to, or each item of the list there. */
function resourcesAt(
  rule: TypeRule,
  inputs: Fields,
  path: string,
  account: readonly CloudResource[],
): CloudResource[] {
  return references(rule.properties, inputs)
    .filter((each) => each.path === path || each.path.replaceAll(/\[\d+\]/g, "") === path)
    .flatMap((each) => referencedResource(each, account) ?? []);
}

/** Looks up inputs by their path, and by `path->property` a property of the resource that an input refers to. */
export function inputLookup(rule: TypeRule, inputs: Fields, account: readonly CloudResource[]): Lookup {
  return (name) => {
    const [path = "", property] = name.split("->");
    if (property === undefined) return valueAt(inputs, path);
    const [resource] = resourcesAt(rule, inputs, path, account);
    return property === "id" ? resource?.id : valueAt(resource?.outputs, property);
  };
}

/**
 * Finds the constraints that a resource violates: references, networks, names in use, other resources.
 *
 * @param self the id of the resource when it is changed. @default it is made
 * @returns the cloud's answers.
 */
export function violations(
  type: string,
  rule: TypeRule,
  inputs: Fields,
  account: SimulatedAccount,
  lookup: Lookup,
  self?: string,
): string[] {
  const all = account.all();
  const dangling = references(rule.properties, inputs)
    .filter((each) => referencedResource(each, all) === undefined)
    .map(({ path, value }) => `${path}: ${value} does not exist`);
  if (dangling.length > 0) return dangling;
  const others = all.filter((each) => each.type === type && each.id !== self);
  return [
    ...networkViolations(rule, inputs, all, others),
    ...(rule.unique ?? []).flatMap((template) => {
      const value = expandText(template, lookup);
      const twin = others.find(
        (each) =>
          expandText(template, (name) => inputLookup(rule, each.inputs, all)(name) ?? lookup(name)) === value,
      );
      return twin === undefined ? [] : [`${value} is in use by ${twin.id}`];
    }),
    ...(rule.constraints ?? []).flatMap((need) =>
      holds(need, rule, inputs, all, lookup) ? [] : [expandText(need.message, lookup)],
    ),
  ];
}

/** Finds the networks among the inputs, however deep, that are not where they must be or overlap. */
function networkViolations(
  rule: TypeRule,
  inputs: Fields,
  all: readonly CloudResource[],
  others: readonly CloudResource[],
): string[] {
  const find = inputLookup(rule, inputs, all);
  const check = ({ cidrWithin, cidrDisjointBy }: PropertyRule, own: string, path: string): string[] => {
    const outer = [cidrWithin === undefined ? [] : find(cidrWithin)].flat().map(String);
    const outside =
      outer.length > 0 && !outer.some((each) => isWithin(own, each))
        ? [`${own} is not within ${outer.join(", ")}`]
        : [];
    if (cidrDisjointBy === undefined) return outside;
    const clash = others.find(
      (each) =>
        each.inputs[cidrDisjointBy] === inputs[cidrDisjointBy] &&
        !isDisjoint(own, text(valueAt(each.inputs, path) ?? "")),
    );
    return clash === undefined ? outside : [...outside, `${own} conflicts with ${clash.id}`];
  };
  const walk = (properties: NonNullable<PropertyRule["properties"]>, value: Fields, path: string): string[] =>
    Object.entries(properties).flatMap(([key, each]) => {
      const [given, here] = [value[key], path === "" ? key : `${path}.${key}`];
      if (typeof given === "string") return check(each, given, here);
      return isObject(given) && each.properties ? walk(each.properties, given, here) : [];
    });
  return walk(rule.properties, inputs, "");
}

/** Tells whether a constraint holds. */
function holds(
  need: ConstraintRule,
  rule: TypeRule,
  inputs: Fields,
  all: readonly CloudResource[],
  lookup: Lookup,
): boolean {
  const full = (pattern: string) => new RegExp(`^(?:${pattern})$`, "s");
  if ("exists" in need) {
    return all.some((each) => each.type === need.exists && matches(need.where, each, lookup));
  }
  if (!("of" in need)) {
    const [given, wanted] = [lookup(need.when), need.is];
    return given !== wanted || full(need.matches).test(text(lookup(need.path) ?? ""));
  }
  if ("when" in need && lookup(need.when) !== need.is) return true;
  const values = resourcesAt(rule, inputs, need.of, all).map((each) =>
    text(valueAt(each.outputs, need.property) ?? ""),
  );
  if ("matches" in need) return values.every((value) => full(need.matches).test(value));
  const { least, most } = need.distinct;
  const count = new Set(values).size;
  return count >= least && count <= most;
}

const text = (value: unknown): string =>
  isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);

/** Finds the resources that forbid the deletion of another one: they refer to it, need it, or lock it. */
export function blockers(
  resource: CloudResource,
  account: SimulatedAccount,
  rules: Readonly<Record<string, TypeRule>>,
  place: Lookup,
): CloudResource[] {
  const all = account.all();
  return all.filter((other) => {
    const rule = rules[other.type];
    if (rule === undefined || other.id === resource.id) return false;
    const find = inputLookup(rule, other.inputs, all);
    const own: Lookup = (name) => find(name) ?? valueAt(other.outputs, name) ?? place(name);
    const locked = rule.locks === undefined ? undefined : expandText(rule.locks, own);
    if (
      locked !== undefined &&
      (locked === resource.id || (rule.locksBelow && resource.id.startsWith(`${locked}/`)))
    )
      return true;
    if (
      references(rule.properties, other.inputs).some(
        (each) => referencedResource(each, [resource]) !== undefined,
      )
    )
      return true;
    return (rule.constraints ?? []).some(
      (need) => "exists" in need && need.exists === resource.type && matches(need.where, resource, own),
    );
  });
}

/** Tells whether a resource has these values, which are templates, at these paths. */
const matches = (
  where: Readonly<Record<string, string>>,
  { outputs }: CloudResource,
  lookup: Lookup,
): boolean =>
  Object.entries(where).every(
    ([path, template]) => text(valueAt(outputs, path) ?? "") === expandText(template, lookup),
  );
