import { at, type Fields, isObject, listAt, objectAt, without } from "../../system/fields.ts";

/** The parts of a property path such as `spec.containers[0]["a.b"]` (ParsePropertyPath, sdk/go/property). */
function partsOf(path: string): (string | number)[] {
  const parts = path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g);
  return [...parts].map(([, quoted, index, plain]) => {
    if (quoted !== undefined) return quoted.replaceAll('\\"', '"');
    if (index !== undefined && index !== "*") return Number(index);
    return plain ?? "*";
  });
}

/** Tells whether `ignoreChanges` covers a path (PropertyPath.Contains; `Diff`, provider.go @ 94977969). */
export function isIgnored(path: readonly (string | number)[], ignoreChanges: readonly string[]): boolean {
  return ignoreChanges
    .map(partsOf)
    .some((ignored) =>
      ignored.every((part, index) => index < path.length && (part === "*" || part === path[index])),
    );
}

/** A copy with the value at a path set, or removed for undefined; the same where the path leads through no object. */
function replaced(object: Fields, [key = "", ...rest]: readonly string[], value: unknown): Fields {
  if (rest.length === 0) return value === undefined ? without(object, [key]) : { ...object, [key]: value };
  if (value === undefined && !isObject(object[key])) return object;
  return { ...object, [key]: replaced(objectAt(object, key), rest, value) };
}

/**
 * The inputs that are applied under `ignoreChanges`: a field that only other managers own is left out, so it is neither
 * taken over nor a conflict; any other field keeps its live value (handleSSAIgnoreFields, provider/pkg/await/await.go @
 * 94977969). Like there, paths through lists and quoted keys are used as the engine resolved them.
 */
export function applyIgnoreChanges(
  inputs: Fields,
  live: Fields,
  manager: string,
  ignoreChanges: readonly string[],
): Fields {
  const entries = listAt(live, "metadata", "managedFields");
  return ignoreChanges.reduce((result, ignored) => {
    const path = ignored.split(".");
    const managers = entries
      .filter((entry) => at(entry, "fieldsV1", ...path.map((key) => `f:${key}`)) !== undefined)
      .map((entry) => at(entry, "manager"));
    if (managers.length > 0 && !managers.includes(manager)) return replaced(result, path, undefined);
    const value = at(live, ...path);
    return value === undefined ? result : replaced(result, path, value);
  }, inputs);
}
