import { kubeReader } from "../cluster/kube-reader.ts";
import { openCli } from "../engine/cli.ts";
import { checkConfiguration } from "../stack/check-configuration.ts";
import { criticalPath, criticalPathText } from "../stack/critical-path.ts";
import { checkMinikube } from "../cluster/minikube.ts";
import { countOf } from "../recovery/pending-operations.ts";
import { lostClaims, lostText } from "../recovery/lost-claims.ts";
import { withReasons } from "../hints/not-ready.ts";
import { summary, workloads } from "../stack/report.ts";
import { headline, kubectlOf, locked, makePlan, type Invocation, type Plan } from "../stack/plan.ts";
import { connectionTo } from "../cluster/cluster-connection.ts";
import { recover } from "../recovery/recover.ts";
import { isManaged } from "../stack/stack-file.ts";
import { sandbox, sandboxCluster, startCluster } from "../cluster/cluster-lifecycle.ts";
import { createSteps } from "../steps.ts";

/** Dependencies, engine, cluster, deployment; then says what runs and how to reach it. */
export async function up(invocation: Invocation): Promise<void> {
  const { root, env, write } = invocation;
  const plan = makePlan(invocation);
  const { stack } = plan;
  await announce(plan, invocation);
  const steps = createSteps(5, write);
  steps.done("dependencies", Number(env.MULTI_CLIENT_INSTALL_SECONDS ?? 0));
  const log = (line: string) => {
    write(`${line}\n`);
  };
  await locked(invocation, plan, log, async () => {
    const cli = await steps.run("engine", (line) => openCli(plan, invocation, line));
    await steps.run("cluster", (line) =>
      startCluster(stack, { root, env, log: line, breakLine: steps.breakLine }),
    );
    let lost: string[] = [];
    let begin = Infinity;
    const output = await steps.run("deploy", async (line) => {
      const state = await cli.state();
      // Where nothing is deployed, the program says it as soon.
      if (countOf(state) > 0) await checkConfiguration(cli, stack, env);
      if (state === undefined) await cli.init();
      else await recover(plan, cli, state, invocation, line);
      steps.breakLine();
      // The plan is made against what really runs; where it is empty, the program need not run a second time.
      const planned = (await cli.show(["preview", "--refresh"])).output;
      if (isEmptyPlan(planned)) return planned;
      lost = lostClaims(planned);
      write(lostText(lost)); // now too: should this run fail, no later one can know
      begin = Date.now();
      try {
        return (await cli.show(["up", "--yes", "--skip-preview", "--refresh"])).output;
      } catch (error) {
        const way = await connectionTo(plan, cli, env);
        if (way === undefined) throw error;
        const { namespace } = stack;
        const get = await kubeReader(way.context, root, way.env);
        throw await withReasons(error, get, namespace, `${kubectlOf(stack, env)} -n ${namespace}`);
      }
    });
    const said = await steps.run("summary", async () => {
      const outputs = await cli.outputs();
      const way = await connectionTo(plan, cli, env);
      const pods = way === undefined ? [] : await workloads(way.context, stack.namespace, root, way.env);
      return summary(outputs, pods, sandboxCluster(stack) !== undefined);
    });
    const path = isManaged(stack) ? criticalPath((await cli.state())?.deployment.resources ?? [], begin) : [];
    const same = unchanged(output);
    write(
      `\n${said}\n${criticalPathText(path)}${lostText(lost)}${same === undefined ? "" : `Stack ${stack.name}: nothing changed, ${same}.\n`}`,
    );
  });
}

/** Before anything is started: which stack, where its state is, and what the sandbox will build and not show. */
export async function announce(plan: Plan, { root, env, write }: Invocation): Promise<void> {
  const { name, target } = plan.stack;
  write(`${headline(plan)}\n`);
  if (target.provider === "minikube") checkMinikube(name, target, env);
  if (sandboxCluster(plan.stack) === undefined) return;
  const { describe } = await sandbox(root);
  write(`${await describe()}\n`);
}

/** Whether a preview proposes nothing: no resource, no output, and nothing left over from an interrupted run. */
export function isEmptyPlan(preview: string): boolean {
  return unchanged(preview) !== undefined && !/^Outputs:|pending operation/m.test(preview);
}

/** What the CLI's own summary says of a run that changed nothing, e.g. `35 resources as they were`. */
export function unchanged(output: string): string | undefined {
  const [, counts = ""] = /^Resources:\n((?: .*\n)+)(?![\s\S]*^Resources:)/m.exec(output) ?? [];
  const [, count] = /^ +(\d+) unchanged\n$/.exec(counts) ?? [];
  return count === undefined ? undefined : `${count} resources as they were`;
}
