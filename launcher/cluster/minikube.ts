import { placeText } from "../../config/stack-file-place.ts";
import { UserError } from "../../system/errors.ts";
import type { Env } from "../../system/folders.ts";
import { run, which, type RunResult } from "../../system/process.ts";
import type { Stack, Target } from "../stack/read-stack.ts";
import type { Log } from "../../system/log.ts";

export type MinikubeTarget = Extract<Target, { provider: "minikube" }>;

/**
 * `misconfigured`: it runs, but the kubeconfig leads to an address it had before. `stopped`: anything else that is
 * not known to be absent, a container engine that does not answer too.
 */
export type MinikubeState = "running" | "misconfigured" | "stopped" | "absent";

export const minikubeFound = (env: Env): boolean => which("minikube", env) !== undefined;

const minikube = (args: readonly string[], env: Env, inherit = false): Promise<RunResult> =>
  run("minikube", args, { env, inherit, doing: `minikube ${args[0] ?? ""} ran` });

/** minikube's exit code for a profile that does not exist: pkg/minikube/reason/exitcodes.go (ExGuestNotFound). */
const notFound = 85;

/**
 * The state of a profile: one object, a list for several nodes, or `null` where minikube could not find out.
 * Source: https://minikube.sigs.k8s.io/docs/commands/status/ (-o json), cmd/minikube/cmd/status.go
 */
export async function minikubeState(target: MinikubeTarget, env: Env): Promise<MinikubeState> {
  const { code, stdout } = await minikube(["status", ...profile(target), "-o", "json"], env);
  if (code === notFound) return "absent";
  const nodes = stdout.split("\n").flatMap(parsed);
  const node = nodes.find((each) => "Host" in each && each.Worker !== true);
  const running = ["Host", "Kubelet", "APIServer"].every((part) => node?.[part] === "Running");
  if (!running) return "stopped";
  return node?.Kubeconfig === "Misconfigured" ? "misconfigured" : "running";
}

function parsed(line: string): Record<string, unknown>[] {
  try {
    const value: unknown = JSON.parse(line);
    return [value]
      .flat()
      .filter((item): item is Record<string, unknown> => typeof item === "object" && item !== null);
  } catch {
    return [];
  }
}

/** The CNI with which a profile is made, and those that keep packets to network policies. */
const calico = "calico";
const enforcing: readonly unknown[] = [calico, "cilium"];

/**
 * The warning about a profile whose CNI was chosen by somebody else: it cannot be changed later.
 * Source: https://minikube.sigs.k8s.io/docs/handbook/network_policy/; pkg/minikube/config/types.go (Profile)
 */
async function cniWarning({ context }: MinikubeTarget, env: Env): Promise<string[]> {
  const { stdout } = await minikube(["profile", "list", "--light", "-o", "json"], env);
  const [{ valid = [] } = {}] = parsed(stdout) as { valid?: Record<string, unknown>[] }[];
  const found = valid.find(({ Name }) => Name === context)?.Config as
    { readonly KubernetesConfig?: { readonly CNI?: unknown } } | undefined;
  if (found === undefined || enforcing.includes(found.KubernetesConfig?.CNI)) return [];
  return [
    `Warning: profile ${context} was made without ${calico}: perhaps nothing there enforces network policies; make smoke tells.`,
    `  To have them enforced, make it anew, without its data: minikube delete -p ${context}, then make up.`,
  ];
}

/**
 * Arguments that start a profile. Its runtime and its CNI are chosen once, when it is made; `none` takes the host's.
 * Source: https://minikube.sigs.k8s.io/docs/commands/start/ (--driver, --kubernetes-version, --container-runtime, --cni)
 */
function startArguments(target: MinikubeTarget, state: MinikubeState): string[] {
  const { driver, kubernetesVersion } = target;
  return [
    "start",
    ...profile(target),
    ...(driver === undefined ? [] : ["--driver", driver]),
    ...(kubernetesVersion === undefined ? [] : ["--kubernetes-version", kubernetesVersion]),
    ...(state === "absent" && driver !== "none"
      ? ["--container-runtime", "containerd", "--cni", calico]
      : []),
  ];
}

