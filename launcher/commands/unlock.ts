import { UserError } from "../../system/errors.ts";
import { value } from "../../system/folders.ts";
import { isAtWork, openCli, type StackLock } from "../engine/cli.ts";
import { headline, makePlan, type Invocation } from "../stack/plan.ts";

/** Removes the lock that a killed run left in the backend, after it was shown and CONFIRM allowed it. */
export async function unlock(invocation: Invocation): Promise<void> {
  const { env, log } = invocation;
  const plan = makePlan(invocation);
  const { name } = plan.stack;
  log(headline(plan));
  const cli = await openCli(plan, invocation, log);
  const state = await cli.state();
  const locks = state === undefined ? [] : await cli.locks(state);
  if (state === undefined || locks.length === 0) {
    log(`Stack ${name} is not locked.`);
    return;
  }
  const lines = locks.map((lock) => `  ${lockText(lock, new Date())}`).join("\n");
  const working = locks.find(isAtWork);
  if (working !== undefined)
    throw new UserError(
      `Stack ${name} is locked, and process ${working.pid}, which did that, works on this computer:\n${lines}\nFix: wait for it, or end it.`,
    );
  if (value(env.STACK) === undefined || value(env.CONFIRM) !== name)
    throw new UserError(
      `Stack ${name} is locked:\n${lines}\n` +
        "Two updates at once destroy the state: only where that run is gone for certain (its job ended, its computer died):\n" +
        `  make unlock STACK=${name} CONFIRM=${name}`,
    );
  await cli.ask(["cancel", "--yes"]);
  const left = await cli.locks(state);
  if (left.length > 0) throw new UserError(`Stack ${name} is still locked: somebody else was faster.`);
  log(`Removed:\n${lines}\nmake up STACK=${name} settles what that run left.`);
}

/** A lock in words: `ann@runner-7 (pid 12), made at 2026-11-23T10:00:00Z, 3 h ago`. */
export function lockText({ user, host, pid, at }: StackLock, now: Date): string {
  const minutes = Math.max(0, Math.round((now.getTime() - Date.parse(at)) / 60_000));
  const age = minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
  return `${user}@${host} (pid ${pid}), made at ${at}, ${age} ago`;
}
