import { explained } from "../../system/errors.ts";
import { passInterrupt } from "../../system/process.ts";
import { checkStackNamespace } from "../cluster/existing-namespace.ts";
import { kubeReader, kubeRemover } from "../cluster/kube-reader.ts";
import { kubectlFor } from "../cluster/kubectl.ts";
import { checkStackSecrets } from "../cluster/named-secrets.ts";
import { openCli, type Cli } from "../engine/cli.ts";
import { checkConfiguration } from "../stack/check-configuration.ts";
import { criticalPath, criticalPathText } from "../stack/critical-path.ts";
import { checkMinikube } from "../cluster/minikube.ts";
import { leavingAutoscalers, lostClaims, unchangedResources } from "../engine/events.ts";
import { withReasons } from "../hints/not-ready.ts";
import { metricsWarning, summary, workloads } from "../stack/report.ts";
import {
  checkBackendIsChosen,
  headline,
  kubectlOf,
  locked,
  makePlan,
  type Invocation,
  type Plan,
} from "../stack/plan.ts";
import { connectionTo } from "../cluster/cluster-connection.ts";
import { forgetUnusedSettings } from "../recovery/unused-settings.ts";
import { watchBrokenPods } from "../recovery/broken-pods.ts";
import { recover } from "../recovery/recover.ts";
import { isManaged } from "../stack/read-stack.ts";
import {
  nodesNote,
  runsNoContainer,
  sandbox,
  sandboxCluster,
  startCluster,
} from "../cluster/cluster-lifecycle.ts";
import type { Log } from "../../system/log.ts";
import { createSteps } from "../steps.ts";
import { snapshotBefore } from "./snapshot.ts";

/** Dependencies, engine, cluster, deployment; then says what runs and how to reach it. */
export async function up(invocation: Invocation): Promise<void> {
  const { root, env, write } = invocation;
  const plan = makePlan(invocation);
  const { stack } = plan;
  await announce(plan, invocation);
  const steps = createSteps(5, write);
  steps.done("dependencies", Number(env.MULTI_CLIENT_INSTALL_SECONDS ?? 0));
  await locked(invocation, plan, async () => {
    const cli = await steps.run("engine", (line) => openCli(plan, invocation, line));
    await steps.run("cluster", async (line) => {
      await startCluster(stack, { root, env, log: line, breakLine: steps.breakLine });
      await checkStackNamespace(stack, env, line);
    });
    let [lost, begin] = ["", Infinity];
    const unchanged = await steps.run("deploy", async (line) => {
      const state = await cli.state();
      if (state === undefined) checkBackendIsChosen(plan);
      const upgrade = await checkConfiguration(cli, stack, env, state);
      await checkStackSecrets(plan, cli, state, env, line);
      if (state === undefined) await cli.init();
      const settled = state && (await recover(plan, cli, state, invocation, line));
      if (settled !== undefined) await forgetUnusedSettings(cli, settled, line);
      steps.breakLine();
      const planned = await cli.plan(false);
      const same = unchangedResources(planned);
      // An empty plan need not be carried out, unless the state has resources that were taken over and never read.
      if (same !== undefined && settled === state) return same;
      lost = lostText(lostClaims(planned));
      write(lost); // now too: should this run fail, no later one can know
      const cluster = upgrade && (await connectionTo(plan, cli, env));
      if (cluster) {
        const kubectl = await kubectlFor({ stack, cluster, root });
        await snapshotBefore(`the upgrade to Kubernetes ${upgrade}`, stack, kubectl, {
          ...invocation,
          log: line,
        });
      }
      begin = Date.now();
      // The engine deletes last, when a Deployment has its number: an autoscaler that is still there would set its own.
      const leaving = leavingAutoscalers(planned).flatMap((urn) => ["--target", urn]);
      if (leaving.length > 0) await cli.show(["destroy", "--yes", "--skip-preview", ...leaving]);
      const stopWatching = await watchPods(plan, cli, invocation, line);
      try {
        await cli.show(["up", "--yes", "--skip-preview", "--refresh"]);
        return undefined;
      } catch (error) {
        const connection = await connectionTo(plan, cli, env);
        if (connection === undefined) throw error;
        const { namespace } = stack;
        const get = kubeReader(connection.context, connection.env);
        throw await withReasons(error, get, namespace, `${kubectlOf(stack, env)} -n ${namespace}`, cli);
      } finally {
        await stopWatching();
      }
    });
    const report = await steps.run("summary", async () => {
      const outputs = await cli.outputs();
      const connection = await connectionTo(plan, cli, env);
      const pods =
        connection === undefined ? [] : await workloads(connection.context, stack.namespace, connection.env);
      const warning =
        connection === undefined || !stack.autoscaled || (await runsNoContainer(stack, root))
          ? ""
          : await metricsWarning(kubeReader(connection.context, connection.env));
      return `${summary(outputs, pods, await nodesNote(stack, root))}${warning && `\n${warning}`}`;
    });
    const path = isManaged(stack) ? criticalPath((await cli.state())?.deployment.resources ?? [], begin) : [];
    const same =
      unchanged === undefined
        ? ""
        : `Stack ${stack.name}: nothing changed, ${String(unchanged)} resources as they were.\n`;
    write(`\n${report}\n${criticalPathText(path)}${lost}${same}`);
  });
}

/** Watches the pods that are broken before an update; see {@link watchBrokenPods}. @returns ends the watch */
async function watchPods(plan: Plan, cli: Cli, { env }: Invocation, log: Log): Promise<() => Promise<void>> {
  const connection = await connectionTo(plan, cli, env);
  if (connection === undefined) return () => Promise.resolve();
  const { namespace } = plan.stack;
  const kubectl = `${kubectlOf(plan.stack, env)} -n ${namespace}`;
  try {
    const get = kubeReader(connection.context, connection.env);
    const remove = kubeRemover(connection.context, connection.env);
    return await watchBrokenPods({ get, remove, namespace, kubectl }, log);
  } catch (error) {
    passInterrupt(error);
    return () => Promise.resolve(); // without kubectl nobody watches: the update does not need it
  }
}

/** Before anything is started: which stack, where its state is, and what the sandbox will build and not show. */
export async function announce(plan: Plan, { root, env, write }: Invocation): Promise<void> {
  const { name, target } = plan.stack;
  write(`${headline(plan)}\n`);
  if (target.provider === "minikube") checkMinikube(name, target, env);
  const cluster = sandboxCluster(plan.stack);
  if (cluster === undefined) return;
  const { describe } = await sandbox(root);
  write(`${await explained(() => describe(cluster, env))}\n`);
}

/** The line about claims whose data is lost; empty when none is. */
export function lostText(claims: readonly string[]): string {
  return claims.length === 0
    ? ""
    : `Data was lost in the cluster, not by this run: ${claims.join(", ")} ${claims.length === 1 ? "was" : "were"} gone. ` +
        "Made anew, and empty: bring back what is needed from a backup.\n";
}
