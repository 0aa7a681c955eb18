import { UserError } from "../../system/errors.ts";
import type { Env } from "../../system/folders.ts";
import type { Log } from "../../system/log.ts";
import type { Cli } from "../engine/cli.ts";
import type { State } from "../recovery/pending-operations.ts";
import { kubectlOf, type Plan } from "../stack/plan.ts";
import { isManaged, type Stack } from "../stack/read-stack.ts";
import { connectionTo } from "./cluster-connection.ts";
import { kubeReader, type KubeReader } from "./kube-reader.ts";
import { pullSecretCommand } from "./pull-secret-command.ts";

/** @see https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets */
const TYPE = "kubernetes.io/dockerconfigjson";

/** Checks the pull secret of a stack that names one, before anything is changed; see {@link checkPullSecret}. */
export async function checkStackPullSecret(
  plan: Plan,
  cli: Cli,
  state: State | undefined,
  env: Env,
  log: Log,
): Promise<void> {
  const { stack } = plan;
  if (stack.pullSecret === undefined) return;
  // A cluster that the stack makes is not there before its state is.
  const connection = isManaged(stack) && state === undefined ? undefined : await connectionTo(plan, cli, env);
  const get: KubeReader = (path) =>
    connection ? kubeReader(connection.context, connection.env)(path) : Promise.resolve(undefined);
  await checkPullSecret(stack, get, kubectlOf(stack, env), log);
}

/**
 * Makes sure that the Secret which `images.pullSecret` names is there. In a namespace that the stack is still to make it
 * cannot be: then the command is said that makes it while the pods wait.
 *
 * @param kubectl the command with its context.
 * @throws UserError where it is missing or of another type.
 */
export async function checkPullSecret(
  { namespace, pullSecret: name = "", images }: Pick<Stack, "namespace" | "pullSecret" | "images">,
  get: KubeReader,
  kubectl: string,
  log: Log,
): Promise<void> {
  const create = pullSecretCommand(`${kubectl} -n ${namespace}`, name, images);
  let found: { readonly type?: string } | undefined;
  try {
    found = (await get(`/api/v1/namespaces/${namespace}/secrets/${name}`)) as typeof found;
    if (found === undefined && (await get(`/api/v1/namespaces/${namespace}`)) === undefined) {
      log(`Warning: Secret ${name} of images.pullSecret cannot be there yet: make up creates its namespace.`);
      log("  Make it as soon as the namespace is there; pods that could not pull try again by themselves:");
      log(`  ${create}`);
      return;
    }
  } catch {
    return; // who may not read it may still deploy pods that use it
  }
  if (found?.type === TYPE) return;
  const what = `Secret ${name} of images.pullSecret, in namespace ${namespace},`;
  throw new UserError(
    found === undefined
      ? `${what} is not there: no pod could pull its image.\nFix: ${create}`
      : `${what} is of type ${String(found.type)}, and pods pull with ${TYPE} only.\n` +
          `Fix: ${kubectl} -n ${namespace} delete secret ${name}\n     ${create}`,
  );
}
