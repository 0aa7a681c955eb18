// Rules about the number of pods, and how many of them may be away.
import {
  ask,
  either,
  exists,
  expect,
  field,
  mandatory,
  managedOnly,
  read,
  types,
  type Resource,
  type Rule,
} from "./rule.ts";

const autoscalerType = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";
const budgetType = "kubernetes:policy/v1:PodDisruptionBudget";
const deploymentType = "kubernetes:apps/v1:Deployment";
const replicated = types(deploymentType, "kubernetes:apps/v1:StatefulSet");
const disruptions = "https://kubernetes.io/docs/concepts/workloads/pods/disruptions/";
const several = (value: unknown) => typeof value === "number" && value >= 2;
const namespaceOf = ({ inputs }: Resource) => read(inputs, "metadata.namespace");

/** Tells whether an object is for the pods of a workload: they have all of the labels that it selects by. */
const isForPodsOf = (workload: Resource) => (other: Resource) => {
  const wanted = read(other.inputs, "spec.selector.matchLabels");
  return (
    namespaceOf(other) === namespaceOf(workload) &&
    typeof wanted === "object" &&
    Object.entries(wanted ?? {}).every(
      ([label, value]) => read(workload.inputs, ["spec", "template", "metadata", "labels", label]) === value,
    )
  );
};

/** The number of pods that a workload has at least: its autoscaler's, else its own. */
function minimumOfPods(workload: Resource, stack: readonly Resource[]): unknown {
  const autoscaler = stack.find(
    ({ type, inputs }) =>
      type === autoscalerType && read(inputs, "spec.scaleTargetRef.name") === workload.name,
  );
  return autoscaler
    ? read(autoscaler.inputs, "spec.minReplicas")
    : (read(workload.inputs, "spec.replicas") ?? 1);
}

/** The rules about the number of pods. */
export const availabilityRules: readonly Rule[] = [
  {
    name: "several-pods",
    scope: "stack",
    level: managedOnly,
    applies: types(deploymentType),
    check: (resource, stack) =>
      expect(
        "spec.replicas",
        either(
          ask(minimumOfPods(resource, stack), several),
          ask(
            read(resource.inputs, ["metadata", "annotations", "multi-client/single-pod"]),
            (reason) => reason !== undefined,
          ),
        ),
        Boolean,
        "has one pod, is away while it moves, and no annotation multi-client/single-pod says why",
      ),
    why: "A node that is upgraded takes its pods with it. A StatefulSet has one pod here: its claim belongs to it.",
    source: disruptions,
  },
  {
    name: "disruption-budget",
    scope: "stack",
    level: managedOnly,
    applies: (type) => replicated(type) || type === budgetType,
    check: (resource, stack) =>
      resource.type === budgetType
        ? field(
            "spec.maxUnavailable",
            (number) => number !== undefined && number !== 0 && number !== "0%",
            "lets no pod be moved",
          )(resource, stack)
        : expect(
            "budget",
            either(
              ask(minimumOfPods(resource, stack), (pods) => !several(pods)),
              exists(stack, budgetType, isForPodsOf(resource)),
            ),
            Boolean,
            "has no disruption budget",
          ),
    why: "Without a budget all pods may be moved at once; with one that allows none, no node can be upgraded.",
    source: disruptions,
  },
  {
    name: "autoscaler-bounds",
    scope: "resource",
    level: mandatory,
    applies: types(autoscalerType),
    check: ({ inputs }) =>
      expect<readonly number[]>(
        "spec.minReplicas, spec.maxReplicas",
        [read(inputs, "spec.minReplicas"), read(inputs, "spec.maxReplicas")],
        ([least = 0, most = 0] = []) => least >= 2 && most > least,
        "does not scale from two pods on",
      ),
    why: "From one pod on, a scale-down takes the last but one; without room above, it scales nothing.",
    source: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",
  },
];
