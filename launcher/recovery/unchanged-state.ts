import { isDeepStrictEqual } from "node:util";
import { UserError } from "../../system/errors.ts";
import type { Cli } from "../engine/cli.ts";
import type { State } from "./pending-operations.ts";

/**
 * Reads the state of a stack again, directly before another one made from it takes its place: no lock of the stack is held
 * in between, and what a pipeline has deployed meanwhile would be forgotten.
 *
 * @param before the state from which the other one was made.
 * @param command the make target, for the fix.
 * @throws UserError where the state is another one by now.
 */
export async function checkUnchanged(
  cli: Pick<Cli, "stack" | "state">,
  before: State,
  command: string,
): Promise<void> {
  const now = await cli.state();
  if (isDeepStrictEqual(now?.deployment, before.deployment)) return;
  throw new UserError(
    `Another run has changed the state of stack ${cli.stack} since this one read it. Nothing was changed.\n` +
      `Fix: wait until that run has ended, then the same command again: make ${command} STACK=${cli.stack}`,
  );
}
