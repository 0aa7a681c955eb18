import { isObjectType, type Recorded } from "./recorder.ts";

/**
 * The resources of a stack as an indented tree, one line each: type, name, and in brackets the options that decide what
 * a deployment may do to it. Children stand below their parent, so the types on the way from the root are those of the
 * URN; siblings are sorted. The text is the same for the same program.
 */
export function resourceTree(resources: readonly Recorded[]): string {
  const sorted = [...resources].sort((a, b) => (line(a) < line(b) ? -1 : 1));
  const below = (parent: string, indent: string): string[] =>
    sorted
      .filter((resource) => resource.parent === parent)
      .flatMap((resource) => [indent + line(resource), ...below(resource.urn, `${indent}  `)]);
  return `${below("", "").join("\n")}\n`;
}

function line(resource: Recorded): string {
  const options = [...flags(resource), ...limits(resource)];
  return `${resource.type} ${objectName(resource)}${options.length === 0 ? "" : ` [${options.join(", ")}]`}`;
}

/** The name in the program, and that in the cluster where it is another; a generated suffix is a `*`. */
function objectName({ type, name, inputs }: Recorded): string {
  const named = isObjectType(type) ? (inputs.metadata as { name: string }).name : name;
  return named === name ? name : `${name} = ${named.replace(/-[0-9a-f]{8}$/, "-*")}`;
}

function flags(resource: Recorded): string[] {
  const { protect, retainOnDelete, deleteBeforeReplace, ignoreChanges, secretOutputs, aliases } = resource;
  const lists = { ignore: ignoreChanges, secret: secretOutputs, alias: aliases };
  return [
    ...(protect ? ["protect"] : []),
    ...(retainOnDelete ? ["retain"] : []),
    ...(deleteBeforeReplace ? ["delete before replace"] : []),
    ...Object.entries(lists).flatMap(([option, values]) =>
      values.length === 0 ? [] : [`${option} ${values.join(" ")}`],
    ),
  ];
}

/** `create 40m`; operations with the same limit together, such as `create/update 420s`. */
function limits({ timeouts }: Recorded): string[] {
  const all = Object.entries(timeouts);
  return [...new Set(Object.values(timeouts))].map((limit) => {
    const operations = all.filter(([, own]) => own === limit).map(([operation]) => operation);
    return `${operations.join("/")} ${limit}`;
  });
}
