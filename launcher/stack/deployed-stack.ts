import { UserError } from "../../system/errors.ts";
import type { Env } from "../../system/folders.ts";
import type { Log } from "../../system/log.ts";
import { checkCluster, runsNoContainer } from "../cluster/cluster-lifecycle.ts";
import { connectionTo, type ClusterConnection } from "../cluster/cluster-connection.ts";
import { openCli, type Cli } from "../engine/cli.ts";
import { countOf } from "../recovery/pending-operations.ts";
import { headline, makePlan, type Invocation, type Plan } from "./plan.ts";
import type { Stack } from "./read-stack.ts";

/** A stack that is deployed, and whose cluster can be asked. */
export interface DeployedStack {
  readonly plan: Plan;
  readonly stack: Stack;
  readonly cli: Cli;
  readonly cluster: ClusterConnection;
  readonly env: Env;
  readonly root: string;
}

/**
 * Opens the stack of a make target that asks running containers, or its cluster alone.
 *
 * @param log takes the lines for people. @param asks what the target needs. @default containers
 * @throws UserError where nothing is deployed, no container runs, or the cluster does not answer.
 */
export async function openDeployed(
  invocation: Invocation,
  log: Log,
  asks: "containers" | "cluster" = "containers",
): Promise<DeployedStack> {
  const { env, root } = invocation;
  const plan = makePlan(invocation);
  const { stack } = plan;
  if (asks === "containers" && (await runsNoContainer(stack, root))) {
    throw new UserError(
      `The nodes of stack ${stack.name} are simulated: no container runs, so there is nothing to ask.\n` +
        `Ask a stack on a real cluster: make ${invocation.command} STACK=dev, or one of the sandbox with a real node (docs/operations.md).`,
    );
  }
  log(headline(plan));
  const cli = await openCli(plan, { ...invocation, log }, log);
  if (countOf(await cli.state()) === 0)
    throw new UserError(`Nothing is deployed in stack ${stack.name}.\nFix: make up STACK=${stack.name}`);
  await checkCluster(stack, env, cli.byHand);
  const cluster = await connectionTo(plan, cli, env);
  if (cluster === undefined)
    throw new UserError(`The cluster of stack ${stack.name} is not there yet: make up STACK=${stack.name}`);
  return { plan, stack, cli, cluster, env, root };
}
