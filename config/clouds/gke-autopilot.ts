import type { ServiceOverrides } from "../../components/application.ts";
import { quantityValue } from "../../components/kubernetes/quantity.ts";
import type { Resources, Services } from "../../components/service.ts";
import { editServices, setCommand, settingProblem, together, type Problem } from "../problems.ts";
import { collectEach } from "../poisoned.ts";
import { podResources, totalOf } from "./pod-resources.ts";

const MI = 2 ** 20;
const leastCpu = 0.05;
const leastStorage = 10 * MI;
/** Bytes of memory for each CPU. The least memory is this of the least CPU, as a whole number of Mi. */
const memoryPerCpu = { least: 1024 * MI, most: 6.5 * 1024 * MI };

/**
 * Requests that GKE Autopilot would change when a pod is admitted, of each service as the list and the stack set them
 * together: sums below the least are raised, at the pod's first container, and what is left out is filled in. The engine
 * would find the difference in every preview (pulumi-kubernetes#3376), so it is a problem here.
 *
 * Sources: https://cloud.google.com/kubernetes-engine/docs/concepts/autopilot-resource-requests (general-purpose class,
 * bursting, as every cluster of 1.30 or later that was made since 1.26); how sums are raised, and that single containers
 * may have less: GoogleContainerTools/config-sync @ 52a57392, e2e/testcases/reconciler_manager_test.go.
 */
export function autopilotProblems(
  services: Services,
  settings: Readonly<Record<string, ServiceOverrides | undefined>>,
): Problem[] {
  return collectEach(Object.entries(services), ([key, service]) => {
    const { own, sidecars } = podResources(service, settings[key]);
    return [
      ...sumProblems(key, [own, ...Object.values(sidecars)]),
      ...storageProblems(["services", key, "resources"], own),
      ...Object.entries(sidecars).flatMap(([name, resources]) =>
        // No setting of a stack: the list has to say it.
        storageProblems(undefined, resources, `services.ts: ${key}.sidecars.${name}.resources`),
      ),
    ];
  });
}

function sumProblems(key: string, pod: readonly Resources[]): Problem[] {
  const [cpu, memory] = [totalOf(pod, "cpu"), totalOf(pod, "memory")];
  const enoughCpu = Math.max(leastCpu, memory / memoryPerCpu.most);
  const enoughMemory = Math.max(leastCpu, cpu) * memoryPerCpu.least;
  const missing = (name: "cpu" | "memory", lacks: number, expected: string, found: string): Problem => {
    const path = ["services", key, "resources", "requests", name];
    const own = quantityValue(pod[0]?.requests?.[name] ?? "0") + lacks;
    const enough =
      name === "cpu" ? `${String(Math.ceil(own * 1000 - 1e-6))}m` : `${String(Math.ceil(own / MI - 1e-6))}Mi`;
    const whole = pod.length > 1 ? ` for the ${String(pod.length)} containers of its pod together` : "";
    const why = `${expected}: GKE Autopilot raises less, and every preview would show it`;
    return settingProblem(path, `${found}${whole}`, why, setCommand(path, enough));
  };
  const millis = `${String(Math.round(cpu * 1000))}m`;
  const mebibytes = `${String(Math.round(memory / MI))}Mi`;
  if (cpu < enoughCpu - 1e-9) {
    const why =
      enoughCpu === leastCpu ? "50m" : `50m, and a CPU for each 6.5Gi of its ${mebibytes} of memory`;
    return [missing("cpu", enoughCpu - cpu, `at least ${why}`, millis)];
  }
  // Autopilot's own sum is of whole Mi: 52Mi for 50m.
  if (memory >= enoughMemory) return [];
  const least = `at least 52Mi, and 1Gi for each CPU of its ${millis}`;
  return [missing("memory", enoughMemory - memory, least, mebibytes)];
}

/** @param path of the setting; undefined for a sidecar, which no setting reaches: the problem is at `place` */
function storageProblems(
  path: readonly string[] | undefined,
  { requests, limits }: Resources,
  place = "",
): Problem[] {
  const name = "ephemeral-storage";
  const [request, limit] = [requests?.[name], limits?.[name]];
  const isEqual =
    request !== undefined && limit !== undefined && quantityValue(request) === quantityValue(limit);
  if (isEqual && quantityValue(request) >= leastStorage) return [];
  const enough = limit !== undefined && quantityValue(limit) >= leastStorage ? limit : "128Mi";
  const found = `${request ?? "nothing"}, with a limit of ${limit ?? "nothing"}`;
  const expected = `10Mi or more of ${name}, request and limit alike: GKE Autopilot sets both itself otherwise`;
  if (!path)
    return [{ key: place, found, expected, fix: editServices(`set ${name} in requests and limits`) }];
  const own = [...path, "requests", name];
  const both = together(setCommand(own, enough), setCommand([...path, "limits", name], enough));
  return [settingProblem(own, found, expected, limit === enough ? setCommand(own, enough) : both)];
}
