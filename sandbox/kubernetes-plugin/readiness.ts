import type { KubeClient } from "../../system/kube-client.ts";
import { info, warning, type Observation, type StatusMessage } from "./observation.ts";
import { deploymentReadiness, statefulSetReadiness } from "./workload-readiness.ts";
import { at, type Fields, listAt, nameOf, namespaceOf, objectAt, textAt } from "../../system/fields.ts";

type Get = KubeClient["get"];

const hasAddress = (live: Fields): boolean => listAt(live, "status", "loadBalancer", "ingress").length > 0;

/**
 * A Service is ready when none of its pods is unready, and a LoadBalancer has an address (checkAndLogStatus and
 * errorMessages, provider/pkg/await/service.go @ 94977969). Like there, a Service without any pods is ready.
 */
async function serviceReadiness(live: Fields, get: Get): Promise<Observation> {
  const type = textAt(live, "spec", "type");
  const isReady = type !== "LoadBalancer" || hasAddress(live);
  const isHeadless = type === "ExternalName" || at(live, "spec", "clusterIP") === "None";
  if (isHeadless) return { isReady, problems: [], messages: [] };

  const path = `/api/v1/namespaces/${namespaceOf(live)}/endpoints/${nameOf(live)}`;
  const endpoints = await get(path);
  const isAny = (key: string): boolean =>
    listAt(endpoints, "subsets").some((subset) => listAt(subset, key).length > 0);
  const problems: string[] = [];
  if (!isAny("addresses"))
    problems.push(
      "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match labels on any Pods",
    );
  if (!isReady)
    problems.push("Service was not allocated an IP address; does your cloud provider support this?");
  if (Object.keys(objectAt(live, "spec", "selector")).length === 0)
    return { isReady, problems, messages: [] };
  const messages = [info("[1/3] Finding Pods to direct traffic to")];
  if (!isReady && isAny("addresses"))
    messages.push(info("[2/3] Attempting to allocate IP address to Service"));
  const settling = textAt(endpoints, "metadata", "resourceVersion");
  return { isReady: isReady && !isAny("notReadyAddresses"), problems, messages, settling };
}

/**
 * A claim is ready when it is bound, or waits for its first pod because its class says so
 * (untilCoreV1PersistentVolumeClaimReady, provider/pkg/await/awaiters.go @ 94977969; here also when it is bound
 * while it is created).
 */
async function claimReadiness(live: Fields, get: Get): Promise<Observation> {
  const phase = textAt(live, "status", "phase");
  const name = textAt(live, "spec", "storageClassName");
  const storage = name === "" ? undefined : await get(`/apis/storage.k8s.io/v1/storageclasses/${name}`);
  const isWaiting = phase === "Pending" && storage?.volumeBindingMode === "WaitForFirstConsumer";
  const messages: StatusMessage[] = [];
  if (name === "") messages.push(warning(`no storage class found for "${nameOf(live)}"`));
  else if (!storage) messages.push(warning(`storageclasses.storage.k8s.io "${name}" not found`));
  return { isReady: phase === "Bound" || isWaiting, problems: [], messages };
}

/**
 * An Ingress is ready when it has an address (provider/pkg/await/ingress.go @ 94977969). Its backends are not looked
 * at: their Services are awaited themselves.
 */
function ingressReadiness(live: Fields): Observation {
  const problem = "Ingress .status.loadBalancer field was not updated with a hostname/IP address.";
  const isReady = hasAddress(live);
  const messages = [info("[1/3] Finding a matching service for each Ingress path")];
  return { isReady, problems: isReady ? [] : [problem], messages };
}

/** The rule of each kind that is awaited; any other kind is ready at once (`awaiters`, awaiters.go @ 94977969). */
export const READINESS_RULES: Readonly<
  Record<string, (live: Fields, get: Get) => Promise<Observation> | Observation>
> = {
  Deployment: deploymentReadiness,
  StatefulSet: statefulSetReadiness,
  Service: serviceReadiness,
  PersistentVolumeClaim: claimReadiness,
  Ingress: ingressReadiness,
};
