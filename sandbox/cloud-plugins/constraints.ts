import type { Account, Resource } from "./simulated-account.ts";
import { isApart, isWithin } from "./cidr-rules.ts";
import type { NeedRule, PropertyRule, TypeRule } from "./rule-types.ts";
import { references, type Reference } from "./property-rules.ts";
import { expandText, valueAt, type Lookup } from "./template.ts";
import { type Fields, isObject } from "../../system/fields.ts";

/** The resource that a reference leads to; undefined when it leads nowhere. */
export function target({ rule, value }: Reference, account: readonly Resource[]): Resource | undefined {
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

/** Resources behind the input at a path, or behind each item of the list there. */
function behind(rule: TypeRule, inputs: Fields, path: string, account: readonly Resource[]): Resource[] {
  return references(rule.properties, inputs)
    .filter((each) => each.path === path || each.path.replaceAll(/\[\d+\]/g, "") === path)
    .flatMap((each) => target(each, account) ?? []);
}

/** `path->property`: that property of the resource behind an input. */
export function followed(rule: TypeRule, inputs: Fields, account: readonly Resource[]): Lookup {
  return (name) => {
    const [path = "", property] = name.split("->");
    if (property === undefined) return valueAt(inputs, path);
    const [resource] = behind(rule, inputs, path, account);
    return property === "id" ? resource?.id : valueAt(resource?.outputs, property);
  };
}

/** What the cloud answers when something else is not as it must be; empty when all is well. */
export function violations(
  type: string,
  rule: TypeRule,
  inputs: Fields,
  account: Account,
  lookup: Lookup,
  self?: string,
): string[] {
  const all = account.all();
  const dangling = references(rule.properties, inputs)
    .filter((each) => target(each, all) === undefined)
    .map(({ path, value }) => `${path}: ${value} does not exist`);
  if (dangling.length > 0) return dangling;
  const others = all.filter((each) => each.type === type && each.id !== self);
  return [
    ...networks(rule, inputs, all, others),
    ...(rule.unique ?? []).flatMap((template) => {
      const value = expandText(template, lookup);
      const twin = others.find(
        (each) =>
          expandText(template, (name) => followed(rule, each.inputs, all)(name) ?? lookup(name)) === value,
      );
      return twin === undefined ? [] : [`${value} is in use by ${twin.id}`];
    }),
    ...(rule.needs ?? []).flatMap((need) =>
      holds(need, rule, inputs, all, lookup) ? [] : [expandText(need.say, lookup)],
    ),
  ];
}

/** What is wrong with the networks among the inputs, however deep. */
function networks(
  rule: TypeRule,
  inputs: Fields,
  all: readonly Resource[],
  others: readonly Resource[],
): string[] {
  const find = followed(rule, inputs, all);
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
        !isApart(own, text(valueAt(each.inputs, path) ?? "")),
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

function holds(
  need: NeedRule,
  rule: TypeRule,
  inputs: Fields,
  all: readonly Resource[],
  lookup: Lookup,
): boolean {
  const full = (pattern: string) => new RegExp(`^(?:${pattern})$`, "s");
  if ("exists" in need) {
    return all.some((each) => each.type === need.exists && isIt(need.where, each, lookup));
  }
  if (!("of" in need)) {
    const [given, wanted] = [lookup(need.when), need.is];
    return given !== wanted || full(need.matches).test(text(lookup(need.path) ?? ""));
  }
  if ("when" in need && lookup(need.when) !== need.is) return true;
  const values = behind(rule, inputs, need.of, all).map((each) =>
    text(valueAt(each.outputs, need.property) ?? ""),
  );
  if ("matches" in need) return values.every((value) => full(need.matches).test(value));
  const { least, most } = need.distinct;
  const count = new Set(values).size;
  return count >= least && count <= most;
}

const text = (value: unknown): string =>
  isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);

/** What forbids to delete a resource: what refers to it, what needs it, and what locks it. */
export function holders(
  resource: Resource,
  account: Account,
  rules: Readonly<Record<string, TypeRule>>,
  place: Lookup,
): Resource[] {
  const all = account.all();
  return all.filter((other) => {
    const rule = rules[other.type];
    if (rule === undefined || other.id === resource.id) return false;
    const find = followed(rule, other.inputs, all);
    const own: Lookup = (name) => find(name) ?? valueAt(other.outputs, name) ?? place(name);
    const locked = rule.locks === undefined ? undefined : expandText(rule.locks, own);
    if (
      locked !== undefined &&
      (locked === resource.id || (rule.locksBelow && resource.id.startsWith(`${locked}/`)))
    )
      return true;
    if (references(rule.properties, other.inputs).some((each) => target(each, [resource]) !== undefined))
      return true;
    return (rule.needs ?? []).some(
      (need) => "exists" in need && need.exists === resource.type && isIt(need.where, resource, own),
    );
  });
}

const isIt = (where: Readonly<Record<string, string>>, { outputs }: Resource, lookup: Lookup): boolean =>
  Object.entries(where).every(
    ([path, template]) => text(valueAt(outputs, path) ?? "") === expandText(template, lookup),
  );
