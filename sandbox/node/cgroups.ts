import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Where the kernel shows the cgroups of this computer. */
const TOP = "/sys/fs/cgroup";
/**
 * The controllers of which the kubelet wants each that the kernel has: without, it does not start.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/kubelet/cm/cgroup_v2_manager_linux.go, `supportedControllers`
 */
const CONTROLLERS = ["cpu", "cpuset", "memory", "hugetlb", "pids"];

/** The tops of all hierarchies: version 1 has one for each controller, version 2 a single one. */
function hierarchies(top: string): readonly string[] {
  if (isVersion2(top)) return [top];
  if (!existsSync(top)) return [];
  return readdirSync(top)
    .map((each) => join(top, each))
    .filter((each) => existsSync(join(each, "cgroup.procs")));
}
const isVersion2 = (top: string): boolean => existsSync(join(top, "cgroup.controllers"));

const words = (file: string): readonly string[] => readFileSync(file, "utf8").split(/\s+/).filter(Boolean);

/** The controllers of version 2 that are off below the top: systemd turns on what its units use, and hugetlb never. */
function controllersOff(top: string): readonly string[] {
  const on = words(join(top, "cgroup.subtree_control"));
  return words(join(top, "cgroup.controllers")).filter(
    (controller) => CONTROLLERS.includes(controller) && !on.includes(controller),
  );
}

/** Finds why a node cannot have a cgroup of its own; undefined where it can. */
export function cgroupObstacle(top = TOP): string | undefined {
  const tops = hierarchies(top);
  const [first] = tops;
  if (first === undefined) return `a real node needs cgroups, and ${top} has none`;
  // A container's are all read-only, or none is.
  const own = tops.find((each) => each.endsWith("/memory")) ?? first;
  try {
    accessSync(own, constants.W_OK);
  } catch {
    return `a real node needs cgroups of its own, and ${own} is read-only`;
  }
  if (!isVersion2(top)) return undefined;
  const off = controllersOff(top);
  // The top of the computer has no type; that of a container has one, and cannot share what it has while it has processes.
  const isBusy = existsSync(join(top, "cgroup.type")) && words(join(top, "cgroup.procs")).length > 0;
  return off.length > 0 && isBusy
    ? `a real node needs ${off.join(" and ")} in cgroups below ${top}, and the processes of this container are in its way`
    : undefined;
}

/** A cgroup in each hierarchy. */
export interface NodeCgroup {
  /** Its name, below the top. */
  readonly cgroup: string;
  /** The file with the controllers that were turned on for it. */
  readonly record: string;
}

/** Makes the cgroup of a node anew; what an earlier node left in it is empty by now, and does no harm where it is not. */
export async function makeCgroup({ cgroup, record }: NodeCgroup, top = TOP): Promise<void> {
  if (isVersion2(top)) turnOn(top, record);
  for (const hierarchy of hierarchies(top)) {
    await removeFolder(join(hierarchy, cgroup)).catch(() => undefined);
    mkdirSync(join(hierarchy, cgroup), { recursive: true });
  }
}

function turnOn(top: string, record: string): void {
  const before = existsSync(record) ? words(record) : [];
  for (const controller of controllersOff(top)) {
    if (!before.includes(controller)) writeFileSync(record, `${controller}\n`, { flag: "a" });
    writeFileSync(join(top, "cgroup.subtree_control"), `+${controller}`);
  }
}

/** Removes the cgroup of a node, and turns off again what was turned on for it. */
export async function removeCgroup({ cgroup, record }: NodeCgroup, top = TOP): Promise<void> {
  for (const hierarchy of hierarchies(top)) await removeFolder(join(hierarchy, cgroup));
  if (!existsSync(record)) return;
  for (const controller of words(record)) {
    try {
      writeFileSync(join(top, "cgroup.subtree_control"), `-${controller}`);
    } catch {
      // Another node, or a container engine, has it on by now and needs it.
    }
  }
  rmSync(record);
}

/** Removes a cgroup with those below it, as soon as the last of its processes has ended. */
async function removeFolder(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await removeFolder(join(folder, entry.name));
  for (let tries = 0; ; tries++) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      if (tries > 50) throw error;
      await sleep(100);
    }
  }
}
