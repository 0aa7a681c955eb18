import { stringify } from "yaml";
import { cloudOf, clouds, type ManagedProvider } from "../../config/clouds/index.ts";
import { sections } from "../../config/schema.ts";
import { jsonSchema, type SettingSchema } from "../../config/setting-schema.ts";
import { services } from "../../services.ts";
import type { Quantities, ServiceDefinition } from "../../components/service.ts";
import { anchor, code, table } from "../../system/markdown.ts";

/** A setting, or a group of them, as a row of a table. */
export interface Row {
  readonly key: string;
  readonly meaning: string;
  readonly allowed: string;
  readonly unless: string;
  readonly example: string;
}

const value = (of: unknown): string =>
  code(stringify(of, { collectionStyle: "flow", flowCollectionPadding: false, lineWidth: 0 }).trim());

/** The settings below a path, each group of them before its members. */
function rowsOf(node: SettingSchema, path: string, requiredIn: string | undefined): Row[] {
  const { description = "", title = "", examples = [], properties, required = [] } = node;
  if (node.const !== undefined) return [];
  if (properties) {
    const group = {
      key: path,
      meaning: description,
      allowed: "a group of settings",
      unless: "",
      example: "",
    };
    return [
      ...(description === "" || !path.includes(".") ? [] : [group]),
      ...Object.entries(properties).flatMap(([key, inner]) =>
        rowsOf(inner, `${path}.${key}`, required.includes(key) ? path : undefined),
      ),
    ];
  }
  const [example] = examples;
  return [
    {
      key: path,
      meaning: description,
      allowed: title,
      unless: node.default !== undefined ? value(node.default) : requiredIn === undefined ? "" : "required",
      // What is a file's content is set by a command that reads the file.
      example: node.contentMediaType === undefined ? value(example) : code(String(example)),
    },
  ];
}

const settingsTable = (rows: readonly Row[]): string =>
  table(
    ["setting", "meaning", "allowed", "default", "example"],
    rows.map(({ key, meaning, allowed, unless, example }) => [code(key), meaning, allowed, unless, example]),
  );

/** The settings of `multi-client:cluster`: those that every cloud has once, and then those of each target. */
function clusterSection(schema: SettingSchema): string[] {
  const shapes = new Map(
    (schema.oneOf ?? []).map((shape) => [
      String(shape.properties?.provider?.const),
      rowsOf(shape, "cluster", undefined),
    ]),
  );
  const providers = Object.keys(clouds) as ManagedProvider[];
  const same = (a: Row, b: Row) => JSON.stringify(a) === JSON.stringify(b);
  const [first = [], ...others] = providers.map((provider) => shapes.get(provider) ?? []);
  const shared = first.filter((row) => others.every((rows) => rows.some((other) => same(row, other))));
  const own = (provider: ManagedProvider) =>
    (shapes.get(provider) ?? []).filter((row) => !shared.some((other) => same(row, other)));
  return [
    "`cluster.provider` chooses the target; the other settings depend on it.",
    "### Provider minikube",
    settingsTable(shapes.get("minikube") ?? []),
    "### Provider existing",
    "Any cluster of your kubeconfig.",
    settingsTable(shapes.get("existing") ?? []),
    `### Providers ${providers.join(", ")}`,
    "A cluster that the stack creates. These settings are the same on each cloud:",
    settingsTable(shared),
    ...providers.flatMap((provider) => [
      `### Provider ${provider}`,
      `The settings of ${provider} alone, and those of its Pulumi provider that name the account.`,
      settingsTable([...accountRows(provider), ...own(provider)]),
      versionsText(provider),
    ]),
  ];
}

function accountRows(provider: ManagedProvider): Row[] {
  return Object.values(cloudOf(provider).account).map(({ key, title, placeholder, example }) => ({
    key,
    meaning:
      placeholder === undefined
        ? "Where everything is created. Fixed at creation."
        : `Whose account the stack deploys to. ${code(placeholder)} is a placeholder. Fixed at creation.`,
    allowed: title,
    unless: "required",
    example: code(example),
  }));
}

function versionsText(provider: ManagedProvider): string {
  const { versions, source } = cloudOf(provider).versions;
  const each = Object.entries(versions).map(
    ([version, { end, exact }]) => `${version} (until ${exact ? "" : "about "}${end})`,
  );
  return `Kubernetes versions, and the end of their standard support: ${each.join(", ")}. Source: ${source}.`;
}

/** The settings that a service may have, with SERVICE for its key, and whose they are if not everyone's. */
function servicesSection(schema: SettingSchema): string[] {
  const owners = new Map<string, { readonly row: Row; readonly keys: string[] }>();
  const all = Object.entries(schema.properties ?? {});
  for (const [key, settings] of all) {
    for (const row of rowsOf(settings, "services.SERVICE", undefined)) {
      const entry = owners.get(row.key) ?? { row, keys: [] };
      entry.keys.push(key);
      owners.set(row.key, entry);
    }
  }
  const rows = [...owners.values()].map(({ row, keys }) =>
    keys.length === all.length ? row : { ...row, meaning: `${row.meaning} Only ${keys.join(", ")}.`.trim() },
  );
  return [
    `SERVICE is one of ${all.map(([key]) => code(key)).join(", ")}.`,
    settingsTable(rows),
    "What a stack does not set is in [`services.ts`](../services.ts):",
    table(
      ["service", "pods", "requests", "limits", "claim"],
      Object.entries<ServiceDefinition>(services).map(([key, service]) => [
        code(key),
        service.storage || service.singletonReason !== undefined ? "always 1" : "1",
        quantities(service.resources.requests),
        quantities(service.resources.limits),
        service.storage?.size ?? "",
      ]),
    ),
  ];
}

const quantities = (of: Quantities = {}): string =>
  Object.entries(of)
    .map(([name, amount]) => `${name} ${amount}`)
    .join(", ");

/** Every setting, as the page says it. */
export const settingRows = (): Row[] =>
  Object.entries(sections(services)).flatMap(([key, section]) => {
    const schema = jsonSchema(section);
    return (schema.oneOf ?? [schema]).flatMap((shape) => rowsOf(shape, key, undefined));
  });

/** The page docs/settings.md. */
export function settingsPage(): string {
  const texts = Object.entries(sections(services)).flatMap(([key, section]) => {
    const schema = jsonSchema(section);
    const { description = "" } = schema;
    if (key === "cluster") return [`## multi-client:${key}`, description, ...clusterSection(schema)];
    if (key === "services") return [`## multi-client:${key}`, description, ...servicesSection(schema)];
    const rows = settingsTable(rowsOf(schema, key, undefined));
    return [`## multi-client:${key}`, ...(schema.properties ? [description] : []), rows];
  });
  return [
    "# Settings",
    "Generated from the schema in `config/`; a test keeps it current.",
    "Settings are under `config:` in `Pulumi.<stack>.yaml`, each section under its key `multi-client:<section>`. One is set by " +
      "`pulumi config set --path 'multi-client:exposure.type' public --stack NAME`, or in the file; lists are best written in the " +
      "file. A setting that is unknown, wrong or does not fit another one is refused before anything is touched, with the command " +
      "that corrects it.",
    "A setting without a default need not be set, unless it is required; one inside a group only where the group is there. " +
      "Examples with `<`, `--secret` or `$(` are what `pulumi config set` takes in a shell. [Examples](../examples/README.md) has whole files.",
    Object.keys(sections(services))
      .map((key) => `- [multi-client:${key}](#${anchor(`multi-client:${key}`)})`)
      .join("\n"),
    ...texts,
  ].join("\n\n");
}
