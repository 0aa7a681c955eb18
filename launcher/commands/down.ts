import { openCli } from "../engine/cli.ts";
import { findContext, unreachable } from "../cluster/kube-context.ts";
import { explained, UserError } from "../../system/errors.ts";
import { sandboxContext } from "../../system/sandbox-context.ts";
import { minikubeFound, minikubeState } from "../cluster/minikube.ts";
import { countOf } from "../recovery/pending-operations.ts";
import { headline, kubectlOf, locked, makePlan, type Invocation, type Plan } from "../stack/plan.ts";
import { retainedObjects } from "../recovery/retained-resources.ts";
import { recover } from "../recovery/recover.ts";
import { checkCluster, sandbox, sandboxCluster } from "../cluster/cluster-lifecycle.ts";
import { isLocal } from "../stack/read-stack.ts";
import { createSteps } from "../steps.ts";

/** Destroys a local stack: what runs, the stack, and our own cluster with it. Never stops a minikube. */
export async function down(invocation: Invocation): Promise<void> {
  const { root, env, write } = invocation;
  const plan = makePlan(invocation);
  const { stack } = plan;
  if (!isLocal(stack)) {
    throw new UserError(
      `make down is for stacks on this computer; ${stack.name} is not one (Pulumi.${stack.name}.yaml).\n` +
        `To destroy it: make destroy STACK=${stack.name} CONFIRM=${stack.name}`,
    );
  }
  write(`${headline(plan)}\n`);
  const name = sandboxCluster(stack);
  const steps = createSteps(name === undefined ? 2 : 3, write);
  await locked(invocation, plan, async () => {
    const cli = await steps.run("engine", (line) => openCli(plan, invocation, line));
    await steps.run("destroy", async (log) => {
      const state = await cli.state();
      if (state === undefined) {
        log(`Stack ${stack.name} is not there: nothing to destroy.`);
        return;
      }
      const isEmpty = countOf(state) === 0;
      const gone = !isEmpty && (await clusterGone(plan, invocation));
      if (gone) log(`Its cluster is gone, and everything on it: the state of stack ${stack.name} goes too.`);
      else if (!isEmpty) {
        await checkCluster(stack, env, cli.byHand);
        const settled = await recover(plan, cli, state, invocation, log);
        steps.breakLine();
        // What was taken over is known by its inputs alone until it is read.
        await cli.show(["destroy", "--yes", ...(settled === state ? [] : ["--refresh"])]);
      }
      if (stack.existingNamespace === true && !gone)
        for (const text of retainedObjects(state, `${kubectlOf(stack, env)} -n ${stack.namespace}`))
          log(text);
      await cli.ask(["stack", "rm", "--yes", "--preserve-config", ...(gone ? ["--force"] : [])]);
    });
    if (name !== undefined) {
      const { clusterDown } = await sandbox(root);
      await steps.run("cluster", (log) => explained(() => clusterDown({ name, log })));
    }
  });
  write(`Stack ${stack.name} is down.\n`);
}

/** Tells whether a cluster on this computer is gone for good, and with it all that the state knows of. */
async function clusterGone({ stack }: Plan, { root, env }: Invocation): Promise<boolean> {
  const { target } = stack;
  const name = sandboxCluster(stack);
  if (name !== undefined) {
    const { state } = await (await sandbox(root)).clusterStatus(name);
    const server = findContext(sandboxContext(name), env)?.server;
    return state !== "running" || server === undefined || (await unreachable(server)) !== undefined;
  }
  return (
    target.provider === "minikube" && minikubeFound(env) && (await minikubeState(target, env)) === "absent"
  );
}
