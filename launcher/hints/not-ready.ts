import { commandText, setConfig } from "../../system/shell-command.ts";
import { UserError } from "../../system/errors.ts";
import type { KubeReader } from "../cluster/kube-reader.ts";
import { pullSecretCommand } from "../cluster/pull-secret-command.ts";

/** The beginning of the message that gets the cluster's own reasons. */
export const NOT_READY = "Not ready within its time limit";

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}
interface Container {
  readonly name: string;
  readonly restartCount: number;
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
}
/** A Kubernetes object, as far as it says what is wrong with it. */
interface Live {
  readonly metadata: {
    readonly name: string;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly { readonly kind: string }[];
  };
  readonly spec: { readonly nodeName?: string; readonly replicas?: number };
  readonly status?: {
    readonly phase?: string;
    readonly readyReplicas?: number;
    readonly conditions?: readonly Condition[];
    readonly initContainerStatuses?: readonly Container[];
    readonly containerStatuses?: readonly Container[];
  };
}
interface Event {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

const QUIET = [undefined, "PodInitializing", "ContainerCreating"];
const conditionOf = ({ status }: Live, type: string) =>
  status?.conditions?.find((each) => each.type === type);
const isBroken = (pod: Live): boolean =>
  pod.status?.phase !== "Succeeded" &&
  (pod.metadata.deletionTimestamp !== undefined || conditionOf(pod, "Ready")?.status !== "True");

function podReasons(pod: Live): string[] {
  const { metadata, spec, status } = pod;
  const say = (text: string) => `Pod ${metadata.name}: ${text}`;
  if (metadata.deletionTimestamp !== undefined) {
    const since = Date.parse(metadata.deletionTimestamp) < Date.now() ? "should be gone" : "is being deleted";
    return [say(`${since}, and node ${spec.nodeName ?? "(none)"} has not confirmed that it is`)];
  }
  const scheduled = conditionOf(pod, "PodScheduled");
  if (scheduled?.status === "False") return [say(`cannot be placed: ${scheduled.message ?? ""}`)];
  const waiting = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].flatMap(
    ({ name, restartCount, state }) =>
      QUIET.includes(state?.waiting?.reason)
        ? []
        : [
            say(
              `container ${name}: ${state?.waiting?.reason ?? ""}${restartCount > 0 ? ` after ${String(restartCount)} restarts` : ""}: ${state?.waiting?.message ?? ""}`,
            ),
          ],
  );
  const unmet = [conditionOf(pod, "Initialized"), conditionOf(pod, "Ready")].find(
    (c) => c?.status === "False",
  );
  return waiting.length > 0 ? waiting : [say(unmet?.message ?? "has not started")];
}

/** The reasons why there is no pod: the last warning about each object that is still not as it should be. */
function refusals(objects: Readonly<Record<string, readonly Live[]>>, events: readonly Event[]): string[] {
  const { deployments = [], statefulsets = [], persistentvolumeclaims = [] } = objects;
  const failed = deployments.flatMap((each) => {
    const failure = conditionOf(each, "ReplicaFailure");
    return failure?.status === "True"
      ? [`Deployment ${each.metadata.name}: ${failure.reason ?? ""}: ${failure.message ?? ""}`]
      : [];
  });
  const unready = [
    ...statefulsets
      .filter(({ spec, status }) => (status?.readyReplicas ?? 0) < (spec.replicas ?? 1))
      .map(({ metadata }) => `StatefulSet ${metadata.name}`),
    ...persistentvolumeclaims
      .filter(({ status }) => status?.phase !== "Bound")
      .map(({ metadata }) => `PersistentVolumeClaim ${metadata.name}`),
  ];
  const last = new Map<string, string>();
  for (const { type, reason, message, involvedObject } of events) {
    const name = `${involvedObject.kind} ${involvedObject.name}`;
    if (type === "Warning" && unready.includes(name)) last.set(name, `${name}: ${reason}: ${message}`);
  }
  return [...failed, ...last.values()];
}

