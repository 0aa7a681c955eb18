import { cidrRange } from "./cidr-rules.ts";
import type { PropertyRule, TypeRule } from "./rule-types.ts";
import { hasUnknown, UNKNOWN } from "../engine-values.ts";
import { type Fields, isObject } from "../../system/fields.ts";

/** An input that is refused, by its path as the engine spells it: `vpcConfig.subnetIds[0]`. */
export interface InputFailure {
  readonly path: string;
  readonly reason: string;
}

/** Finds everything that the model refuses in the inputs of a resource. A value that is not known yet is not judged. */
export const inputFailures = (properties: TypeRule["properties"], inputs: Fields): InputFailure[] =>
  objectFailures(properties, inputs, "");

function objectFailures(
  properties: NonNullable<PropertyRule["properties"]>,
  value: Fields,
  path: string,
): InputFailure[] {
  const below = (key: string) => (path === "" ? key : `${path}.${key}`);
  const unknown = Object.keys(value)
    .filter((key) => value[key] !== null && !(key in properties))
    .map((key) => ({
      path: below(key),
      reason: `unknown property; the simulated cloud knows: ${Object.keys(properties).join(", ")}`,
    }));
  const known = Object.entries(properties).flatMap(([key, rule]) => {
    const given = value[key];
    if (given !== undefined && given !== null) return valueFailures(rule, given, below(key));
    return rule.required ? [{ path: below(key), reason: "is required" }] : [];
  });
  return [...unknown, ...known];
}

function valueFailures(rule: PropertyRule, value: unknown, path: string): InputFailure[] {
  if (value === UNKNOWN) return [];
  const fail = (reason: string): InputFailure[] => [{ path, reason }];
  const found = JSON.stringify(value);
  switch (rule.type) {
    case "object":
      return isObject(value)
        ? objectFailures(rule.properties ?? {}, value, path)
        : fail(`${found} is no object`);
    case "map":
      if (!isObject(value)) return fail(`${found} is no map`);
      return Object.entries(value).flatMap(([key, each]) =>
        rule.values ? valueFailures(rule.values, each, `${path}[${JSON.stringify(key)}]`) : [],
      );
    case "list": {
      if (!Array.isArray(value)) return fail(`${found} is no list`);
      const { minItems = 0, maxItems = Infinity, items } = rule;
      if (value.length < minItems || value.length > maxItems)
        return fail(`has ${value.length} items, expected ${minItems} to ${maxItems}`);
      return value.flatMap((each: unknown, index) =>
        items ? valueFailures(items, each, `${path}[${index}]`) : [],
      );
    }
    case "boolean":
      return typeof value === "boolean" ? [] : fail(`${found} is not true or false`);
    case "integer":
    case "number":
      return numberFailure(rule, value).flatMap(fail);
    case "string":
      return textFailure(rule, value).flatMap(fail);
  }
}

function numberFailure(
  { type, min = -Infinity, max = Infinity, enum: allowed }: PropertyRule,
  value: unknown,
): string[] {
  if (typeof value !== "number" || (type === "integer" && !Number.isInteger(value)))
    return [`${JSON.stringify(value)} is no ${type}`];
  if (allowed && !allowed.includes(value)) return [`${value} is none of ${allowed.join(", ")}`];
  return value < min || value > max ? [`${value} is not from ${min} to ${max}`] : [];
}

function textFailure(rule: PropertyRule, value: unknown): string[] {
  const { enum: allowed, pattern, minLength = 0, maxLength = Infinity, cidr } = rule;
  if (typeof value !== "string") return [`${JSON.stringify(value)} is no text`];
  const found = JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
  if (allowed && !allowed.includes(value)) return [`${found} is none of ${allowed.join(", ")}`];
  if (value.length < minLength || value.length > maxLength)
    return [`${found} has ${value.length} characters, expected ${minLength} to ${maxLength}`];
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`, "s").test(value))
    return [`${found} does not match ${pattern}`];
  if (cidr === undefined) return [];
  const range = cidrRange(value);
  if (range === undefined) return [`${found} is no network in CIDR notation`];
  return range.prefix < cidr.least || range.prefix > cidr.most
    ? [`${found}: the prefix must be from /${cidr.least} to /${cidr.most}`]
    : [];
}

/** Completes inputs with the defaults of the cloud. */
export function withDefaults(properties: NonNullable<PropertyRule["properties"]>, inputs: Fields): Fields {
  const filled = Object.entries(properties).flatMap(([key, rule]): [string, unknown][] => {
    const given = inputs[key];
    if (given === undefined || given === null) return rule.default === undefined ? [] : [[key, rule.default]];
    if (rule.type === "object" && isObject(given) && !hasUnknown(given))
      return [[key, withDefaults(rule.properties ?? {}, given)]];
    return [[key, given]];
  });
  return Object.fromEntries(filled);
}

/** An input that refers to another resource. */
export interface Reference {
  readonly path: string;
  readonly rule: PropertyRule;
  readonly value: string;
}

/** Lists the references in the inputs that are known. */
export function references(
  properties: NonNullable<PropertyRule["properties"]>,
  inputs: Fields,
  path = "",
): Reference[] {
  const of = (rule: PropertyRule, value: unknown, here: string): Reference[] => {
    if (value === undefined || value === null || value === UNKNOWN) return [];
    if (rule.refersTo !== undefined && typeof value === "string") {
      const { refersOutside } = rule;
      const isOutside = refersOutside !== undefined && new RegExp(`^(?:${refersOutside})$`).test(value);
      return isOutside ? [] : [{ path: here, rule, value }];
    }
    if (Array.isArray(value) && rule.items) {
      const { items } = rule;
      return value.flatMap((each: unknown, index) => of(items, each, `${here}[${index}]`));
    }
    return isObject(value) && rule.properties ? references(rule.properties, value, here) : [];
  };
  return Object.entries(properties).flatMap(([key, rule]) =>
    of(rule, inputs[key], path === "" ? key : `${path}.${key}`),
  );
}
