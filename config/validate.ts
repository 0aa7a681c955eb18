import type { z } from "zod";
import type { Services } from "../components/service.ts";
import { publicExposure, sections, type Config } from "./schema.ts";
import { crossChecks, type Facts } from "./checks.ts";
import {
  editStackFile,
  removeCommand,
  setCommand,
  settingKey,
  settingProblem,
  shown,
  withoutTexts,
  type Problem,
} from "./problems.ts";
import { groupOf } from "./raw-settings.ts";
import { isReadableList, serviceListProblems } from "./service-list.ts";
import { jsonSchema, schemaAt, valueAt, type SettingSchema } from "./setting-schema.ts";
import { meantValues, suggestionOf } from "./suggestions.ts";
import { flatPath, meantKey, unknownKeyProblem, type Surroundings } from "./unknown-keys.ts";
import { collectProblems, ifReadable, poison, replaced, salvage } from "./poisoned.ts";

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
  if (!isReadableList(services)) return { problems: serviceListProblems(services) };
  const schema = sections(services);
  const problems: Problem[] = [...serviceListProblems(services)];
  const root = {
    properties: Object.fromEntries(
      Object.entries(schema).map(([section, each]) => [section, jsonSchema(each)]),
    ),
  };
  const settings: Surroundings = { root, raw, services };
  const unknown = Object.keys(raw).filter((key) => !(key in schema));
  const flat = unknown.flatMap((key) => flatPath([], key, settings)?.[0] ?? []);
  problems.push(
    ...unknown.map((key) =>
      key === "multi-client"
        ? nestedSections(groupOf(raw[key]))
        : unknownKeyProblem([], key, facts.secretSections.includes(key), settings),
    ),
  );
  const parts: Record<string, unknown> = {};
  for (const [section, sectionSchema] of Object.entries<z.ZodType>(schema)) {
    if (raw[section] === undefined && flat.includes(section)) {
      poison(parts, [section]);
      continue;
    }
    const result = sectionSchema.safeParse(raw[section]);
    if (result.success) {
      parts[section] = result.data;
      continue;
    }
    const { issues } = result.error;
    const described = jsonSchema(sectionSchema);
    problems.push(
      ...issues.flatMap((issue) =>
        issueProblems(section, sectionSchema, settings, issue, facts.secretSections.includes(section)),
      ),
    );
    const meant = (issue: z.core.$ZodIssue, key: string) => {
      const close = meantKey([section, ...issue.path], key, settings);
      // Where both are set, the one that is right counts.
      return valueAt(raw, [section, ...issue.path, close ?? ""]) === undefined ? close : undefined;
    };
    // What is right in the section is still checked, with and against all others.
    const right = salvage(sectionSchema, described, raw[section], issues, meant);
    if (right === undefined) poison(parts, [section]);
    else parts[section] = right;
  }
  const parsed = parts as unknown as Config;
  resolveExposure(parsed);
  const found = collectProblems(...crossChecks.map((check) => () => check(parsed, services, facts)));
  problems.push(...found.map((each) => hidden(each, raw, facts)));
  return problems.length > 0 ? { problems } : { config: parsed, problems: [] };
}

/** Puts the exposure that `public` means in its place; where the cluster is refused, that is not known. */
function resolveExposure(config: Config): void {
  const exposure = ifReadable(() => config.exposure) as { type: string } | undefined;
  if (exposure === undefined || ifReadable(() => exposure.type) !== "public") return;
  const type = ifReadable(() => publicExposure(config.cluster));
  if (type === undefined) poison(exposure, ["type"]);
  else exposure.type = type;
}

/** A problem that shows nothing of a section that holds a secret. */
function hidden(found: Problem, raw: Readonly<Record<string, unknown>>, { secretSections }: Facts): Problem {
  const [, section = ""] = /^multi-client:(\w+)/.exec(found.key) ?? [];
  // What a check itself says of a secret begins so: `[secret], which ...`.
  if (!secretSections.includes(section) || found.found.startsWith("[secret]")) return found;
  return { ...found, found: "[not shown]", fix: withoutTexts(found.fix, textsIn(raw[section])) };
}

/** The texts that stand somewhere in a value. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** The problems that an issue of the schema stands for: what was found there, and what the schema says is allowed. */
function issueProblems(
  section: string,
  schema: z.ZodType,
  settings: Surroundings,
  issue: z.core.$ZodIssue,
  isSecret: boolean,
): Problem[] {
  const { root, raw } = settings;
  const path = [section, ...issue.path];
  const value = valueAt(raw, path);
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => unknownKeyProblem(path, key, isSecret, settings));
  const isTaken = (other: unknown) => {
    const { error } = schema.safeParse(replaced(raw[section], issue.path, other));
    return !error?.issues.some((each) => each.path.join() === issue.path.join());
  };
  const node = schemaAt(root, path, raw) ?? {};
  const { title = issue.message, examples: [example] = ["<value>"] } = node;
  const isHidden = (isSecret || node.contentMediaType !== undefined) && value !== undefined;
  const found = isHidden ? "[not shown]" : shown(value);
  const meant = isHidden ? undefined : meantValues(value, node).find(isTaken);
  const suggestion = meant === undefined ? "" : suggestionOf(path.at(-1) ?? "", value, meant);
  const setting = setCommand(path, meant ?? blankOf(node) ?? example, value);
  const wrong = settingProblem(path, found, title + suggestion, setting);
  if (node.oneOf) {
    // Without its `provider` the other settings of a cluster cannot be judged: what stands there is shown.
    const there = Object.keys(groupOf(raw[section])).join(", ") || "nothing";
    const fix = setCommand([section, "provider"], example);
    return [
      {
        ...wrong,
        found: issue.path.length > 0 && value === undefined ? `nothing (there: ${there})` : found,
        fix,
      },
    ];
  }
  // Settings of several values cannot be set by one command: the wrong ones go, and the defaults hold.
  return [node.properties ? { ...wrong, fix: removeCommand(path) } : wrong];
}

/** The refusal of sections that stand below the project's name, instead of having it in their keys. */
function nestedSections(sections: Readonly<Record<string, unknown>>): Problem {
  const names = Object.keys(sections);
  return {
    key: "multi-client:",
    found: `${names.join(", ")} nested below it`,
    expected: "the project's name as a part of each key",
    fix: editStackFile(
      ["multi-client"],
      `write below config: ${names.map((name) => `${settingKey([name])}:`).join(", ")}`,
    ),
  };
}

/** What stands in a command for a value that only the user knows; undefined where an example can be taken. */
function blankOf({ blank, items }: SettingSchema): unknown {
  return items?.blank === undefined ? blank : [items.blank];
}
