import type { Cluster } from "./cluster.ts";
import { at, isObject, listAt, nameOf, namespaceOf, objectAt, textAt } from "./values.ts";
import type { Fields } from "./values.ts";

type Get = Cluster["get"];
/** Why an object is not ready yet; empty when it is. */
type Readiness = (live: Fields, get: Get) => Promise<string[]> | string[];

const number = (value: unknown, ...path: string[]): number => Number(at(value, ...path) ?? 0);
const observed = (live: Fields): boolean =>
  number(live, "status", "observedGeneration") >= number(live, "metadata", "generation");
const near = (live: Fields, group: string, plural: string): string =>
  `${group}/namespaces/${namespaceOf(live)}/${plural}`;

async function owned(owner: Fields, get: Get, group: string, plural: string): Promise<Fields[]> {
  const uid = at(owner, "metadata", "uid");
  const all = listAt(await get(near(owner, group, plural)), "items").filter(isObject);
  return all.filter((each) =>
    listAt(each, "metadata", "ownerReferences").some((by) => at(by, "uid") === uid),
  );
}

/** What keeps an owner's pods from running: unmet conditions, waiting containers (await/checker/pod/check.go @ 94977969). */
async function podProblems(owner: Fields, get: Get): Promise<string[]> {
  const pods = await owned(owner, get, "/api/v1", "pods");
  return pods.flatMap((pod) => {
    const unmet = listAt(pod, "status", "conditions").filter((each) => at(each, "status") !== "True");
    const waiting = listAt(pod, "status", "containerStatuses")
      .map((container) => objectAt(container, "state", "waiting"))
      .filter(({ reason }) => reason !== undefined && reason !== "ContainerCreating");
    return [
      ...unmet.map((condition) => textAt(condition, "message")).filter(Boolean),
      ...waiting.map((state) => `[${textAt(state, "reason")}] ${textAt(state, "message")}`),
    ].map((text) => `[Pod ${namespaceOf(pod)}/${nameOf(pod)}]: ${text}`);
  });
}

const revisionOf = (object: Fields): string =>
  textAt(object, "metadata", "annotations", "deployment.kubernetes.io/revision");

/** provider/pkg/await/deployment.go @ 94977969: a rollout past its deadline is reported, the wait goes on. */
const deployment: Readiness = async (live, get) => {
  if (!observed(live)) return ["The Deployment controller has not seen this generation yet"];
  const sets = await owned(live, get, "/apis/apps/v1", "replicasets");
  const set = sets.find((each) => revisionOf(each) === revisionOf(live));
  const conditions = listAt(live, "status", "conditions");
  const met = (type: string, reason?: string): boolean =>
    conditions.some(
      (each) =>
        at(each, "type") === type &&
        at(each, "status") === "True" &&
        (!reason || at(each, "reason") === reason),
    );
  // A first revision has nothing to roll over from; later ones must also say that they did.
  const isRolled = revisionOf(live) === "1" || met("Progressing", "NewReplicaSetAvailable");
  const isLive = set && number(set, "status", "readyReplicas") >= Number(at(set, "spec", "replicas") ?? 1);
  const claims = listAt(live, "spec", "template", "spec", "volumes")
    .map((volume) => textAt(volume, "persistentVolumeClaim", "claimName"))
    .filter(Boolean);
  const states = await Promise.all(
    claims.map((name) => get(`${near(live, "/api/v1", "persistentvolumeclaims")}/${name}`)),
  );
  const unbound = claims.filter((_, index) => textAt(states[index], "status", "phase") !== "Bound");
  const problems = unbound.map((name) => `Failed to bind PersistentVolumeClaim "${name}"`);
  if (!met("Available")) problems.push("Minimum number of live Pods was not attained");
  else if (!isRolled || !isLive)
    problems.push(
      "Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become live",
    );
  if (problems.length === 0) return [];
  // ReplicaFailure repeats the event of a pod that could not even be made: quota, admission, service account.
  const troubled = conditions.filter(
    (each) => (at(each, "status") === "True") === (at(each, "type") === "ReplicaFailure"),
  );
  const reported = troubled.map((each) => `[${textAt(each, "reason")}] ${textAt(each, "message")}`);
  return [...problems, ...reported, ...(set ? await podProblems(set, get) : [])];
};

/** provider/pkg/await/statefulset.go @ 94977969, without the update strategy OnDelete. */
const statefulSet: Readiness = async (live, get) => {
  if (!observed(live)) return ["The StatefulSet controller has not seen this generation yet"];
  const status = objectAt(live, "status");
  const [wanted, ready] = [number(live, "spec", "replicas"), number(status, "readyReplicas")];
  const [from, to] = [textAt(status, "currentRevision"), textAt(status, "updateRevision")];
  const problems: string[] = [];
  if (["replicas", "readyReplicas", "currentReplicas"].some((count) => number(status, count) !== wanted))
    problems.push(`${ready} out of ${wanted} replicas succeeded readiness checks`);
  if (from === "" || from !== to)
    problems.push(`StatefulSet controller failed to advance from revision "${from}" to revision "${to}"`);
  return problems.length === 0 ? [] : [...problems, ...(await podProblems(live, get))];
};

/** Whether this is a Service that stands for pods: not headless, not external, with a selector (service.go @ 94977969). */
export const targetsPods = (live: Fields): boolean =>
  live.kind === "Service" &&
  at(live, "spec", "type") !== "ExternalName" &&
  at(live, "spec", "clusterIP") !== "None" &&
  Object.keys(objectAt(live, "spec", "selector")).length > 0;

const addressed = (live: Fields): boolean => listAt(live, "status", "loadBalancer", "ingress").length > 0;

/** provider/pkg/await/service.go @ 94977969. */
const service: Readiness = async (live, get) => {
  const problems: string[] = [];
  if (targetsPods(live)) {
    const endpoints = await get(`${near(live, "/api/v1", "endpoints")}/${nameOf(live)}`);
    const isPending = listAt(endpoints, "subsets").some(
      (subset) => listAt(subset, "notReadyAddresses").length > 0,
    );
    if (!endpoints || isPending)
      problems.push(
        "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods",
      );
  }
  if (at(live, "spec", "type") === "LoadBalancer" && !addressed(live))
    problems.push("Service was not allocated an IP address; does your cloud provider support this?");
  return problems;
};

/** untilCoreV1PersistentVolumeClaimReady, provider/pkg/await/awaiters.go @ 94977969. */
const claim: Readiness = async (live, get) => {
  const phase = textAt(live, "status", "phase");
  const name = textAt(live, "spec", "storageClassName");
  const storage = name === "" ? undefined : await get(`/apis/storage.k8s.io/v1/storageclasses/${name}`);
  const isWaiting = phase === "Pending" && storage?.volumeBindingMode === "WaitForFirstConsumer";
  if (phase === "Bound" || isWaiting) return [];
  const why =
    name === "" ? "no storage class" : `storage class "${name}"${storage ? "" : ", which does not exist"}`;
  return [`PersistentVolumeClaim is ${phase}, not Bound (${why})`];
};

/** provider/pkg/await/ingress.go @ 94977969, without its look at the backends: their Services are awaited themselves. */
const ingress: Readiness = (live) =>
  addressed(live) ? [] : ["Ingress .status.loadBalancer field was not updated with a hostname/IP address."];

/** What each kind waits for; kinds that are not here are ready at once. */
export const READINESS: Readonly<Record<string, Readiness>> = {
  Deployment: deployment,
  StatefulSet: statefulSet,
  Service: service,
  PersistentVolumeClaim: claim,
  Ingress: ingress,
};
