import { UserError } from "../../system/errors.ts";
import type { Log } from "../../system/log.ts";
import type { Env } from "../../system/folders.ts";
import { passInterrupt } from "../../system/process.ts";
import { contextOf, kubectlOf } from "../stack/plan.ts";
import { placeText } from "../../config/stack-file-place.ts";
import type { Stack } from "../stack/read-stack.ts";
import { kubeReader, type KubeReader } from "./kube-reader.ts";

const ENFORCE = "pod-security.kubernetes.io/enforce";

/** Checks the namespace of a stack that does not create it; see {@link checkExistingNamespace}. */
export async function checkStackNamespace(stack: Stack, env: Env, log: Log): Promise<void> {
  if (stack.existingNamespace !== true) return;
  const get: KubeReader = (path) => kubeReader(contextOf(stack), env)(path);
  await checkExistingNamespace(stack.namespace, stack.name, get, kubectlOf(stack, env), log);
}

/**
 * Makes sure that a namespace which the stack does not create is there, and says what its owner left open: the program
 * changes nothing of it.
 *
 * @param kubectl the command with its context.
 * @throws UserError where there is no such namespace.
 */
export async function checkExistingNamespace(
  namespace: string,
  stack: string,
  get: KubeReader,
  kubectl: string,
  log: Log,
): Promise<void> {
  let found: { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } } | undefined;
  try {
    found = (await get(`/api/v1/namespaces/${namespace}`)) as typeof found;
  } catch (error) {
    passInterrupt(error);
    return; // who may not read it may still deploy into it
  }
  if (found === undefined) {
    throw new UserError(
      `Namespace ${namespace} is not there, and cluster.existingNamespace says that it is.\n` +
        `Fix: have it created: ${kubectl} create namespace ${namespace}\n` +
        `or let the stack create it: in ${placeText(stack, ["cluster", "existingNamespace"])}, take existingNamespace out`,
    );
  }
  const level = found.metadata.labels?.[ENFORCE];
  if (level === "restricted") return;
  const shown = level === undefined ? "no Pod Security level" : `the Pod Security level ${level}`;
  log(
    `Warning: namespace ${namespace} has ${shown}. All pods of this program keep restricted, which its owner can enforce:`,
  );
  log(`  ${kubectl} label namespace ${namespace} ${ENFORCE}=restricted`);
}
