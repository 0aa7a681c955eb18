import { isObject, UNKNOWN, type Fields } from "../engine-values.ts";

/** Fields of both, however deep: what a cloud adds may be beside what was asked for. What was asked for wins. */
export function merged(added: Fields, given: Fields): Fields {
  const both = Object.entries(given).map(([key, value]): [string, unknown] => {
    const other = added[key];
    return [key, isObject(other) && isObject(value) ? merged(other, value) : value];
  });
  return { ...added, ...Object.fromEntries(both) };
}

/** Of a value only what a template has, however deep. */
export function partOf(template: Fields, value: Fields): Fields {
  const parts = Object.entries(template)
    .filter(([key]) => value[key] !== undefined)
    .map(([key, each]): [string, unknown] => {
      const found = value[key];
      return [key, isObject(each) && isObject(found) ? partOf(each, found) : found];
    });
  return Object.fromEntries(parts);
}

/** Outputs that nobody knows before the resource is there. */
export function unknowns(template: Fields): Fields {
  const later = Object.entries(template).map(([key, each]): [string, unknown] => [
    key,
    isObject(each) ? unknowns(each) : UNKNOWN,
  ]);
  return Object.fromEntries(later);
}
