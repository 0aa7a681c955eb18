import type { KubeClient } from "../../system/kube-client.ts";
import { info, warning, type Observation, type StatusMessage } from "./observation.ts";
import {
  at,
  type Fields,
  isObject,
  listAt,
  nameOf,
  namespaceOf,
  numberAt,
  objectAt,
  textAt,
} from "../../system/fields.ts";

type Get = KubeClient["get"];

const namespacePath = (live: Fields, group: string, plural: string): string =>
  `${group}/namespaces/${namespaceOf(live)}/${plural}`;

/** Lists the objects of a kind that an object owns (isOwnedBy, provider/pkg/await/util.go @ 94977969). */
async function ownedObjects(owner: Fields, get: Get, group: string, plural: string): Promise<Fields[]> {
  const uid = at(owner, "metadata", "uid");
  const all = listAt(await get(namespacePath(owner, group, plural)), "items").filter(isObject);
  return all.filter((each) =>
    listAt(each, "metadata", "ownerReferences").some((by) => at(by, "uid") === uid),
  );
}

const conditionOf = (object: Fields, type: string): unknown =>
  listAt(object, "status", "conditions").find((each) => at(each, "type") === type);
const isTrue = (condition: unknown): boolean => at(condition, "status") === "True";

/** The reasons for which a container is not ready (containerStatusErrors, await/checker/pod/check.go @ 94977969). */
function containerErrors(container: unknown): string[] {
  if (at(container, "ready") === true) return [];
  const [waiting, terminated, last] = [
    objectAt(container, "state", "waiting"),
    objectAt(container, "state", "terminated"),
    objectAt(container, "lastState", "terminated"),
  ];
  const [name, errors] = [textAt(container, "name"), [] as string[]];
  if ("reason" in waiting && waiting.reason !== "ContainerCreating")
    errors.push(`[${textAt(waiting, "reason")}] ${textAt(waiting, "message")}`);
  if ("reason" in terminated)
    errors.push(
      "message" in terminated
        ? `[${textAt(terminated, "reason")}] ${textAt(terminated, "message")}`
        : `container "${name}" completed with exit code ${numberAt(terminated, "exitCode")}`,
    );
  if ("finishedAt" in last) {
    const end = `(${textAt(last, "reason")}: exit code ${numberAt(last, "exitCode")})`;
    errors.push(`container "${name}" terminated at ${textAt(last, "finishedAt")} ${end}`);
    if ("message" in last) errors.push(textAt(last, "message"));
  }
  return errors;
}

/**
 * The problem of a pod: the first condition that is not met, and the errors of its containers. A pod that cannot be
 * scheduled has none, because the official plugin does not report it (await/checker/pod/check.go @ 94977969).
 */
function podProblem(pod: Fields): string[] {
  if (!isTrue(conditionOf(pod, "PodScheduled"))) return [];
  const initialized = conditionOf(pod, "Initialized");
  const unmet = isTrue(initialized) ? conditionOf(pod, "Ready") : initialized;
  if (!unmet || isTrue(unmet) || textAt(pod, "status", "phase") === "Succeeded") return [];
  const message = textAt(unmet, "reason") && textAt(unmet, "message");
  const errors = listAt(pod, "status", "containerStatuses").flatMap(containerErrors).join("\n");
  if (message === "" && errors === "") return [];
  const name = [namespaceOf(pod), nameOf(pod)].filter((part) => part !== "default").join("/");
  return [`[Pod ${name}]: ${message}${errors}`];
}

const REVISION = "deployment.kubernetes.io/revision";
const revisionOf = (object: Fields): string => textAt(object, "metadata", "annotations", REVISION);

/** Lists the claims that a Deployment's pods mount and that exist, but are not bound. */
async function unboundClaims(deployment: Fields, get: Get): Promise<Fields[]> {
  const names = listAt(deployment, "spec", "template", "spec", "volumes")
    .map((volume) => textAt(volume, "persistentVolumeClaim", "claimName"))
    .filter(Boolean);
  const path = namespacePath(deployment, "/api/v1", "persistentvolumeclaims");
  const claims = await Promise.all(names.map((name) => get(`${path}/${name}`)));
  return claims.filter(isObject).filter((claim) => textAt(claim, "status", "phase") !== "Bound");
}

/**
 * A Deployment is ready when its controller has seen it, it is available and rolled over to its newest ReplicaSet,
 * whose pods are ready, and its claims are bound (checkAndLogStatus and errorMessages, provider/pkg/await/deployment.go
 * @ 94977969). Like there, the condition ReplicaFailure and events of ReplicaSets are not read: pods that a quota or
 * admission refuses are not reported.
 */
