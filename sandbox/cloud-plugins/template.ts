import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { isObject, type Fields } from "../../system/fields.ts";
import { UNKNOWN } from "../engine-values.ts";

/** Finds the value of a name in a template, such as `name` or `vpcId->cidrBlock`; undefined when there is none. */
export type Lookup = (name: string) => unknown;

/** Replaces the names in a template; one that is a single name gives that value as it is. */
export function expandTemplate(template: unknown, lookup: Lookup): unknown {
  if (Array.isArray(template)) return template.map((each) => expandTemplate(each, lookup));
  if (isObject(template) && Object.keys(template).join() === "base64") {
    const text = String(template.base64).replaceAll(/\{([\w.>[\]-]+)\}/g, (_, name: string) =>
      shown(lookup(name)),
    );
    return Buffer.from(text).toString("base64");
  }
  if (isObject(template))
    return Object.fromEntries(
      Object.entries(template).map(([key, each]) => [key, expandTemplate(each, lookup)]),
    );
  if (typeof template !== "string") return template;
  const [, whole] = /^\{([^{}]+)\}$/.exec(template) ?? [];
  if (whole !== undefined) return lookup(whole);
  return template.replaceAll(/\{([\w.>[\]:-]+)\}/g, (_, name: string) => {
    return shown(lookup(name));
  });
}

/** A value as part of a text; a value that is not there is empty. */
const shown = (value: unknown): string => {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
};

/** Expands a template to a text. */
export const expandText = (template: string, lookup: Lookup): string => {
  return shown(expandTemplate(template, lookup));
};

/** Values that are generated for a resource; the same name gives the same value again. */
export function generatedValues(): Lookup {
  const made = new Map<string, string>();
  const makers: Readonly<Record<string, () => string>> = {
    hex8: () => randomBytes(4).toString("hex"),
    hex17: () => randomBytes(9).toString("hex").slice(0, 17),
    uuid: () => randomUUID(),
    digits12: () => String(randomInt(10 ** 11, 2 ** 47 - 1)).slice(0, 12),
    now: () => new Date().toISOString(),
  };
  return (name) => {
    const make = makers[name];
    if (make === undefined) return undefined;
    const value = made.get(name) ?? make();
    made.set(name, value);
    return value;
  };
}

/** The value at a path such as `a.b[0].c`. */
export function valueAt(value: unknown, path: string): unknown {
  const keys = path.split(/[.[\]]+/).filter(Boolean);
  return keys.reduce<unknown>((at, key) => {
    if (Array.isArray(at)) return (at as unknown[])[Number(key)];
    return isObject(at) ? at[key] : undefined;
  }, value);
}

/** Picks the parts of a value that a template has, however deep. */
export function pickByTemplate(template: Fields, value: Fields): Fields {
  const parts = Object.entries(template)
    .filter(([key]) => value[key] !== undefined)
    .map(([key, each]): [string, unknown] => {
      const found = value[key];
      return [key, isObject(each) && isObject(found) ? pickByTemplate(each, found) : found];
    });
  return Object.fromEntries(parts);
}

/** The outputs of a resource that is not there yet: all of them are unknown. */
export function unknownOutputs(template: Fields): Fields {
  const later = Object.entries(template).map(([key, each]): [string, unknown] => [
    key,
    isObject(each) ? unknownOutputs(each) : UNKNOWN,
  ]);
  return Object.fromEntries(later);
}
