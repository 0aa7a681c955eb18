/** A JSON object whose keys are not known to the compiler: of an API server, of the engine, of a YAML file. */
export type Fields = Record<string, unknown>;

/** Tells whether a value is an object, which a list and null are not. */
export const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The value at a path of keys, undefined where any of them is missing. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

/** The object at a path of keys, empty where there is none. */
export function objectAt(value: unknown, ...path: string[]): Fields {
  const found = at(value, ...path);
  return isObject(found) ? found : {};
}

/** The list at a path of keys, empty where there is none. */
export function listAt(value: unknown, ...path: string[]): unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The text at a path of keys, empty where there is none. */
export function textAt(value: unknown, ...path: string[]): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}

/** The number at a path of keys, 0 where there is none. */
export const numberAt = (value: unknown, ...path: string[]): number => Number(at(value, ...path) ?? 0);

/** A copy of an object without some of its keys. */
export function without(object: Fields, keys: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** The name of a Kubernetes object, empty when it has none. */
export const nameOf = (object: Fields): string => textAt(object, "metadata", "name");

/** The namespace of a Kubernetes object, empty when it has none. */
export const namespaceOf = (object: Fields): string => textAt(object, "metadata", "namespace");

/** Merges two objects, and the objects in them, however deep; elsewhere the value of `override` wins. */
export function deepMerge(base: Fields, override: Fields): Fields {
  const merged = Object.entries(override).map(([key, value]): [string, unknown] => {
    const below = base[key];
    return [key, isObject(below) && isObject(value) ? deepMerge(below, value) : value];
  });
  return { ...base, ...Object.fromEntries(merged) };
}