export async function deploymentReadiness(live: Fields, get: Get): Promise<Observation> {
  const isObserved =
    numberAt(live, "status", "observedGeneration") === numberAt(live, "metadata", "generation");
  const [available, progressing] = ["Available", "Progressing"].map((type) => conditionOf(live, type));
  const revision = revisionOf(live);
  const sets = isObserved ? await ownedObjects(live, get, "/apis/apps/v1", "replicasets") : [];
  const set = revision === "" ? undefined : sets.find((each) => revisionOf(each) === revision);
  const [wanted, ready] = [
    Number(at(set, "spec", "replicas") ?? 1),
    numberAt(set, "status", "readyReplicas"),
  ];
  const isSetReady = set !== undefined && ready >= wanted;
  const isRolled = isTrue(progressing) && at(progressing, "reason") === "NewReplicaSetAvailable";
  const unbound = isObserved ? await unboundClaims(live, get) : [];
  const isReady =
    isObserved && isTrue(available) && isSetReady && (revision === "1" || isRolled) && unbound.length === 0;
  if (isReady) return { isReady, problems: [], messages: [] };

  const untrue = isObserved ? [progressing, available].filter((each) => each && !isTrue(each)) : [];
  const problems = untrue.map((each) => `[${textAt(each, "reason")}] ${textAt(each, "message")}`);
  const messages: StatusMessage[] = problems.map(warning);
  if (set && !isSetReady)
    messages.push(info(`Waiting for app ReplicaSet to be available (${ready}/${wanted} Pods available)`));
  const claims = unbound.map(nameOf);
  for (const claim of unbound) {
    const phase = textAt(claim, "status", "phase");
    messages.push(
      warning(`PersistentVolumeClaim: [${nameOf(claim)}] is not ready. status.phase currently at: ${phase}`),
    );
  }
  if (claims.length > 0) problems.push(`Failed to bind PersistentVolumeClaim(s): "${claims.join(",")}"`);
  if (!isObserved || !isTrue(available)) problems.push("Minimum number of live Pods was not attained");
  else if (revision === "1" ? !isSetReady : !isRolled)
    problems.push("Minimum number of Pods to consider the application live was not attained");
  else if (!isSetReady)
    problems.push(
      "Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become live",
    );
  const pods = set ? (await ownedObjects(set, get, "/api/v1", "pods")).flatMap(podProblem) : [];
  return { isReady, problems: [...problems, ...pods], messages: [...messages, ...pods.map(warning)] };
}

/**
 * A StatefulSet is ready when its controller has seen it, and all its replicas are of the newest revision and ready
 * (checkAndLogStatus and errorMessages, provider/pkg/await/statefulset.go @ 94977969, without the update strategy
 * OnDelete).
 */
export async function statefulSetReadiness(live: Fields, get: Get): Promise<Observation> {
  const generation = numberAt(live, "metadata", "generation");
  // Before the controller has seen this generation, the counts are those of another one.
  const status = numberAt(live, "status", "observedGeneration") < generation ? {} : objectAt(live, "status");
  const wanted = "replicas" in status ? numberAt(live, "spec", "replicas") : 0;
  const [ready, updated] = [numberAt(status, "readyReplicas"), numberAt(status, "updatedReplicas")];
  const [from, to] = [textAt(status, "currentRevision"), textAt(status, "updateRevision")];
  const isCurrent = from !== "" && from === to;
  const counts = ["replicas", "readyReplicas", "currentReplicas"].map((count) => numberAt(status, count));
  const isComplete = "replicas" in status && counts.every((count) => count === wanted);
  if (isCurrent && isComplete) return { isReady: true, problems: [], messages: [] };

  const reached = isCurrent ? ready : Math.min(ready, updated);
  const progress = `(${reached}/${wanted} Pods ready)`;
  const note =
    generation <= 1
      ? `[1/2] Waiting for StatefulSet to create Pods ${progress}`
      : isComplete
        ? "[2/3] Waiting for StatefulSet to update .status.currentRevision"
        : `[1/3] Waiting for StatefulSet update to roll out ${progress}`;
  const pods = (await ownedObjects(live, get, "/api/v1", "pods")).flatMap(podProblem);
  const problems = [
    ...(isComplete ? [] : [`${reached} out of ${wanted} replicas succeeded readiness checks`]),
    ...(isCurrent
      ? []
      : [`StatefulSet controller failed to advance from revision "${from}" to revision "${to}"`]),
    ...pods,
  ];
  return { isReady: false, problems, messages: [info(note), ...pods.map(warning)] };
}
