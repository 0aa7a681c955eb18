import { assertions, type Assertion } from "./assertions.ts";
import { causeOf } from "./causes.ts";
import type { Ask } from "./http-client.ts";

/** The outcome of an assertion. */
export interface Result {
  readonly assertion: Assertion;
  /** The answer that was got instead; undefined where the assertion holds. */
  readonly got: string | undefined;
  readonly seconds: number;
}

/** Tells whether a result fails the whole: it does not hold, and that is no mere warning. */
export const isFailure = ({ assertion, got }: Result): boolean =>
  got !== undefined && assertion.warns?.(got) !== true;

/** The receiver of the results. */
export interface Listener {
  /** Is called with each result, at once. */
  readonly result: (result: Result) => void;
  /** Is called with what an assertion that takes a while got so far. */
  readonly note: (line: string) => void;
}

/**
 * Asks everything, also after a failure: what else fails tells where the fault is.
 *
 * @param writes whether a row may be added.
 */
export async function smoke(
  ask: Ask,
  writes: boolean,
  { result: tell, note }: Listener,
  list: readonly Assertion[] = assertions(),
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const assertion of list.filter((each) => writes || !each.writes)) {
    const begin = Date.now();
    const waits = (got: string, seconds: number) => {
      note(`  ...     ${assertion.number}  not yet after ${seconds.toFixed(0)} s: ${got}`);
    };
    const got = await assertion
      .check(ask, waits)
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    const result = { assertion, got, seconds: (Date.now() - begin) / 1000 };
    tell(result);
    results.push(result);
  }
  return results;
}

/** A result as JSON has it; `see` is the command that shows what `usually` says. */
export function resultData(result: Result, kubectl: string): object {
  const { assertion, got, seconds } = result;
  const { number, title, expected } = assertion;
  if (got === undefined) return { number, title, ok: true, seconds };
  const { why, look } = causeOf(number, got);
  const see = `${kubectl} ${look}`;
  const warning = isFailure(result) ? {} : { warning: true };
  return { number, title, ok: false, ...warning, expected, got, usually: why, see, seconds };
}

/**
 * A result as text for the user.
 *
 * @param kubectl the command up to the stack's namespace.
 */
export function resultText(result: Result, kubectl: string): string {
  const { assertion, got, seconds } = result;
  const { number, title, expected } = assertion;
  const line = `${number}  ${title} (${seconds.toFixed(1)} s)`;
  if (got === undefined) return `  ok      ${line}`;
  const { why, look } = causeOf(number, got);
  return [
    `  ${isFailure(result) ? "FAILED " : "warning"} ${line}`,
    `             expected: ${expected}`,
    `             got:      ${got}`,
    `             usually:  ${why}`,
    `             see:      ${kubectl} ${look}`,
  ].join("\n");
}
