import { delimiter } from "node:path";
import { clusterDown, clusterUp, ensureBuilt, lookAlikeImages, plannedNodes } from "../../sandbox/index.ts";
import { isSandbox, kubeconfig } from "./world.ts";

const name = "real";
const log = (line: string) => {
  console.log(`  ${line}`);
};

/** Why a run on the sandbox has no real node beside the simulated ones; undefined where it has one. */
export const noRealNode: string | undefined = isSandbox
  ? (await plannedNodes(name, { ...process.env, NODES: undefined })).reason
  : "it is a guest on another cluster";

/** Starts the real node of this run; gives the variables with which cases run there as on any other cluster. */
export async function startRealNode(): Promise<NodeJS.ProcessEnv> {
  const kubectl = await ensureBuilt("kubernetes", log);
  const act = await ensureBuilt("act", log);
  const { context } = await clusterUp({ name, nodes: "real", kubeconfig, log });
  const cannotLogIn = lookAlikeImages(name).find(({ replaces }) => replaces === "stephengrider/multi-server");
  return {
    CONTEXT: context,
    FAULTY_SERVERS: cannotLogIn?.name,
    PATH: [kubectl, act, process.env.PATH ?? ""].join(delimiter),
  };
}

/** Removes the real node of this run. */
export const endRealNode = (): Promise<void> => clusterDown({ name, kubeconfig, log });
