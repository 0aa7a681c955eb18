import { join } from "node:path";
import { clouds } from "../../config/clouds/index.ts";
import { placeText } from "../../config/stack-file-place.ts";
import { chooseBackend, shownUrl, type Backend } from "../engine/backend.ts";
import { explainWrite, UserError } from "../../system/errors.ts";
import { stateFolder, value, type Env } from "../../system/folders.ts";
import { shellWord } from "../../system/shell-command.ts";
import { sandboxContext } from "../../system/sandbox-context.ts";
import { withLock } from "../../system/lock.ts";
import { minikubeFound } from "../cluster/minikube.ts";
import { choosePlugins, type Plugins } from "../engine/plugins.ts";
import { chooseStack, readStack, stackFileOf, type Choice, type Stack } from "./read-stack.ts";
import { printable, type Log } from "../../system/log.ts";

/** The call of a make target. */
export interface Invocation {
  /** The make target. */
  readonly command: string;
  readonly root: string;
  readonly env: Env;
  /** Takes text for the user. */
  readonly write: (text: string) => void;
  /** Takes a line for the user. */
  readonly log: Log;
}

/** Where the lines for people go: to stderr where JSON=1 asks for JSON, which then has stdout for itself. */
export function outputOf({ env, log }: Invocation): { readonly json: boolean; readonly log: Log } {
  const json = value(env.JSON) !== undefined;
  return { json, log: json ? (line) => void process.stderr.write(`${printable(line)}\n`) : log };
}

/** A stack, who drives it and where its state is: settled before anything is started. */
export interface Plan {
  readonly stack: Stack;
  readonly because: string;
  readonly plugins: Plugins;
  readonly pluginsBecause: string;
  readonly backend: Backend;
  readonly endToEnd: boolean;
}

/** The stack that a command is about, whether or not it can be planned. @throws UserError where it has no file */
export function chosenStack({ root, env }: Invocation): Choice {
  const choice = chooseStack(value(env.STACK), minikubeFound(env));
  stackFileOf(root, choice.name);
  return choice;
}

export function makePlan(invocation: Invocation): Plan {
  const { root, env } = invocation;
  const { name, because } = chosenStack(invocation);
  const stack = readStack(root, name);
  const endToEnd = value(env.E2E) !== undefined;
  const choice = choosePlugins(stack, value(env.PLUGINS), endToEnd);
  const backend = chooseBackend(env);
  const target =
    stack.target.provider === "managed"
      ? { ...stack.target, simulated: choice.plugins === "standin" }
      : stack.target;
  return {
    stack: { ...stack, target },
    because,
    plugins: choice.plugins,
    pluginsBecause: choice.because,
    backend,
    endToEnd,
  };
}

/**
 * Refuses to make a stack with a cluster of its own where nobody chose a backend: on a machine of a pipeline its state would
 * go with the machine, and a stack whose state is elsewhere would be made a second time.
 */
export function checkBackendIsChosen({ stack: { name, target }, backend: { url, folder } }: Plan): void {
  if (target.provider !== "managed" || target.simulated || folder === undefined) return;
  throw new UserError(
    `Stack ${name} is not in ${url}, which was taken only because no backend was chosen. Nothing was changed.\n` +
      "Found: PULUMI_BACKEND_URL is empty or not set, and there is no Pulumi login.\n" +
      "Expected: the backend that has the stack, or is to have it. One that is deployed would be made a second time, or not be destroyed.\n" +
      "Fix: export PULUMI_BACKEND_URL='s3://<bucket>?region=<region>&awssdk=v2', or another bucket's URL, or: pulumi login\n" +
      `If files on this computer are meant: export PULUMI_BACKEND_URL=${shellWord(url)}`,
  );
}

/** Two lines that stand over everything: which stack, and where its state is. */
export function headline({ stack, because, backend }: Plan): string {
  const { target } = stack;
  const where =
    target.provider === "minikube"
      ? `minikube profile ${target.context}`
      : target.provider === "existing"
        ? `context ${target.context}`
        : target.provider === "managed"
          ? `${target.cloud}${target.simulated ? ", simulated: nothing leaves this computer" : ""}`
          : "a cluster its file does not name";
  return `Stack ${stack.name} on ${where} (${because}).\nState: ${shownUrl(backend)} (${backend.because}).`;
}

/** The context of a stack. @throws UserError where its file names no cluster */
export function contextOf({ name, target }: Stack): string {
  if (target.provider === "managed")
    throw new Error(`stack ${name} makes its cluster: no context leads there`);
  if (target.provider !== "other") return target.context;
  throw new UserError(
    `Pulumi.${name}.yaml names no cluster: multi-client:cluster is ${target.fault}.\n` +
      `Expected, in clear: {provider: minikube}, {provider: existing, context: NAME}, or ${Object.keys(clouds).join(", ")}.\n` +
      `Fix: in ${placeText(name, ["cluster"])}, write it so below config: multi-client:cluster: { provider: minikube }`,
  );
}

/** Two at once on one stack: the second waits for the first, and says so. */
export async function locked<T>({ command, env, log }: Invocation, { stack }: Plan, work: () => Promise<T>) {
  const folder = stateFolder(env);
  try {
    return await withLock(
      join(folder, `stack-${stack.name}.lock`),
      `make ${command}, stack ${stack.name}`,
      log,
      work,
    );
  } catch (error) {
    throw explainWrite(error, folder, "XDG_STATE_HOME");
  }
}

/** The file with the kubeconfig of a cluster that a stack made, for people who ask that cluster by hand. */
export const kubeconfigFile = (stack: string, env: Env): string =>
  join(stateFolder(env), `${stack}.kubeconfig`);

/** `kubectl` as it reaches the cluster of a stack: by context, or by the kubeconfig of one that the stack made. */
export function kubectlOf({ name, target }: Stack, env: Env): string {
  if ("context" in target) return `kubectl --context ${shellWord(target.context)}`;
  const isSimulated = target.provider === "managed" && target.simulated;
  return `kubectl ${isSimulated ? `--context ${sandboxContext(name)}` : `--kubeconfig ${shellWord(kubeconfigFile(name, env))}`}`;
}
