import type { z } from "zod";
import { accountText } from "../config/accounts.ts";
import { clouds } from "../config/clouds/index.ts";
import type { AccountSetting } from "../config/clouds/cloud-target.ts";
import { sections } from "../config/schema.ts";
import { jsonSchema, schemaAt } from "../config/setting-schema.ts";
import { ENCRYPTED } from "../config/stack-file.ts";
import { services } from "../services.ts";
import { certificate, key as privateKey } from "./fixture.ts";

/** A value with an example in the place of everything that is encrypted in it, which nobody here can read. */
export function withExamples(
  value: unknown,
  example: (path: readonly PropertyKey[]) => unknown,
  path: readonly PropertyKey[] = [],
): unknown {
  if (value === ENCRYPTED) return example(path);
  if (Array.isArray(value)) return value.map((item, index) => withExamples(item, example, [...path, index]));
  if (typeof value !== "object" || value === null) return value;
  // A certificate is checked against its key: where one of the two cannot be read, a pair that fits stands for both.
  const pair = { certificate, key: privateKey };
  const isPair = path.at(-1) === "tls" && Object.values(value).includes(ENCRYPTED);
  return Object.fromEntries(
    Object.entries(isPair ? pair : value).map(([key, item]) => [
      key,
      withExamples(item, example, [...path, key]),
    ]),
  );
}

/**
 * The example of a setting: that of its schema, or the placeholder of an account.
 *
 * @param key the full key of the section, such as `multi-client:exposure`.
 * @param path behind it.
 * @param value of the section.
 */
export function exampleOf(key: string, path: readonly PropertyKey[], value: unknown): unknown {
  const schemas: Readonly<Record<string, z.ZodType>> = sections(services);
  const schema = schemas[key.replace(/^multi-client:/, "")];
  if (schema !== undefined) return schemaAt(jsonSchema(schema), path, value)?.examples?.[0] ?? ENCRYPTED;
  const accounts = Object.values(clouds).flatMap(({ account }): AccountSetting[] => Object.values(account));
  const setting = accounts.find((each) => each.key === key);
  return setting === undefined ? ENCRYPTED : accountText(setting, setting.placeholder ?? setting.example);
}
