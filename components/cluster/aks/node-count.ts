/** The percentage of more nodes that a pool has while it is upgraded; fractions are rounded up. */
export const surgePercent = 33;

/** The size of the pool for what AKS itself runs: two, so that one may go, and a third while one is being replaced. */
export const systemNodes = { min: 2, max: 3 };

/** The most nodes that there are at once: both pools at their largest, while both are upgraded. */
export function mostNodes(userMax: number): number {
  const withSurge = (max: number) => max + Math.ceil((max * surgePercent) / 100);
  return withSurge(systemNodes.max) + withSurge(userMax);
}
