/** The percentage of more nodes that a pool has while it is upgraded; fractions are rounded up. */
export const surgePercent = 33;

/** The size of the pool for what AKS itself runs: two, so that one may go, and a third while one is being replaced. */
export const systemNodes = { min: 2, max: 3 };

/** The nodes of a pool at its largest, while it is upgraded. */
export const withSurge = (max: number): number => max + Math.ceil((max * surgePercent) / 100);

/** The most nodes that there are at once: both pools at their largest, while both are upgraded. */
export function mostNodes(userMax: number): number {
  return withSurge(systemNodes.max) + withSurge(userMax);
}
