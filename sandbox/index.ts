import { cacheDefect } from "./build/build-cache.ts";
import { type Group, recipes } from "./build/recipes.ts";

export { ensureBuilt } from "./build/build-cache.ts";
export { cloudLeftovers } from "./cloud-plugins/cloud-leftovers.ts";
export type { Cloud } from "./cloud-plugins/cloud-rules.ts";
export { SimulatedAccount, type Fault, type CloudResource } from "./cloud-plugins/simulated-account.ts";
export { clusterDown, clusterStatus, clusterProcesses, clusterUp } from "./cluster/sandbox-cluster.ts";
export { helperProgramFolder, pulumiHome } from "./pulumi-home.ts";

/** Tells whether the cache has a sound Pulumi CLI of ours. */
export const isEngineBuilt = async (): Promise<boolean> => (await cacheDefect("pulumi")) === undefined;

/** Describes in one line what is still to be built, about how long that takes, and what the sandbox does not show. */
export async function describe(): Promise<string> {
  const missing: Group[] = [];
  for (const group of Object.keys(recipes) as Group[])
    if ((await cacheDefect(group)) !== undefined) missing.push(group);
  const minutes = missing.reduce((sum, group) => sum + recipes[group].minutes, 0);
  const work =
    missing.length === 0
      ? "has everything it needs"
      : `builds with Go what cannot be fetched of ${missing.join(", ")} (up to about ${minutes} min, once)`;
  return `The sandbox ${work}; its nodes are simulated: pods become Ready, but no container runs and no page will open.`;
}
