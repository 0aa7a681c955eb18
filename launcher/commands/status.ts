import { messageOf } from "../../system/errors.ts";
import { backupContainer } from "../backups/backup-container.ts";
import { backupState, stateText, type BackupState } from "../backups/copy-state.ts";
import { openCli } from "../engine/cli.ts";
import { countOf } from "../recovery/pending-operations.ts";
import { summary, workloads } from "../stack/report.ts";
import { headline, makePlan, outputOf, type Invocation } from "../stack/plan.ts";
import { connectionTo } from "../cluster/cluster-connection.ts";
import type { DeployedStack } from "../stack/deployed-stack.ts";
import { checkCluster, nodesNote, runsNoContainer } from "../cluster/cluster-lifecycle.ts";

/** Says what runs and how to reach it; with JSON=1 as JSON, and everything else on stderr. */
export async function status(invocation: Invocation): Promise<void> {
  const { env } = invocation;
  const { json, log } = outputOf(invocation);
  const plan = makePlan(invocation);
  const { stack } = plan;
  log(headline(plan));
  const cli = await openCli(plan, { ...invocation, log }, log);
  const resources = countOf(await cli.state());
  const tell = (found: object, text: string) => {
    invocation.log(json ? JSON.stringify({ stack: stack.name, resources, ...found }, null, 2) : text);
  };
  if (resources === 0) {
    tell({ outputs: {}, workloads: [] }, `\nNothing is deployed in stack ${stack.name}.`);
    return;
  }
  await checkCluster(stack, env, cli.byHand);
  const outputs = await cli.outputs();
  const connection = await connectionTo(plan, cli, env);
  const pods =
    connection === undefined ? [] : await workloads(connection.context, stack.namespace, connection.env);
  const known = {
    namespace: stack.namespace,
    clusterName: connection?.context ?? "a cluster that is not there yet",
    accessCommand: "not known: the last make up did not come to its end",
    ...outputs,
  };
  const text = summary(known, pods, await nodesNote(stack, invocation.root));
  if (connection === undefined || (await runsNoContainer(stack, invocation.root))) {
    tell({ outputs, workloads: pods }, `\n${text}`);
    return;
  }
  const { root } = invocation;
  const backups = await backupsOf({ plan, stack, cli, cluster: connection, env, root });
  const { list, why = "" } = backups;
  const line = list === undefined ? `Backups:  not known: ${why.split("\n")[0] ?? ""}` : stateText(list);
  tell({ outputs, workloads: pods, backups: list ?? null }, `\n${text}\n${line}`);
}

/** The backups of a stack, or why they are not known: what runs is worth saying without them. */
async function backupsOf(deployed: DeployedStack): Promise<{ list?: BackupState; why?: string }> {
  try {
    return { list: await backupState(await backupContainer(deployed)) };
  } catch (error) {
    return { why: messageOf(error) };
  }
}
