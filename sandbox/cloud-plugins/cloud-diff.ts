import { UNKNOWN } from "../engine-values.ts";
import type { PropertyRule } from "./rule-types.ts";
import { type Fields, isObject } from "../../system/fields.ts";

/** One difference between old and new inputs. */
export interface Change {
  /** `vpcConfig.subnetIds[0]`. */
  readonly path: string;
  readonly replaces: boolean;
  /** The cloud refuses it. */
  readonly fixed: boolean;
}

type Properties = Readonly<Record<string, PropertyRule>>;

/** What differs, and whether the model's update operation cannot change it. */
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
  // Above a property that replaces, nothing of it is the same any more.
  const [replaces, fixed] = [rule?.replaces === true, rule?.fixed === true];
  if (replaces || fixed || next === UNKNOWN) return [{ path, replaces, fixed }];
  if (isObject(old) && isObject(next)) return diffInputs(old, next, rule?.properties ?? [], path);
  if (Array.isArray(old) && Array.isArray(next) && old.length === next.length)
    return old.flatMap((each: unknown, index) =>
      diffValue(each, next[index], rule?.items, `${path}[${index}]`),
    );
  return [{ path, replaces: false, fixed: false }];
}
