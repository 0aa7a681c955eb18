import { UserError } from "../../system/errors.ts";
import { noSnapshots, takeSnapshots } from "../backups/snapshots.ts";
import { kubectlFor, type Kubectl } from "../cluster/kubectl.ts";
import { isLocal, type Stack } from "../stack/read-stack.ts";
import { openDeployed } from "../stack/deployed-stack.ts";
import { locked, type Invocation } from "../stack/plan.ts";
import { createSteps } from "../steps.ts";

/** Makes a snapshot of every volume of a stack; they outlive the stack. */
export async function snapshot(invocation: Invocation): Promise<void> {
  const { log, write } = invocation;
  const deployed = await openDeployed(invocation, log, "cluster");
  const { stack, plan } = deployed;
  const kubectl = await kubectlFor(deployed);
  const why = await noSnapshots(kubectl);
  if (why !== undefined)
    throw new UserError(
      `Stack ${stack.name} can have no snapshots: ${why}.\nFix: make backup STACK=${stack.name}, which needs nothing of the cluster (docs/backups.md)`,
    );
  await locked(invocation, plan, async () => {
    const names = await createSteps(1, write).run("snapshots", (line) => takeSnapshots(kubectl, line));
    log(`${names.length} snapshots are ready, and outlive the stack: ${names.join(", ")}`);
  });
}

/**
 * Makes snapshots before something that changes data. Where the cluster can have none, a line says so; on this computer a driver
 * that fails is a line too.
 *
 * @param without the command that goes on without them. @default there is none
 */
export async function snapshotBefore(
  change: string,
  stack: Stack,
  kubectl: Kubectl,
  { log, write }: Invocation,
  without?: string,
): Promise<void> {
  const why = await noSnapshots(kubectl);
  if (why !== undefined) {
    log(`No snapshot before ${change}: ${why}.`);
    return;
  }
  try {
    await createSteps(1, write).run(`snapshots before ${change}`, (line) => takeSnapshots(kubectl, line));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (!isLocal(stack))
      throw without === undefined ? error : new UserError(`${error.message}\nOr without: ${without}`);
    log(`No snapshot before ${change}: ${error.message}`);
  }
}
