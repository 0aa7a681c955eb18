import { setTimeout as sleep } from "node:timers/promises";
import { podLabels } from "../../components/kubernetes/labels.ts";
import { UserError } from "../../system/errors.ts";
import { selectorOf, type Kubectl } from "../cluster/kubectl.ts";

/** Where a stopped Deployment remembers its number of pods, so that any later run can start it again. */
const REMEMBERED = "multi-client/replicas-before-restore";
const FIELD_MANAGER = "multi-client-restore";
/** The seconds that pods may take to end, or to become ready. */
const LIMIT = 300;

interface Deployment {
  readonly metadata: {
    readonly annotations?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly { readonly manager?: string }[];
  };
  readonly spec: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number; readonly readyReplicas?: number };
}

const read = async (kubectl: Kubectl, name: string): Promise<Deployment> =>
  JSON.parse(
    await kubectl.run(["get", "deployment", name, "-o", "json", "--show-managed-fields"]),
  ) as Deployment;

const patch = (kubectl: Kubectl, name: string, type: "merge" | "json", change: unknown) =>
  kubectl.run([
    ...["patch", "deployment", name, "--type", type, "-p", JSON.stringify(change)],
    `--field-manager=${FIELD_MANAGER}`,
  ]);

/** Tells whether containers of a Deployment may still run: its own numbers leave out the pods that are ending. */
async function hasPods(kubectl: Kubectl, name: string): Promise<boolean> {
  const running = "--field-selector=status.phase!=Succeeded,status.phase!=Failed";
  return (
    (await kubectl.run(["get", "pods", "-l", selectorOf(podLabels(name)), running, "-o", "name"])).trim() !==
    ""
  );
}

async function until(
  kubectl: Kubectl,
  name: string,
  what: string,
  holds: (found: Deployment) => boolean | Promise<boolean>,
) {
  const end = Date.now() + LIMIT * 1000;
  while (!(await holds(await read(kubectl, name)))) {
    if (Date.now() > end) throw new UserError(`${name} is not ${what} within ${LIMIT} s.`);
    await sleep(500);
  }
}

/** Tells whether an earlier run stopped a writer, and did not come to start it again. */
export async function areStopped(kubectl: Kubectl, writers: readonly string[]): Promise<boolean> {
  const all = await Promise.all(writers.map((name) => read(kubectl, name)));
  return all.some(
    ({ metadata, spec }) => metadata.annotations?.[REMEMBERED] !== undefined && spec.replicas === 0,
  );
}

/** Stops the Deployments that write to the database, and waits until no pod of theirs is left. */
export async function stopWriters(kubectl: Kubectl, writers: readonly string[]): Promise<void> {
  for (const name of writers) {
    const { metadata, spec } = await read(kubectl, name);
    const replicas = metadata.annotations?.[REMEMBERED] ?? String(spec.replicas ?? 1);
    const change = { metadata: { annotations: { [REMEMBERED]: replicas } }, spec: { replicas: 0 } };
    await patch(kubectl, name, "merge", change);
  }
  for (const name of writers)
    await until(
      kubectl,
      name,
      "stopped",
      async ({ status }) => (status?.replicas ?? 0) === 0 && !(await hasPods(kubectl, name)),
    );
}

/**
 * Starts them with the number of pods that they had, and waits until all are ready. The fields are nobody's afterwards: the
 * next update takes them, and has no conflict.
 */
export async function startWriters(kubectl: Kubectl, writers: readonly string[]): Promise<void> {
  const wanted = new Map<string, number>();
  for (const name of writers) {
    const remembered = (await read(kubectl, name)).metadata.annotations?.[REMEMBERED];
    if (remembered === undefined) continue;
    wanted.set(name, Number(remembered));
    const change = {
      metadata: { annotations: { [REMEMBERED]: null } },
      spec: { replicas: Number(remembered) },
    };
    await patch(kubectl, name, "merge", change);
    const { metadata } = await read(kubectl, name);
    const others = (metadata.managedFields ?? []).filter(({ manager }) => manager !== FIELD_MANAGER);
    await patch(kubectl, name, "json", [{ op: "replace", path: "/metadata/managedFields", value: others }]);
  }
  for (const [name, pods] of wanted)
    await until(kubectl, name, "ready again", ({ status }) => (status?.readyReplicas ?? 0) >= pods);
}
