import * as pulumi from "@pulumi/pulumi";

/** Settings that cannot change while a stack lives, by the name they have in the stack file. */
export type FixedSettings = Readonly<Record<string, string>>;

/**
 * Remembers in the state what a stack was created with, and refuses anything else: another cluster, namespace or
 * storage class would mean to replace the objects that hold data.
 *
 * The engine's own Stash resource keeps its first value. The provider of every object waits for the check, so a
 * refusal comes before any change, in previews too.
 *
 * @returns the same settings, once they are known to be those of the stack's creation.
 */
export function fixedAtCreation(
  name: string,
  settings: FixedSettings,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<FixedSettings> {
  const stash = new pulumi.Stash(name, { input: settings }, { ...opts, ignoreChanges: ["input"] });
  const never = new Promise<FixedSettings>(() => undefined);
  const changed = (first: FixedSettings) =>
    Object.keys(settings).filter((key) => key in first && first[key] !== settings[key]);
  // A refusal ends the program by itself, reported once; whoever waits for the settings waits until then.
  stash.output.apply((first: FixedSettings) => {
    if (changed(first).length > 0) throw new pulumi.RunError(refusal(first, settings, changed(first)));
  });
  return stash.output.apply(async (first: FixedSettings) => (changed(first).length > 0 ? never : settings));
}

/** What was found, what the stack was created with, and the two ways on. */
export function refusal(first: FixedSettings, now: FixedSettings, changed: readonly string[]): string {
  const shown = (value: string | undefined) => (value === "" || value === undefined ? "unset" : `'${value}'`);
  return [
    "settings that are fixed when a stack is created were changed; nothing was changed in the cluster.",
    ...changed.map((key) => {
      const old = first[key] ?? "";
      const fix =
        old === "" ? `pulumi config rm --path '${key}'` : `pulumi config set --path '${key}' ${old}`;
      return `  ${key}\n    found:    ${shown(now[key])}\n    expected: ${shown(old)}\n    fix:      ${fix}`;
    }),
    "To move, create another stack and carry the data over; the old one goes with make down or make destroy.",
    "If nothing is deployed yet, because the first deployment failed: pulumi destroy, then deploy again.",
  ].join("\n");
}
