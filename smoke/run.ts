import { assertions, type Assertion } from "./assertions.ts";
import type { Ask } from "./client.ts";

/** What became of an assertion. */
export interface Result {
  readonly assertion: Assertion;
  /** What was got instead; undefined where it holds. */
  readonly got: string | undefined;
  readonly seconds: number;
}

/**
 * Asks everything, also after a failure: what else fails tells where the fault is.
 *
 * @param writes whether a row may be added.
 * @param tell hears of each result at once.
 */
export async function smoke(
  ask: Ask,
  writes: boolean,
  tell: (result: Result) => void,
  list: readonly Assertion[] = assertions(),
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const assertion of list.filter((each) => writes || !each.writes)) {
    const begin = Date.now();
    const got = await assertion
      .check(ask)
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    const result = { assertion, got, seconds: (Date.now() - begin) / 1000 };
    tell(result);
    results.push(result);
  }
  return results;
}

/** A result as text for the user. */
export function resultText({ assertion, got, seconds }: Result): string {
  const { number, title, expected, usually } = assertion;
  const line = `${String(number)}  ${title} (${seconds.toFixed(1)} s)`;
  if (got === undefined) return `  ok      ${line}`;
  return [
    `  FAILED  ${line}`,
    `             expected: ${expected}`,
    `             got:      ${got}`,
    `             usually:  ${usually}`,
  ].join("\n");
}
