import { ensure, flaw } from "./build.ts";
import type { Log } from "./folders.ts";
import { type Group, recipes } from "./recipes.ts";

export { type ClusterOptions, type ClusterStatus, clusterDown, clusterStatus, clusterUp } from "./cluster.ts";
export type { Log } from "./folders.ts";
export { type Engine, pulumiHome } from "./home.ts";

/** The folder with our Pulumi CLI, built when the cache has none. Needed where the official one cannot be fetched. */
export const ensureEngine = (log: Log): Promise<string> => ensure("pulumi", log);

/** One line before anything happens: what is still to be built, about how long, and what the sandbox does not show. */
export async function describe(): Promise<string> {
  const missing: Group[] = [];
  for (const group of Object.keys(recipes) as Group[])
    if ((await flaw(group)) !== undefined) missing.push(group);
  const minutes = missing.reduce((sum, group) => sum + recipes[group].minutes, 0);
  const work =
    missing.length === 0
      ? "has everything it needs"
      : `builds with Go what cannot be fetched of ${missing.join(", ")} (up to about ${minutes} min, once)`;
  return `The sandbox ${work}; its nodes are simulated: pods become Ready, but no container runs and no page will open.`;
}
