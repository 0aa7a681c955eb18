import { UNKNOWN } from "../engine-values.ts";
import type { PropertyRule } from "./rule-types.ts";
import { type Fields, isObject } from "../../system/fields.ts";

/** A difference between old and new inputs. */
export interface Change {
  /** The property path, such as `vpcConfig.subnetIds[0]`. */
  readonly path: string;
  readonly replaces: boolean;
  /** The cloud refuses the change. */
  readonly fixed: boolean;
}

type Properties = Readonly<Record<string, PropertyRule>>;

/** Finds the differences between old and new inputs, and those that the model's update operation cannot make. */
export function diffInputs(
  olds: Fields,
  news: Fields,
  properties: Properties | readonly never[],
  path = "",
): Change[] {
  const rules: Properties = Array.isArray(properties) ? {} : (properties as Properties);
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
  return keys.flatMap((key) =>
    diffValue(olds[key], news[key], rules[key], path === "" ? key : `${path}.${key}`),
  );
}

function diffValue(old: unknown, next: unknown, rule: PropertyRule | undefined, path: string): Change[] {
  if (JSON.stringify(old) === JSON.stringify(next)) return [];
  // A property that replaces is new as a whole: its own properties are not compared.
  const [replaces, fixed] = [rule?.replaces === true, rule?.fixed === true];
  if (replaces || fixed || next === UNKNOWN) return [{ path, replaces, fixed }];
  if (isObject(old) && isObject(next)) return diffInputs(old, next, rule?.properties ?? [], path);
  if (Array.isArray(old) && Array.isArray(next) && old.length === next.length)
    return old.flatMap((each: unknown, index) =>
      diffValue(each, next[index], rule?.items, `${path}[${index}]`),
    );
  return [{ path, replaces: false, fixed: false }];
}
