import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { throwAwayBackend } from "../engine/backend.ts";
import { openCli } from "../engine/cli.ts";
import type { EngineEvent } from "../engine/events.ts";
import { previewResult, recorded } from "../pipeline/result.ts";
import { checkConfiguration } from "../stack/check-configuration.ts";
import { foreignFields, foreignFieldsText } from "../stack/foreign-fields.ts";
import {
  checkBackendIsChosen,
  chosenStack,
  kubectlOf,
  locked,
  makePlan,
  type Invocation,
  type Plan,
} from "../stack/plan.ts";
import { checkStackNamespace } from "../cluster/existing-namespace.ts";
import { checkStackSecrets } from "../cluster/named-secrets.ts";
import { checkCluster } from "../cluster/cluster-lifecycle.ts";
import { hasCreated } from "../recovery/unused-settings.ts";
import { createSteps } from "../steps.ts";
import { announce } from "./up.ts";

/** Shows what `make up` would change, in detail, and writes it to build/ci/ without values. Starts no cluster. */
export async function preview(invocation: Invocation): Promise<void> {
  const { name } = chosenStack(invocation);
  await recorded(invocation.root, "preview", name, async (at) => {
    const plan = makePlan(invocation);
    return previewResult(name, at, await planStack(invocation, plan, () => planFirst(plan, invocation)));
  });
}

/**
 * Plans an update of a stack and shows it; changes neither the state nor the cluster.
 *
 * @param planNew plans a stack that has created nothing.
 * @returns the events of the plan.
 */
export async function planStack(
  invocation: Invocation,
  plan: Plan,
  planNew: () => Promise<readonly EngineEvent[]>,
): Promise<readonly EngineEvent[]> {
  const { env, write } = invocation;
  await announce(plan, invocation);
  const steps = createSteps(3, write);
  return locked(invocation, plan, async () => {
    const cli = await steps.run("engine", (line) => openCli(plan, invocation, line));
    await steps.run("cluster", async (line) => {
      await checkCluster(plan.stack, env);
      await checkStackNamespace(plan.stack, env, line);
    });
    return steps.run(invocation.command, async (line) => {
      const state = await cli.state();
      if (state === undefined) checkBackendIsChosen(plan);
      await checkConfiguration(cli, plan.stack, env, state);
      await checkStackSecrets(plan, cli, state, env, line);
      steps.breakLine();
      if (state === undefined || !hasCreated(state)) return planNew();
      const kubectl = `${kubectlOf(plan.stack, env)} -n ${plan.stack.namespace}`;
      const events = await cli.plan(true);
      write(foreignFieldsText(foreignFields(events), kubectl));
      return events;
    });
  });
}

/**
 * Plans a stack that is not there yet, or that has created nothing: a first deployment that failed fixes no setting. The
 * CLI plans for stacks alone: there is one for as long as that takes.
 */
async function planFirst(plan: Plan, invocation: Invocation): Promise<readonly EngineEvent[]> {
  const folder = mkdtempSync(join(tmpdir(), "multi-client-preview-"));
  const file = join(invocation.root, `Pulumi.${plan.stack.name}.yaml`);
  const read = () => readFileSync(file, "utf8");
  let [before, made] = ["", ""];
  try {
    const backend = throwAwayBackend(plan.backend, folder);
    const cli = await openCli({ ...plan, backend }, invocation, () => undefined);
    before = made = read();
    await cli.init().finally(() => (made = read()));
    return await cli.plan(true);
  } finally {
    if (made !== before) writeFileSync(file, withoutKey(read(), made, before));
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A stack that is made writes its salt or key into the file. It is taken out again, and what a person wrote meanwhile stays.
 *
 * @param made the text as the stack was made. @param before the text before that.
 */
function withoutKey(text: string, made: string, before: string): string {
  if (text === made) return before;
  const lines = before.split("\n");
  const isAdded = (line: string) => /^(encryptionsalt|encryptedkey):/.test(line) && !lines.includes(line);
  return text
    .split("\n")
    .filter((line) => !isAdded(line))
    .join("\n");
}
