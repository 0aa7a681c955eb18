import type * as pulumi from "@pulumi/pulumi";

/** An option of a component: it and all of its children keep what was deployed under another name or type. */
type Aliases = Required<Pick<pulumi.ComponentResourceOptions, "aliases">>;

/**
 * The aliases of a component that belongs to a service with former keys.
 *
 * @param name the component's name, derived from the service's key. @default the key itself
 */
export function aliasesFor(formerly: readonly string[] = [], name = (key: string) => key): Aliases {
  return { aliases: formerly.map((key) => ({ name: name(key) })) };
}

/**
 * The options of a component whose type token was another one in a released version: the former type is an alias under
 * the component's present name and under each of its former names.
 *
 * @see https://www.pulumi.com/docs/iac/concepts/resources/options/aliases/
 */
export function withFormerType(
  type: string,
  opts: pulumi.ComponentResourceOptions = {},
): pulumi.ComponentResourceOptions {
  const names = (opts.aliases ?? []).filter((alias): alias is pulumi.Alias => typeof alias === "object");
  return { ...opts, aliases: [...names, { type }, ...names.map((alias) => ({ ...alias, type }))] };
}
