import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { throwAwayBackend } from "../engine/backend.ts";
import { openCli } from "../engine/cli.ts";
import { checkConfiguration } from "../stack/check-configuration.ts";
import { foreignFields, foreignFieldsText } from "../stack/foreign-fields.ts";
import { kubectlOf, locked, makePlan, type Invocation, type Plan } from "../stack/plan.ts";
import { checkStackNamespace } from "../cluster/existing-namespace.ts";
import { checkCluster } from "../cluster/cluster-lifecycle.ts";
import { hasCreated } from "../recovery/unused-settings.ts";
import { createSteps } from "../steps.ts";
import { announce } from "./up.ts";

/** Shows what `make up` would change, in detail. Starts no cluster. */
export async function preview(invocation: Invocation): Promise<void> {
  const { env, write } = invocation;
  const plan = makePlan(invocation);
  await announce(plan, invocation);
  const steps = createSteps(3, write);
  await locked(invocation, plan, async () => {
    const cli = await steps.run("engine", (line) => openCli(plan, invocation, line));
    await steps.run("cluster", async (line) => {
      await checkCluster(plan.stack, env);
      await checkStackNamespace(plan.stack, env, line);
    });
    await steps.run("preview", async () => {
      const state = await cli.state();
      await checkConfiguration(cli, plan.stack, env, state);
      steps.breakLine();
      if (state === undefined || !hasCreated(state)) {
        await planFirst(plan, invocation);
        return;
      }
      const kubectl = `${kubectlOf(plan.stack, env)} -n ${plan.stack.namespace}`;
      write(foreignFieldsText(foreignFields(await cli.plan(true)), kubectl));
    });
  });
}

/**
 * Plans a stack that is not there yet, or that has created nothing: a first deployment that failed fixes no setting. The
 * CLI plans for stacks alone: there is one for as long as that takes.
 */
async function planFirst(plan: Plan, invocation: Invocation): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "multi-client-preview-"));
  const file = join(invocation.root, `Pulumi.${plan.stack.name}.yaml`);
  const before = readFileSync(file, "utf8");
  try {
    const backend = throwAwayBackend(plan.backend, folder);
    const cli = await openCli({ ...plan, backend }, invocation, () => undefined);
    await cli.init();
    await cli.plan(true);
  } finally {
    // A stack that is made writes its salt into the file.
    if (readFileSync(file, "utf8") !== before) writeFileSync(file, before);
    rmSync(folder, { recursive: true, force: true });
  }
}
