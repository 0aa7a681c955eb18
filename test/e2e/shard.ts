import { UserError } from "../../system/errors.ts";

/**
 * Gives the items of one share of a list, for a run that is split over several machines. The list begins with what takes
 * longest, and is dealt out forwards and backwards in turn, so that no share has the longest of every round.
 *
 * @param shard such as `2/4`, the second of four shares. @default all items
 * @throws UserError where it is no such share.
 */
export function shareOf<T>(items: readonly T[], shard: string | undefined): T[] {
  if (shard === undefined) return [...items];
  const [, index = 0, count = 0] = (/^(\d{1,2})\/(\d{1,2})$/.exec(shard) ?? []).map(Number);
  if (index < 1 || index > count)
    throw new UserError(
      `SHARD=${shard} is no share of the cases.\nFix: SHARD=1/4 is the first of four, SHARD=4/4 the last`,
    );
  return items.filter((_, at) => {
    const [round, place] = [Math.floor(at / count), at % count];
    return (round % 2 === 0 ? place : count - 1 - place) === index - 1;
  });
}
