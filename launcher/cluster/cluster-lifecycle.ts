import { checkReachable } from "./kube-context.ts";
import { sandboxThere } from "../engine/find-engine.ts";
import { explained, UserError } from "../../system/errors.ts";
import type { Env } from "../../system/folders.ts";
import { clusterOfContext, sandboxContext } from "../../system/sandbox-context.ts";
import { shellWord } from "../../system/shell-command.ts";
import { checkMinikube, ensureMinikube, minikubeState } from "./minikube.ts";
import { placeText } from "../../config/stack-file-place.ts";
import { isLocal, type Stack } from "../stack/read-stack.ts";
import type { Log } from "../../system/log.ts";

/** The sandbox's functions; loaded when needed, because everything else works without its folder. */
export async function sandbox(root: string) {
  if (!sandboxThere(root)) {
    throw new UserError(
      "Stack sandbox needs the folder sandbox/, which is not there.\n" +
        "Two ways: bring it back, or install minikube (https://minikube.sigs.k8s.io/docs/start/) and make up STACK=dev",
    );
  }
  return import("../../sandbox/index.ts");
}

/** Name of the sandbox cluster that a stack lives on; undefined for stacks on other clusters. */
export function sandboxCluster({ name, target }: Stack): string | undefined {
  // What a simulated cloud hands out is a cluster of the sandbox, one for each stack.
  if (target.provider === "managed") return target.simulated ? name : undefined;
  if (name !== "sandbox" || target.provider !== "existing") return undefined;
  const cluster = clusterOfContext(target.context);
  if (cluster !== undefined) return cluster;
  throw new UserError(
    `multi-client:cluster.context of stack sandbox is ${target.context}; its clusters are called sandbox-NAME.\n` +
      `Fix: in ${placeText(name, ["cluster", "context"])}, write context: ${sandboxContext("multi-client")}\n` +
      "For another cluster make another stack (docs/operations.md, Stacks and targets).",
  );
}

/** The name of the sandbox cluster behind a stack's context, whoever's stack it is. */
function sandboxBehind(stack: Stack, root: string): string | undefined {
  const { target } = stack;
  const isNamed = target.provider === "existing" && sandboxThere(root);
  return sandboxCluster(stack) ?? (isNamed ? clusterOfContext(target.context) : undefined);
}

/** Tells whether the nodes of a stack's cluster are simulated, so that no container runs. */
export async function runsNoContainer(stack: Stack, root: string): Promise<boolean> {
  const name = sandboxBehind(stack, root);
  return name !== undefined && (await sandbox(root)).nodesOf(name) === "simulated";
}

/** What the nodes of a stack's cluster do not show, for its summary; empty for nothing. */
export async function nodesNote(stack: Stack, root: string): Promise<string> {
  const name = sandboxBehind(stack, root);
  return name === undefined ? "" : (await sandbox(root)).describeNodes(name);
}

/** Options of {@link startCluster}. */
export interface StartOptions {
  readonly root: string;
  readonly env: Env;
  readonly log: Log;
  readonly breakLine: () => void;
}

/** Starts the cluster of a stack where that is ours to do, and makes sure that it answers. */
export async function startCluster(stack: Stack, { root, env, log, breakLine }: StartOptions): Promise<void> {
  const { target } = stack;
  if (target.provider === "minikube") {
    await ensureMinikube(stack, target, { env, log, arch: process.arch, breakLine });
  }
  const name = sandboxCluster(stack);
  if (name !== undefined) {
    const { clusterUp, plannedNodes } = await sandbox(root);
    await explained(async () => {
      // A cloud's cluster has several nodes, which are added and removed.
      const nodes = target.provider === "managed" ? "simulated" : (await plannedNodes(name, env)).nodes;
      await clusterUp({ name, nodes, images: stack.images, log });
    });
  }
  await checkCluster(stack, env);
}

/**
 * Makes sure that the cluster of a stack answers, before it is emptied. One of the sandbox that is there but not whole is
 * started: without its controllers nothing would go, and every deletion be waited for until its time limit.
 */
export async function mendCluster(stack: Stack, options: StartOptions): Promise<void> {
  const name = sandboxCluster(stack);
  const isThere =
    name !== undefined && (await (await sandbox(options.root)).clusterStatus(name)).state !== "absent";
  if (isThere) await startCluster(stack, options);
  else await checkCluster(stack, options.env);
}

/**
 * Makes sure that the cluster of a stack answers; starts nothing.
 *
 * @param byHand how the CLI is called by hand, where the backend has the stack. @default it may have none
 */
export async function checkCluster(stack: Stack, env: Env, byHand?: string): Promise<void> {
  const { name, target } = stack;
  if (target.provider === "other") return; // the program says what is wrong with its configuration
  if (target.provider === "managed") return; // the stack makes it: it need not be there yet
  if (target.provider === "minikube") {
    checkMinikube(name, target, env);
    const state = await minikubeState(target, env);
    if (state !== "running") {
      throw new UserError(
        `minikube profile ${target.context} is ${state}; this command never starts it.\n` +
          `Fix: make up STACK=${name}, or minikube start -p ${target.context}`,
      );
    }
  }
  const fix =
    target.provider === "minikube" || sandboxCluster(stack) !== undefined
      ? `make up STACK=${name}`
      : `start the cluster, or name another context in ${placeText(name, ["cluster", "context"])}`;
  const gone =
    byHand !== undefined && isLocal(stack)
      ? "\nIf the cluster was deleted, and all that the stack had with it, this forgets the stack:\n" +
        `  ${byHand} stack rm --force --preserve-config --stack ${shellWord(name)}`
      : "";
  await checkReachable(target.context, env, fix, gone);
}
