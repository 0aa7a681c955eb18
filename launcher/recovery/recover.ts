import { kubeReader } from "../cluster/kube-reader.ts";
import type { Cli } from "../engine/cli.ts";
import { resolvePending, unresolvedText, type State } from "./pending-operations.ts";
import type { Invocation, Plan } from "../stack/plan.ts";
import { checkUnchanged } from "./unchanged-state.ts";
import { connectionTo } from "../cluster/cluster-connection.ts";
import { UserError } from "../../system/errors.ts";
import type { Log } from "../../system/log.ts";

/**
 * Settles what an engine that was killed left in a stack's state, and says so; nothing happens where nothing is left.
 *
 * @returns the state after it.
 * @throws UserError when resources of a cloud were being made: only their owner can say whether they are there;
 *   when another run changed the state meanwhile.
 */
export async function recover(
  plan: Plan,
  cli: Cli,
  state: State,
  { env, command }: Invocation,
  log: Log,
): Promise<State> {
  if (state.deployment.pending_operations === undefined || state.deployment.pending_operations.length === 0)
    return state;
  await takeLock(cli, state);
  // Whoever had the lock until then may have ended, and left another state.
  const held = (await cli.state()) ?? state;
  const pending = held.deployment.pending_operations ?? [];
  if (pending.length === 0) return held;
  const connection = await connectionTo(plan, cli, env);
  // Where there is no cluster yet there is nothing in it.
  const get =
    connection === undefined
      ? () => Promise.resolve(undefined)
      : kubeReader(connection.context, connection.env);
  const settled = await resolvePending(held, get);
  log("An earlier run was killed; what it was doing:");
  for (const line of settled.lines) log(`  ${line}`);
  // What is settled is kept, although something else is not: else it would be reported twice, or forgotten.
  if (settled.unresolved.length < pending.length) {
    await checkUnchanged(cli, held, command);
    log(`The state before is kept in ${await cli.replaceState(held, settled.state)}`);
  }
  if (settled.unresolved.length > 0)
    throw new UserError(unresolvedText(settled.unresolved, cli.byHand, cli.stack));
  return settled.state;
}

/**
 * An edit of the state that changes nothing but needs the stack's lock: an engine that still runs is not taken for a
 * killed one, and what a killed one left locked is free for the commands that are proposed next.
 */
async function takeLock(cli: Cli, { deployment }: State): Promise<void> {
  const root = deployment.resources?.find(({ type }) => type === "pulumi:pulumi:Stack");
  if (root !== undefined) await cli.ask(["state", "unprotect", root.urn, "--yes"]);
}