/** Driver none knows no profiles: https://minikube.sigs.k8s.io/docs/drivers/none/ */
function profile({ driver, context }: MinikubeTarget): string[] {
  return driver === "none" ? [] : ["-p", context];
}

/** The warnings about driver and computer that the user should read before anything starts. */
function warnings(stack: string, { driver }: MinikubeTarget, arch: string): string[] {
  const found: string[] = [];
  if (driver === "hyperkit") {
    found.push(
      "Warning: driver hyperkit is deprecated since minikube 1.37 and leaves Homebrew; vfkit replaces it:",
      `  in ${placeText(stack, ["cluster", "driver"])}, write driver: vfkit`,
    );
  }
  if (arch !== "x64") {
    found.push(
      `Warning: this computer is ${arch}; client, server and worker ask for nodes of amd64, as their images are for no other.`,
      "  Name images of yours in multi-client:images, or, where your container engine emulates amd64, these same images.",
    );
  }
  return found;
}

/** Makes sure that minikube can do what the stack file asks for. @throws UserError when it cannot, or is not there */
export function checkMinikube(stack: string, { driver, context }: MinikubeTarget, env: Env): void {
  if (!minikubeFound(env)) {
    throw new UserError(
      `Stack ${stack} runs on minikube, which is not on PATH.\n` +
        "Two ways: install it (https://minikube.sigs.k8s.io/docs/start/), or take the sandbox: make up STACK=sandbox",
    );
  }
  if (driver === "none" && context !== "minikube") {
    throw new UserError(
      `multi-client:cluster.profile is ${context}; driver none knows only the profile minikube.\n` +
        `Fix: in ${placeText(stack, ["cluster", "profile"])}, write profile: minikube`,
    );
  }
}

/** Options of {@link ensureMinikube}. */
export interface MinikubeOptions {
  readonly env: Env;
  readonly log: Log;
  /** The processor of this computer, as `process.arch` names it. */
  readonly arch: string;
  /** Called before minikube itself writes. */
  readonly breakLine: () => void;
}

/** Starts the profile of a stack if it does not run, with the addons that the stack needs. Never stops anything. */
export async function ensureMinikube(
  stack: Stack,
  target: MinikubeTarget,
  { env, log, arch, breakLine }: MinikubeOptions,
): Promise<void> {
  for (const line of warnings(stack.name, target, arch)) log(line);
  const state = await minikubeState(target, env);
  if (state !== "absent") for (const line of await cniWarning(target, env)) log(line);
  const call = async (args: readonly string[]) => {
    const command = ["minikube", ...args].join(" ");
    log(`${command} ...`);
    breakLine();
    const { code } = await minikube(args, env, true);
    if (code !== 0)
      throw new UserError(`${command} ended with code ${String(code)}; it says above why.`, code);
  };
  if (state === "misconfigured") await call(["update-context", ...profile(target)]);
  else if (state === "running") log(`minikube profile ${target.context} runs.`);
  else await call(startArguments(target, state));
  for (const addon of addons(stack)) {
    if (!(await isEnabled(addon, target, env))) await call(["addons", "enable", addon, ...profile(target)]);
  }
}

/**
 * Addons a stack needs: an Ingress controller (`ingress` is the retired one), metrics for the autoscaler.
 * Source: https://minikube.sigs.k8s.io/docs/commands/addons/
 */
function addons({ ingress, autoscaled }: Stack): string[] {
  return [...(ingress ? ["traefik"] : []), ...(autoscaled ? ["metrics-server"] : [])];
}

async function isEnabled(addon: string, target: MinikubeTarget, env: Env): Promise<boolean> {
  const { stdout } = await minikube(["addons", "list", ...profile(target), "-o", "json"], env);
  const [list] = parsed(stdout);
  return (list?.[addon] as { readonly Status?: unknown } | undefined)?.Status === "enabled";
}
