import * as pulumi from "@pulumi/pulumi";
import { commandText, removeConfig, setConfig } from "../system/shell-command.ts";

/** The settings that cannot change while a stack lives, by the key they have in the stack file. */
export type ImmutableSettings = Readonly<Record<string, string>>;

/**
 * Remembers in the state what a stack was created with, and refuses anything else: another cluster, namespace or
 * storage class would mean to replace the objects that hold data.
 *
 * The engine's own Stash resource keeps its first value. The program waits for this before it registers anything else,
 * so a refusal comes before any change, in previews too.
 *
 * @throws pulumi.RunError which Pulumi prints without a stack trace.
 */
export async function assertImmutable(
  name: string,
  settings: ImmutableSettings,
  opts: pulumi.CustomResourceOptions = {},
): Promise<void> {
  const stash = new pulumi.Stash(
    name,
    { input: settings },
    // The alias is the name that this had before 0.1.0.
    { ...opts, aliases: [{ name: "cluster-fixed" }], ignoreChanges: ["input"] },
  );
  const first = await new Promise<ImmutableSettings>((done) => stash.output.apply(done));
  const changed = Object.keys(settings).filter((key) => key in first && first[key] !== settings[key]);
  if (changed.length > 0) throw new pulumi.RunError(refusal(first, settings, changed, pulumi.getStack()));
}

/** The message that refuses changed settings: the values found, those the stack was created with, and how to continue. */
export function refusal(
  first: ImmutableSettings,
  now: ImmutableSettings,
  changed: readonly string[],
  stack: string,
): string {
  const shown = (value: string | undefined) => (value === "" || value === undefined ? "unset" : `'${value}'`);
  return [
    "settings that are fixed when a stack is created were changed; nothing was changed in the cluster.",
    ...changed.map((key) => {
      const old = first[key] ?? "";
      const fix = fixLines(key, old, stack).join("\n              ");
      return `  ${key}\n    found:    ${shown(now[key])}\n    expected: ${shown(old)}\n    fix:      ${fix}`;
    }),
    "To move, create another stack and carry the data over; the old one goes with make down or make destroy.",
    "If nothing is deployed yet, because the first deployment failed, make up takes the new settings; by hand: pulumi destroy, then deploy again.",
  ].join("\n");
}

/** Tells whether a setting is a truth value, which the state keeps as text: text in its place would be refused. */
const isTruthValue = (key: string): boolean => key.endsWith(".existingNamespace");

/**
 * What gives a setting back the value that it had. A list without JSON's quotes is written entry by entry; one in words,
 * `your network`, is a blank.
 */
function fixLines(key: string, old: string, stack: string): string[] {
  const isPath = key.includes(".");
  const [, entries] = /^\[([^"]*)\]$/.exec(old) ?? [];
  if (entries === "") return [`in Pulumi.${stack}.yaml, write ${key.split(".").at(-1) ?? ""}: []`];
  const commands =
    old === ""
      ? [removeConfig(key, isPath)]
      : (entries
          ?.split(", ")
          .map((entry, index) =>
            setConfig(`${key}[${String(index)}]`, entry.includes(" ") ? `<${entry}>` : entry, isPath),
          ) ?? [setConfig(key, isTruthValue(key) ? true : old, isPath)]);
  return commands.map((command) => commandText(command, stack));
}
