import { isIgnored } from "./ignore-changes.ts";
import { isAutonamed } from "./check-inputs.ts";
import type { Kind } from "./served-kinds.ts";
import { at, type Fields, isObject, nameOf, namespaceOf } from "../../system/fields.ts";

/** A difference between the live object and the inputs. */
export interface Change {
  /** The property path as Pulumi spells it, such as `spec.containers[0]["a.b"]`. */
  readonly path: string;
  readonly what: "add" | "delete" | "update";
  readonly replaces: boolean;
}

export interface ObjectDiff {
  readonly changes: readonly Change[];
  readonly deleteBeforeReplace: boolean;
}

/** The fields that hold a quantity, which Kubernetes writes in one way only: `500m` for `0.5`, `1Gi` for `1024Mi`. */
const QUANTITIES = new Set(["cpu", "memory", "storage", "ephemeral-storage", "sizeLimit", "averageValue"]);
const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

/** The number that a quantity stands for (Kubernetes API reference, "Quantity"); NaN for anything else. */
function quantity(value: unknown): number {
  const [, digits, unit = ""] = /^([\d.]+)(\D*)$/.exec(String(value)) ?? [];
  return Number(digits) * (UNITS[unit] ?? NaN);
}

/** Tells whether the API server leaves an optional field out that has this value (`omitempty` of Go). */
const isEmpty = (value: unknown): boolean =>
  value === "" ||
  value === 0 ||
  value === false ||
  (typeof value === "object" && Object.keys(value ?? {}).length === 0);

/**
 * Cuts the live object down to the fields that the inputs have (pruneLiveState, provider/pkg/provider/provider.go and
 * util.go @ 94977969), so that what the cluster adds is no change. The official plugin first sends both through Go's
 * types, which writes quantities one way and drops empty values; here such values are taken as the inputs spell them.
 */
export function prune(live: Fields, inputs: Fields): Fields {
  const kept = Object.entries(inputs).flatMap(([key, input]): [string, unknown][] => {
    if (live[key] === undefined) return isEmpty(input) ? [[key, input]] : [];
    return [[key, pruneValue(live[key], input, QUANTITIES.has(key))]];
  });
  return Object.fromEntries(kept);
}

function pruneValue(live: unknown, input: unknown, isQuantity = false): unknown {
  if (isObject(live) && isObject(input)) return prune(live, input);
  if (Array.isArray(live) && Array.isArray(input))
    return live.slice(0, input.length).map((element, index) => pruneValue(element, input[index]));
  return isQuantity && quantity(live) === quantity(input) ? input : live;
}

function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    if (/[."[\]]/.test(part)) return `${text}["${part.replaceAll('"', '\\"')}"]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** The fields that are maps in Go's types, which leave an empty one out; an empty struct, as of a selector, means something. */
const MAPS = new Set([
  "annotations",
  "labels",
  "matchLabels",
  "nodeSelector",
  "limits",
  "requests",
  "data",
  "stringData",
]);

/**
 * Tells whether a field has nothing: the official plugin leaves empty lists and maps out of the inputs that it keeps
 * (normalizeInputs, provider/pkg/provider/provider.go @ 94977969), so that a state may be without them.
 */
const hasNothing = (value: unknown, key: string): boolean =>
  value === undefined ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && MAPS.has(key) && Object.keys(value).length === 0);

type Step = Omit<Change, "path"> & { readonly path: readonly (string | number)[] };

function compare(old: unknown, next: unknown, path: readonly (string | number)[], kind: Kind): Step[] {
  if (isObject(old) && isObject(next)) {
    const keys = [...new Set([...Object.keys(old), ...Object.keys(next)])];
    return keys
      .filter((key) => !hasNothing(old[key], key) || !hasNothing(next[key], key))
      .flatMap((key) => compare(old[key], next[key], [...path, key], kind));
  }
  if (Array.isArray(old) && Array.isArray(next)) {
    const longest = old.length > next.length ? old : next;
    return longest.flatMap((_, index) => compare(old[index], next[index], [...path, index], kind));
  }
  if (old === next) return [];
  const what = old === undefined ? "add" : next === undefined ? "delete" : "update";
  return [{ path, what, replaces: kind.replaceOn.some((field) => isReached(field.split("."), path, next)) }];
}

/** Tells whether a change at `path` changes `field`: at it, below it, or above it where the new value has the field. */
function isReached(field: readonly string[], path: readonly (string | number)[], next: unknown): boolean {
  const isAlong = field.every((key, index) => index >= path.length || key === path[index]);
  return isAlong && (path.length >= field.length || at(next, ...field.slice(path.length)) !== undefined);
}

/**
 * Compares the live object, as it was last seen, with the new inputs. A replacement under a name that the program fixed
 * deletes the old object first (`Diff`, provider/pkg/provider/provider.go @ 94977969).
 */
export function diffObject(
  kind: Kind,
  live: Fields,
  oldInputs: Fields,
  newInputs: Fields,
  ignoreChanges: readonly string[] = [],
): ObjectDiff {
  const changes = compare(prune(live, oldInputs), newInputs, [], kind)
    .filter(({ path }) => !isIgnored(path, ignoreChanges))
    .map((step) => ({ ...step, path: pathText(step.path) }));
  const deleteBeforeReplace =
    changes.some(({ replaces }) => replaces) &&
    !isAutonamed(newInputs) &&
    nameOf(newInputs) === nameOf(live) &&
    namespaceOf(newInputs) === namespaceOf(live);
  return { changes, deleteBeforeReplace };
}
