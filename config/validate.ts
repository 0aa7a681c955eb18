import { z } from "zod";
import type { Services } from "../components/service.ts";
import { sections, type Config } from "./schema.ts";
import { crossChecks, type Facts } from "./checks.ts";
import { parseDescription } from "./schema-types.ts";
import { nearest, removeCommand, setCommand, settingKey, shown, type Problem } from "./problems.ts";
import { currentKey, serviceListProblems } from "./service-list.ts";
import { poison, salvage } from "./poisoned.ts";

/** A configuration that can be used, or everything that is wrong with it. */
export type Validated =
  { readonly config: Config; readonly problems: readonly [] } | { readonly problems: readonly Problem[] };

/**
 * Checks the whole configuration and reports all problems at once.
 *
 * @param raw settings under `multi-client:`, by key, as they stand in the stack file.
 */
export function validate(
  raw: Readonly<Record<string, unknown>>,
  services: Services,
  facts: Facts,
): Validated {
  const schema = sections(services);
  const problems: Problem[] = [...serviceListProblems(services)];
  const known = Object.keys(schema);
  problems.push(
    ...Object.keys(raw)
      .filter((key) => !known.includes(key))
      .map((key) => unknownKey([key], raw[key], known, nearest(key, known))),
  );
  const parts: Record<string, unknown> = {};
  for (const [section, sectionSchema] of Object.entries<z.ZodType>(schema)) {
    const result = sectionSchema.safeParse(raw[section]);
    if (result.success) {
      parts[section] = result.data;
      continue;
    }
    const { issues } = result.error;
    const secret = facts.secretSections.includes(section);
    problems.push(
      ...issues.flatMap((issue) => sectionProblems(section, sectionSchema, raw, issue, secret, services)),
    );
    const meant = (issue: z.core.$ZodIssue, key: string) => {
      const close = closest(knownKeys(sectionSchema, issue.path, raw[section]), key, services);
      // Where both are set, the one that is right counts.
      return valueAt(raw, [section, ...issue.path, close ?? ""]) === undefined ? close : undefined;
    };
    // What is right in the section is still checked, with and against all others.
    const right = salvage(sectionSchema, raw[section], issues, meant);
    if (right === undefined) poison(parts, [section]);
    else parts[section] = right;
  }
  const parsed = parts as unknown as Config;
  problems.push(...crossChecks(parsed, services, facts).map((problem) => hidden(problem, raw, facts)));
  return problems.length > 0 ? { problems } : { config: parsed, problems: [] };
}

/** A problem that shows nothing of a section that holds a secret. */
function hidden(
  problem: Problem,
  raw: Readonly<Record<string, unknown>>,
  { secretSections }: Facts,
): Problem {
  const [, section = ""] = /^multi-client:(\w+)/.exec(problem.key) ?? [];
  // What a check itself says of a secret begins so: `[secret], which ...`.
  if (!secretSections.includes(section) || problem.found.startsWith("[secret]")) return problem;
  const text = JSON.stringify(raw[section]);
  const quoted = text.match(/"(\\.|[^"\\])*"/g) ?? [];
  const fix = quoted.reduce((left, value) => left.replaceAll(value, '"[not shown]"'), problem.fix);
  return { ...problem, found: "[not shown]", fix };
}

function sectionProblems(
  section: string,
  schema: z.ZodType,
  raw: Readonly<Record<string, unknown>>,
  issue: z.core.$ZodIssue,
  secret: boolean,
  services: Services,
): Problem[] {
  const path = [section, ...issue.path];
  const value = valueAt(raw, path);
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys(schema, issue.path, valueAt(raw, [section]));
    return issue.keys.map((key) => {
      const there = secret ? undefined : valueAt(value, [key]);
      return unknownKey([...path, key], there, known, closest(known, key, services));
    });
  }
  const { allowed: expected, example } = parseDescription(issue.message) ?? {
    allowed: issue.message,
    example: "VALUE",
  };
  const hidden = (secret || expected.startsWith("a PEM block")) && value !== undefined;
  const found = hidden ? "[not shown]" : shown(value);
  const problem = { key: settingKey(path), found, expected, fix: setCommand(path, example) };
  // Settings of several values cannot be set by one command: the wrong ones go, and the defaults hold.
  if (expected === "settings")
    return [{ ...problem, expected: `settings such as ${example}`, fix: removeCommand(path) }];
  if (section === "cluster" && path.length === 1)
    return [{ ...problem, fix: setCommand([section, "provider"], example) }];
  // Without its `provider` the other settings of a cluster cannot be judged: what stands there is shown.
  if (section === "cluster" && value === undefined && path.at(-1) === "provider")
    return [
      { ...problem, found: `nothing (there: ${Object.keys(raw.cluster as object).join(", ") || "nothing"})` },
    ];
  return [problem];
}

/** The key that an unknown one probably stands for. */
function closest(known: readonly string[], key: string, services: Services): string | undefined {
  const now = currentKey(services, key);
  return now !== undefined && known.includes(now) ? now : nearest(key, known);
}

function unknownKey(
  path: readonly PropertyKey[],
  value: unknown,
  known: readonly string[],
  close: string | undefined,
): Problem {
  const remove = removeCommand(path);
  return {
    key: settingKey(path),
    found: value === undefined ? "an unknown key" : `an unknown key, set to ${shown(value)}`,
    expected: `one of ${known.join(", ")}`,
    fix: close === undefined ? remove : `did you mean '${close}'? Then: ${remove}`,
  };
}

/** Keys that the schema knows at a path; of a choice by `provider`, those of the provider that was written. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): string[] {
  interface Node {
    properties?: Record<string, Node & { const?: unknown }>;
    oneOf?: Node[];
    anyOf?: Node[];
  }
  const resolve = (node: Node | undefined, at: unknown): Node | undefined => {
    const choices = node?.oneOf ?? node?.anyOf;
    if (!choices) return node;
    const provider = valueAt(at, ["provider"]);
    return choices.find((choice) => choice.properties?.provider?.const === provider) ?? choices[0];
  };
  let at = value;
  let node = resolve(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Node, at);
  for (const key of path) {
    at = valueAt(at, [key]);
    node = resolve(node?.properties?.[String(key)], at);
  }
  return Object.keys(node?.properties ?? {});
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}