/**
 * Adds to the error of a wait that timed out what the cluster itself says, whatever the plugin read of it: of a pod
 * that could not be placed, or that quota or Pod Security refused, the plugin's report is silent (deployment.go,
 * statefulset.go and checker/pod/check.go in provider/pkg/await @ 94977969).
 *
 * @param kubectl the command with its context and namespace. @param cli the stack, and how its CLI is called by hand.
 */
export async function withReasons(
  error: unknown,
  get: KubeReader,
  namespace: string,
  kubectl: string,
  cli: { readonly stack: string; readonly byHand: string },
): Promise<unknown> {
  if (!(error instanceof UserError) || !error.message.startsWith(NOT_READY)) return error;
  const items = async (path: string): Promise<unknown> =>
    ((await get(path)) as { items?: unknown } | undefined)?.items ?? [];
  const list = (group: string, plural: string) => items(`${group}/namespaces/${namespace}/${plural}`);
  try {
    const [pods, deployments, statefulsets, persistentvolumeclaims, events] = (await Promise.all([
      list("/api/v1", "pods"),
      list("/apis/apps/v1", "deployments"),
      list("/apis/apps/v1", "statefulsets"),
      list("/api/v1", "persistentvolumeclaims"),
      list("/api/v1", "events"),
    ])) as [Live[], Live[], Live[], Live[], Event[]];
    const broken = pods.filter(isBroken);
    const reasons = [
      ...broken.flatMap(podReasons),
      ...refusals({ deployments, statefulsets, persistentvolumeclaims }, events),
    ];
    const kept = broken.filter(({ metadata }) =>
      metadata.ownerReferences?.some(({ kind }) => kind === "StatefulSet"),
    );
    const [first = "", ...rest] = error.message.split("\n");
    const lines = [
      first,
      ...reasons.map((reason) => `  ${reason}`),
      ...rest,
      ...(reasons.some((reason) => reason.includes("toomanyrequests")) ? [pullLimit] : []),
      ...pullLogin(reasons, kubectl, commandText(pullSecretSetting, cli.stack, cli.byHand)),
      ...forStatefulSets(kept, kubectl),
    ];
    return new UserError(lines.join("\n"), error.exitCode);
  } catch {
    return error; // the cluster's reasons are an addition; without them the plugin's stand above
  }
}

/** Docker Hub counts anonymous pulls by address: https://docs.docker.com/docker-hub/usage/pulls/ */
const pullLimit =
  "Docker Hub lets no more be pulled without a login for now, by any node behind this address. Fix: a registry of your own with " +
  "the images, named by images.registry (docs/runbook.md, Images).";

/**
 * The words of a registry to whoever has no login, or one that it does not take: the errors `UNAUTHORIZED` and `DENIED` of
 * https://specs.opencontainers.org/distribution-spec/#error-codes, as containerd passes them on
 * (core/remotes/docker/authorizer.go, resolver.go).
 */
const wantsLogin =
  /pull.*(?:401 Unauthorized|403 Forbidden|no basic auth credentials|authorization failed|denied)/i;

const PULL_SECRET = "registry-login";
const pullSecretSetting = setConfig("multi-client:images.pullSecret", PULL_SECRET, true);

/**
 * Advises where a registry refused an image for want of a login.
 *
 * @param kubectl the command with its context and namespace.
 * @param naming the command that names the Secret in the stack file.
 */
function pullLogin(reasons: readonly string[], kubectl: string, naming: string): string[] {
  const refused = reasons.filter((reason) => wantsLogin.test(reason));
  if (refused.length === 0) return [];
  const images = refused.flatMap((reason) => /image "([^"]+)"/.exec(reason)?.[1] ?? []);
  return [
    "A registry wants a login that the pods do not have, or has no such image. Fix: make a Secret with the login, and name it:",
    `  ${pullSecretCommand(kubectl, PULL_SECRET, images)}`,
    `  ${naming}`,
  ];
}

/** Source: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback */
const forStatefulSets = (pods: readonly Live[], kubectl: string): string[] =>
  pods.length === 0
    ? []
    : [
        "A StatefulSet keeps a broken pod also when its cause is corrected. While that make up waits, or after it, delete it:",
        `  ${kubectl} delete pod ${pods.map(({ metadata }) => metadata.name).join(" ")}`,
        "  (stays Terminating on a node that is lost: once that is gone for good, add --force)",
      ];
