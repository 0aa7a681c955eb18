import * as pulumi from "@pulumi/pulumi";

/**
 * Keeps the first value that a secret was given, encrypted in the state: the engine's own Stash resource ignores what every
 * later run offers.
 *
 * @param protect `true` has the engine refuse to delete or replace it.
 */
export function keptSecret<T>(
  name: string,
  first: T,
  { parent, protect }: { readonly parent: pulumi.Resource; readonly protect: boolean },
): pulumi.Output<pulumi.Unwrap<T>> {
  const stash = new pulumi.Stash(
    name,
    { input: pulumi.secret(first) },
    { parent, protect, ignoreChanges: ["input"], additionalSecretOutputs: ["input", "output"] },
  );
  return pulumi.secret(stash.output as pulumi.Output<T>);
}
