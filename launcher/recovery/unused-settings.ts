import type { Log } from "../../system/log.ts";
import type { Cli } from "../engine/cli.ts";
import type { Resource, State } from "./pending-operations.ts";

/** Tells whether a stack has created anything outside of its own state, such as a namespace. */
export const hasCreated = ({ deployment: { resources = [] } }: State): boolean =>
  resources.some(({ type, custom }) => custom === true && !type.startsWith("pulumi:"));

/** Tells whether a resource of the state holds the settings that are fixed at creation. */
export const isImmutableSettings = ({ type, urn }: Resource): boolean =>
  type === "pulumi:index:Stash" && /::(immutable-settings|cluster-fixed)$/.test(urn);

/**
 * Forgets the settings that are fixed at creation where nothing was created: a first deployment that failed, because its
 * namespace is somebody else's or may not be created, must not forbid the very settings that mend it.
 */
export async function forgetUnusedSettings(cli: Cli, state: State, log: Log): Promise<void> {
  if (hasCreated(state)) return;
  const settings = state.deployment.resources?.find(isImmutableSettings);
  if (settings === undefined) return;
  log("Nothing is deployed yet: the settings that are fixed at creation are taken as they are now.");
  await cli.ask(["state", "delete", settings.urn, "--yes"]);
}
