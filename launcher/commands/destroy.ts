import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { accountOf } from "../../config/accounts.ts";
import { readSettings } from "../../config/raw-settings.ts";
import { explained, UserError } from "../../system/errors.ts";
import { stateFolder, value } from "../../system/folders.ts";
import { passInterrupt } from "../../system/process.ts";
import type { Log } from "../../system/log.ts";
import { kubeReader } from "../cluster/kube-reader.ts";
import { CliFailure, openCli, UnknownFailure, type Cli } from "../engine/cli.ts";
import { countOf, type State } from "../recovery/pending-operations.ts";
import { engineSettings } from "../stack/check-configuration.ts";
import {
  checkBackendIsChosen,
  contextOf,
  headline,
  kubectlOf,
  locked,
  makePlan,
  type Invocation,
  type Plan,
} from "../stack/plan.ts";
import { SNAPSHOT_CONTENTS } from "../backups/snapshots.ts";
import { connectionTo } from "../cluster/cluster-connection.ts";
import { recover } from "../recovery/recover.ts";
import { isLocal, isManaged, readSettingsOf, type Stack } from "../stack/read-stack.ts";
import { mendCluster, sandbox, sandboxCluster } from "../cluster/cluster-lifecycle.ts";
import { createSteps, shownSeconds, type Steps } from "../steps.ts";
import type { CloudOperations } from "../clouds/cloud-operations.ts";
import { operationsOf } from "../clouds/registry.ts";
import {
  leftoverCommands,
  protectedClusters,
  retainedObjects,
  retainedDisks,
  retainedResources,
  retainedSnapshots,
  type SnapshotContents,
  type Volumes,
} from "../recovery/retained-resources.ts";

/** Destroys a stack elsewhere, whose data is protected, after CONFIRM allowed it. The stack itself stays. */
export async function destroy(invocation: Invocation): Promise<void> {
  const { root, env, write } = invocation;
  const plan = makePlan(invocation);
  const { stack } = plan;
  if (stack.target.provider === "other") contextOf(stack); // what is not known cannot be destroyed as it must be
  if (isLocal(stack)) {
    throw new UserError(`Stack ${stack.name} is on this computer: make down STACK=${stack.name}`);
  }
  const protects = whatIsProtected(stack);
  if (value(env.STACK) === undefined || value(env.CONFIRM) !== stack.name) {
    throw new UserError(
      `make destroy deletes everything of stack ${stack.name}, its data with it.\n${protects}\n` +
        "Confirmed, it takes the protection off explicitly (pulumi state unprotect --all), then destroys.\n" +
        `Found CONFIRM=${JSON.stringify(env.CONFIRM ?? "")}. If you mean it: make destroy STACK=${stack.name} CONFIRM=${stack.name}`,
    );
  }
  write(`${headline(plan)}\n${protects}\nCONFIRM=${stack.name}: the protection is taken off now.\n`);
  const cloud = operationsOf(stack);
  const steps = createSteps(cloud === undefined ? 3 : 5, write);
  await locked(invocation, plan, async () => {
    const cli = await steps.run("engine", (line) => openCli(plan, invocation, line));
    const { breakLine } = steps;
    await steps.run("cluster", (line) => mendCluster(stack, { root, env, log: line, breakLine }));
    const found = await cli.state();
    if (found === undefined) checkBackendIsChosen(plan);
    const state = found && (await recover(plan, cli, found, invocation, invocation.log));
    const isEmpty = countOf(state) === 0;
    const commands = cloud ? leftoverCommands(cloud, stack.name, state, accountIn(stack, root)) : [];
    if (cloud !== undefined)
      await steps.run("retained", (line) => tellRetained(plan, cloud, cli, state, invocation, line));
    await steps.run("destroy", async (line) => {
      if (isEmpty) {
        line(`Nothing is deployed in stack ${stack.name}.`);
        return;
      }
      steps.breakLine();
      const clusters = cloud === undefined ? [] : protectedClusters(cloud, state);
      if (clusters.length > 0) await allowDeletion(stack, cli, clusters, invocation, line);
      await cli.show(["state", "unprotect", "--all", "--yes"]);
      // What was taken over is known by its inputs alone until it is read.
      const work = () => cli.show(["destroy", "--yes", ...(state === found ? [] : ["--refresh"])]);
      try {
        await (cloud ? untilUnused(work, cloud, line) : work());
      } catch (error) {
        if (commands.length > 0) line("It is not all gone. These list what the cloud still has of it:");
        for (const command of commands) line(`  ${command}`);
        throw error;
      }
      if (stack.existingNamespace === true)
        for (const text of retainedObjects(state, `${kubectlOf(stack, env)} -n ${stack.namespace}`))
          line(text);
    });
    if (cloud === undefined) return;
    await steps.run("leftovers", (line) => checkLeftovers(plan, commands, invocation, steps, line));
  });
}

/** The account of a stack; nothing of one whose settings are wrong: it can be destroyed all the same. */
function accountIn({ name, target }: Stack, root: string): Readonly<Record<string, string>> {
  if (target.provider !== "managed") return {};
  const { account, problems } = accountOf(target.cloud, readSettingsOf(root, name).texts, "allowed");
  return problems.length > 0 ? {} : account;
}

