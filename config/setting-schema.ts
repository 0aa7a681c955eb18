import { z } from "zod";

/** A JSON Schema of a setting, or of several: as much of it as this program reads. */
export interface SettingSchema {
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly const?: unknown;
  /** What stands in a command for a value that only the user knows: `<your network>`. */
  readonly blank?: string;
  /** The words that are allowed. */
  readonly enum?: readonly unknown[];
  /** The setting is a file's content, which is never shown. */
  readonly contentMediaType?: string;
  readonly properties?: Readonly<Record<string, SettingSchema>>;
  /** The keys of {@link properties} that must be there. */
  readonly required?: readonly string[];
  readonly items?: SettingSchema;
  readonly oneOf?: readonly SettingSchema[];
  readonly anyOf?: readonly SettingSchema[];
}

const made = new WeakMap<z.ZodType, SettingSchema>();

/** The JSON Schema of what a stack file may hold, without the address of its dialect. */
export function jsonSchema(schema: z.ZodType): SettingSchema {
  const before = made.get(schema);
  if (before) return before;
  const described = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    // zod leaves out the examples of what it transforms, for they could be of what comes out. Ours are of what goes in.
    override: ({ zodSchema, jsonSchema: node }) => {
      const { examples } = z.globalRegistry.get(zodSchema) ?? {};
      if (examples !== undefined) node.examples = examples as [];
    },
  });
  delete described.$schema;
  made.set(schema, described as SettingSchema);
  return described as SettingSchema;
}

/**
 * The schema of a setting; undefined for one that the schema does not know.
 *
 * @param path behind the section; of a list's entry, with its index.
 * @param value of the section: which of several shapes a group has, its `provider` says. Where that is none of them, the
 *   schema of the choice itself stands for the setting.
 */
export function schemaAt(
  section: SettingSchema,
  path: readonly PropertyKey[],
  value: unknown,
): SettingSchema | undefined {
  const provider = valueAt(value, ["provider"]);
  const shape = section.oneOf?.find(({ properties }) => properties?.provider?.const === provider);
  if (section.oneOf && !shape) return section;
  const node = shape ?? section;
  const [key, ...rest] = path;
  if (key === undefined) return node;
  const inner = typeof key === "number" ? node.items : node.properties?.[String(key)];
  return inner && schemaAt(inner, rest, valueAt(value, [key]));
}

/** The value at a path; undefined where there is none. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}
