import type { z } from "zod";
import type { Problem } from "./problems.ts";
import { schemaAt, type SettingSchema } from "./setting-schema.ts";

/**
 * Settings that are refused, and cannot be read.
 *
 * A wrong setting is reported once, and hides nothing else: what is right beside it is checked all the same. It stays
 * where it is, but reading it throws a `PoisonedSetting`, so that no check can come to a conclusion from it, nor show a
 * value that the user did not write. The check ends there, without a word; {@link collectProblems} takes the throw, and
 * goes on with the next one. A run cannot crash of it: `crossChecks` is a list that `validate` runs in this way, and so
 * are the checks of a cloud. Within a check, what should be reported in spite of a poisoned setting beside it is a check
 * of its own, for {@link collectProblems} or {@link collectEach}.
 */
class PoisonedSetting extends Error {}

/** Makes a setting unreadable, in place. */
export function poison(settings: object, path: readonly PropertyKey[]): void {
  const holder = path
    .slice(0, -1)
    .reduce<unknown>((at, key) => (at as Partial<Record<PropertyKey, unknown>> | undefined)?.[key], settings);
  if (typeof holder !== "object" || holder === null) return; // a group that was left out
  Object.defineProperty(holder, path.at(-1) ?? "", {
    enumerable: true,
    configurable: true, // it may be wrong for two reasons
    get: () => {
      throw new PoisonedSetting(path.join("."));
    },
  });
}

/** The value that is read; undefined where that takes a poisoned setting. */
export function ifReadable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof PoisonedSetting) return undefined;
    throw error;
  }
}

/** The problems of all checks but those that take a poisoned setting, which speak again when it is mended. */
export function collectProblems(...checks: readonly (() => readonly Problem[])[]): Problem[] {
  return checks.flatMap((check) => ifReadable(check) ?? []);
}

/** The problems of each entry of a list, by itself. */
export function collectEach<T>(
  list: readonly T[],
  check: (entry: T, index: number) => readonly Problem[],
): Problem[] {
  return collectProblems(...Array.from(list.keys(), (index) => () => check(list[index] as T, index)));
}

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/**
 * Settings that a schema refuses, with what is wrong in them poisoned; undefined where nothing can be made of them.
 *
 * To let the rest be read, a wrong setting is replaced by its example, or by nothing, or left out with its group.
 *
 * @param described the schema, as JSON Schema.
 * @param meant the key that was probably meant by an unknown one: what it would be is not known either.
 */
export function salvage(
  schema: z.ZodType,
  described: SettingSchema,
  given: unknown,
  issues: readonly Issue[],
  meant: (issue: Issue, key: string) => string | undefined,
): unknown {
  const example = ({ path }: Issue): unknown => schemaAt(described, path, given)?.examples?.[0];
  // How much longer than the setting's the path is that is replaced, and by what.
  const repairs: readonly (readonly [length: number, valueOf: (issue: Issue) => unknown])[] = [
    [0, example],
    [0, () => undefined],
    [-1, () => undefined],
  ];
  const wrong: Path[] = [];
  let settings = structuredClone(given);
  let left = issues;
  for (const [length, valueOf] of repairs) {
    for (const issue of left) {
      const unknown = issue.code === "unrecognized_keys" ? issue.keys : [];
      for (const key of unknown) {
        settings = replaced(settings, [...issue.path, key], undefined);
        const other = meant(issue, key);
        if (other !== undefined) wrong.push([...issue.path, other]);
      }
      if (unknown.length > 0) continue;
      const path = issue.path.slice(0, issue.path.length + length);
      settings = replaced(settings, path, valueOf(issue));
      wrong.push(path);
    }
    if (wrong.some((path) => path.length === 0)) return undefined;
    const result = schema.safeParse(settings);
    if (result.success) {
      // The deepest first: nothing behind a poisoned setting can be reached.
      for (const path of wrong.sort((a, b) => b.length - a.length)) poison(result.data as object, path);
      return result.data;
    }
    left = result.error.issues;
  }
  return undefined;
}

/** A copy with another value at a path; undefined takes the key away. */
export function replaced(settings: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  const holder = typeof settings === "object" && settings !== null ? settings : {};
  const inner = replaced((holder as Record<PropertyKey, unknown>)[key], rest, value);
  if (Array.isArray(holder)) return holder.map((each: unknown, index) => (index === key ? inner : each));
  const others = Object.entries(holder).filter(([name]) => name !== key);
  return Object.fromEntries(inner === undefined ? others : [...others, [key, inner]]);
}
