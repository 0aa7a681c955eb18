// Checks of fields of pods and their containers, whatever makes the pods.
import { ask, either, expect, items, read, types, type Resource, type Rule } from "./rule.ts";

/** The path of the pod's spec, by the type of what makes the pod. */
const podPaths: Readonly<Record<string, string>> = {
  "kubernetes:core/v1:Pod": "spec",
  "kubernetes:apps/v1:Deployment": "spec.template.spec",
  "kubernetes:apps/v1:StatefulSet": "spec.template.spec",
  "kubernetes:apps/v1:DaemonSet": "spec.template.spec",
  "kubernetes:apps/v1:ReplicaSet": "spec.template.spec",
  "kubernetes:batch/v1:Job": "spec.template.spec",
  "kubernetes:batch/v1:CronJob": "spec.jobTemplate.spec.template.spec",
};

/** Tells whether a type makes pods. */
export const makesPods = types(...Object.keys(podPaths));

/** The pod's spec. */
export const podOf = ({ type, inputs }: Resource): unknown => read(inputs, podPaths[type] ?? "spec");

/** A container with its place in words. */
interface Container {
  readonly at: string;
  readonly value: unknown;
  readonly pod: unknown;
}

/** The containers of a pod that are in these lists of its spec. */
export function containersOf(resource: Resource, ...lists: readonly string[]): Container[] {
  const pod = podOf(resource);
  return lists.flatMap((list) =>
    items(read(pod, list)).map((value) => {
      const name = read(value, "name");
      return { at: `container ${typeof name === "string" ? name : "?"}`, value, pod };
    }),
  );
}

type Holds = (value: unknown) => boolean;

/** Gives a check of a field of every container; where it has none, of the field of its pod. */
export function everyContainer(path: string, holds: Holds, problem: string): Rule["check"] {
  return (resource) =>
    containersOf(resource, "initContainers", "containers").flatMap(({ at, value, pod }) =>
      expect(at, read(value, path) ?? read(pod, path), holds, problem),
    );
}

/** Gives a check of a field of the pod itself. */
export function everyPod(path: string, holds: Holds, problem: string): Rule["check"] {
  return (resource) => expect(`pod ${path}`, read(podOf(resource), path), holds, problem);
}

/** Gives a check of a probe: each container that listens has it. */
export function probed(probe: string): Rule["check"] {
  return (resource) =>
    containersOf(resource, "containers").flatMap(({ at, value }) =>
      expect(
        at,
        either(
          ask(read(value, probe), (set) => set !== undefined),
          ask(read(value, "ports"), (ports) => items(ports).length === 0),
        ),
        Boolean,
        `listens without a ${probe}`,
      ),
    );
}

/** Gives a check of a probe: one container of the pod has it. */
export function probedPod(probe: string): Rule["check"] {
  return (resource) => {
    const set = containersOf(resource, "containers").map(({ value }) =>
      ask(read(value, probe), (found) => found !== undefined),
    );
    return expect("pod", either(...set), Boolean, `has no container with a ${probe}`);
  };
}

/** Gives a check of the items of a list that each container may have: none of them has a value at the path. */
export function noneWith(list: string, path: string, problem: string): Rule["check"] {
  return (resource) =>
    containersOf(resource, "initContainers", "containers").flatMap(({ at, value }) =>
      items(read(value, list)).flatMap((item) =>
        expect(at, read(item, path), (found) => found === undefined, problem),
      ),
    );
}