function whatIsProtected(stack: Stack): string {
  const data =
    "Its claims, StatefulSets and database password are protected: no deployment can delete or replace them.";
  if (!isManaged(stack)) return data;
  return `${data}\nSo are its cluster and the keys of that, here and in the cloud itself.`;
}

/**
 * Destroys, again and again while the cloud says that something is in use which it removes by itself some minutes later. A
 * provider asks once: its time limit bounds the wait for that one answer.
 *
 * @param pause the milliseconds between two attempts. @param limit those after which the failure counts.
 */
export async function untilUnused<T>(
  work: () => Promise<T>,
  { inUse }: Pick<CloudOperations, "inUse">,
  log: Log,
  { pause = 30_000, limit = 900_000 } = {},
): Promise<T> {
  const end = Date.now() + limit;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const user = error instanceof CliFailure ? inUse?.exec(error.output)?.[1] : undefined;
      const left = end - Date.now() - pause;
      if (user === undefined || left < 0) throw error;
      log(
        `Still in use by ${user}, which the cloud removes by itself. Again in ${shownSeconds(pause)}; ` +
          `given up ${shownSeconds(left)} after that.`,
      );
      await sleep(pause);
    }
  }
}

/** Disks, snapshots and keys outlive the stack on purpose: they are named while somebody can still say which is which. */
async function tellRetained(
  plan: Plan,
  cloud: CloudOperations,
  cli: Cli,
  state: State | undefined,
  { env }: Invocation,
  log: Log,
): Promise<void> {
  const connection = countOf(state) === 0 ? undefined : await connectionTo(plan, cli, env);
  let disks: string[] = [];
  try {
    const get = connection && kubeReader(connection.context, connection.env);
    const volumes = get && ((await get("/api/v1/persistentvolumes")) as Volumes | undefined);
    const contents = get && ((await get(SNAPSHOT_CONTENTS)) as SnapshotContents | undefined);
    const { namespace } = plan.stack;
    disks = [
      ...retainedDisks(volumes ?? { items: [] }, namespace),
      ...retainedSnapshots(contents ?? { items: [] }, namespace),
    ];
  } catch (error) {
    passInterrupt(error);
    // An earlier destroy may have taken the cluster already: then it must not stop this one.
    const why = error instanceof Error ? error.message.split("\n")[0] : "";
    log(
      `The cluster does not answer, so its disks and snapshots cannot be named (${why ?? ""}). Those of claims are retained.`,
    );
  }
  const lines = [...disks, ...retainedResources(cloud, state)];
  log(
    lines.length === 0
      ? "Nothing is retained."
      : "These are retained, and go on costing, until somebody deletes them by hand:",
  );
  for (const line of lines) log(`  ${line}`);
}

/** Deletion protection is off in the cloud when the engine has written so: first an update of the cluster alone. */
async function allowDeletion(
  stack: Stack,
  cli: Cli,
  clusters: readonly string[],
  { root, env }: Invocation,
  log: Log,
): Promise<void> {
  // The user's own file stays as it is: should this run end here, the next make up protects the cluster again.
  const file = join(stateFolder(env), `Pulumi.${stack.name}.unprotected.yaml`);
  const key = "multi-client:cluster";
  try {
    copyFileSync(join(root, `Pulumi.${stack.name}.yaml`), file);
    const { texts, secretKeys } = await engineSettings(cli);
    const set = JSON.stringify({ ...readSettings(texts).cluster, deletionProtection: false });
    const flags = ["--config-file", file, ...(secretKeys.includes(key) ? ["--secret"] : [])];
    await cli.ask(["config", "set", key, ...flags], set); // not an argument: every process sees those
    const update = ["up", "--yes", "--skip-preview", "--config-file", file];
    try {
      await cli.show([...update, ...clusters.flatMap((urn) => ["--target", urn])]);
    } catch (error) {
      if (!(error instanceof UnknownFailure)) throw error;
      // A destroy with the CLI alone takes what is not protected before it stops, and the engine updates no part of a
      // stack in which what that part leads to is missing: it ends without a word of its own for it.
      log(
        "The cluster could not be updated alone, as after a destroy that stopped halfway: the stack is made whole first.",
      );
      await cli.show(update);
    }
  } finally {
    rmSync(file, { force: true });
  }
}

/** Looks for what the destroyed stack may have left in the account, or names the commands that do. */
async function checkLeftovers(
  { stack }: Plan,
  commands: readonly string[],
  { root, env }: Invocation,
  steps: Steps,
  log: Log,
): Promise<void> {
  const name = sandboxCluster(stack);
  if (name === undefined) {
    log("Nothing is left that Pulumi knows of. What the cloud still has of it, the disks above among it:");
    for (const command of commands) log(`  ${command}`);
    return;
  }
  const { clusterDown, cloudLeftovers } = await sandbox(root);
  const left = cloudLeftovers(
    join(stateFolder(env), "clouds"),
    stack.target.provider === "managed" ? stack.target.cloud : "",
  );
  if (left.length > 0) throw new UserError(`The simulated account still has:\n  ${left.join("\n  ")}`);
  log("The simulated account is empty.");
  steps.breakLine();
  await explained(() => clusterDown({ name, log }));
}
