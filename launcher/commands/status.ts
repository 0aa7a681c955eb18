import { openCli } from "../engine/cli.ts";
import { value } from "../../system/folders.ts";
import { countOf } from "../recovery/pending-operations.ts";
import { summary, workloads } from "../stack/report.ts";
import { headline, makePlan, type Invocation } from "../stack/plan.ts";
import { connectionTo } from "../cluster/cluster-connection.ts";
import { checkCluster, nodesNote } from "../cluster/cluster-lifecycle.ts";

/** Says what runs and how to reach it; with JSON=1 as JSON, and everything else on stderr. */
export async function status(invocation: Invocation): Promise<void> {
  const { env } = invocation;
  const json = value(env.JSON) !== undefined;
  const log = json ? (line: string) => void process.stderr.write(`${line}\n`) : invocation.log;
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
  await checkCluster(stack, env);
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
  tell({ outputs, workloads: pods }, `\n${summary(known, pods, await nodesNote(stack, invocation.root))}`);
}
