import { openCli } from "../engine/cli.ts";
import { checkConfiguration } from "../stack/check-configuration.ts";
import { foreignFields, foreignFieldsText } from "../stack/foreign-fields.ts";
import { countOf } from "../recovery/pending-operations.ts";
import { kubectlOf, locked, makePlan, type Invocation } from "../stack/plan.ts";
import { checkStackNamespace } from "../cluster/existing-namespace.ts";
import { checkCluster } from "../cluster/cluster-lifecycle.ts";
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
      if (countOf(state) > 0) await checkConfiguration(cli, plan.stack, env);
      if (state === undefined) await cli.init();
      steps.breakLine();
      const kubectl = `${kubectlOf(plan.stack, env)} -n ${plan.stack.namespace}`;
      write(foreignFieldsText(foreignFields(await cli.plan(true)), kubectl));
    });
  });
}
