import { readdirSync, readFileSync } from "node:fs";
import { context, kubeconfig, run, type Ran } from "./world.ts";
import { get, list, patch, remove, until, type Loose } from "./cluster.ts";

/** The pods of a service. */
export const podsOf = async (namespace: string, service: string): Promise<Loose[]> =>
  (await list("Pod", namespace)).filter(({ metadata }) => metadata.labels.component === service);

/** Runs kubectl in a namespace of this run's cluster. Never fails by itself. */
export const kubectlIn = (namespace: string, ...args: readonly string[]): Promise<Ran> =>
  run("kubectl", ["--kubeconfig", kubeconfig, "--context", context, "--namespace", namespace, ...args]);

/** Runs a command in a pod: its name, and before `--` what else `kubectl exec` takes. Never fails by itself. */
export const execIn = (namespace: string, ...args: readonly string[]): Promise<Ran> =>
  kubectlIn(namespace, "exec", ...args);

/** Tells whether a pod takes requests. */
export const isReady = ({ status, metadata }: Loose): boolean =>
  metadata.deletionTimestamp === undefined &&
  (status.conditions as { type: string; status: string }[] | undefined)?.some(
    (each) => each.type === "Ready" && each.status === "True",
  ) === true;

/** Tells whether there are pods, and all of them take requests. */
export const areReady = (pods: readonly Loose[]): boolean => pods.length > 0 && pods.every(isReady);

/**
 * Deletes the pods of some services at once, and waits until others stand in their place.
 *
 * @param grace seconds that they have to end, 1 or more. @default what each pod says. With 0 the API server forgets a pod
 *   before its containers have ended: two postgres would write to one folder, and the older one would remove the newer
 *   one's postmaster.pid.
 */
export async function replacePods(
  namespace: string,
  services: readonly string[],
  grace?: number,
): Promise<void> {
  const old = (await Promise.all(services.map((service) => podsOf(namespace, service)))).flat();
  await Promise.all(old.map(({ metadata }) => remove("Pod", metadata.name as string, namespace, grace)));
  const gone = new Set(old.map(({ metadata }) => metadata.uid as string));
  for (const service of services) {
    await until(
      `${service} is ready again`,
      async () => {
        const now = await podsOf(namespace, service);
        return areReady(now.filter(({ metadata }) => !gone.has(metadata.uid as string)));
      },
      180,
    );
  }
}

/** Changes the first container of a workload by hand, and gives what puts it back. */
export async function editContainer(
  namespace: string,
  kind: string,
  name: string,
  change: (container: Loose) => void,
): Promise<() => Promise<void>> {
  const containers = (await get(kind, name, namespace))?.spec.template.spec.containers as Loose[];
  const edited = structuredClone(containers);
  change(edited[0] ?? {});
  const set = (all: Loose[]) =>
    patch(kind, name, namespace, { spec: { template: { spec: { containers: all } } } });
  await set(edited);
  return () => set(containers);
}

/**
 * The processes of a pod's containers, by container, where its node runs on this computer; empty elsewhere. A container's id
 * is part of the names of its cgroups.
 */
export function processesOf(pod: Loose): ReadonlyMap<string, readonly number[]> {
  const statuses = (pod.status.containerStatuses ?? []) as { name: string; containerID?: string }[];
  const cgroups = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => [Number(pid), cgroupsOf(pid)] as const);
  return new Map(
    statuses.map(({ name, containerID = "" }) => {
      const [, id = ""] = containerID.split("://");
      return [name, cgroups.filter(([, text]) => id !== "" && text.includes(id)).map(([pid]) => pid)];
    }),
  );
}

function cgroupsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, "utf8");
  } catch {
    return ""; // it has ended meanwhile
  }
}
