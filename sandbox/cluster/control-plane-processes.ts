import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "../../system/errors.ts";

/** The components that kwokctl starts, by the names of their programs in the cluster's folder. */
export const controlPlaneComponents = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok-controller",
];

/** Lists the processes of this computer with their command lines. */
function* runningCommands(): Generator<{ readonly pid: number; readonly command: string }> {
  if (process.platform !== "linux") {
    for (const line of execFileSync("ps", ["-axww", "-o", "pid=,args="], { encoding: "utf8" }).split("\n")) {
      const [, pid, command] = /^\s*(\d+)\s+(.*)/.exec(line) ?? [];
      if (command !== undefined) yield { pid: Number(pid), command };
    }
    return;
  }
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      yield {
        pid: Number(name),
        command: readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " "),
      };
    } catch {
      // the process ended meanwhile
    }
  }
}

/**
 * Finds the running components of the cluster in `folder`, by name, with their process ids. They are known by the path
 * that they were started with, not by a remembered id, which is another process's after a restart of the computer.
 */
export function runningComponents(folder: string): Map<string, number> {
  const prefix = join(folder, "bin", "/");
  const found = new Map<string, number>();
  for (const { pid, command } of runningCommands()) {
    if (command.startsWith(prefix)) found.set(command.slice(prefix.length).split(" ")[0] ?? "", pid);
  }
  return found;
}

/** Removes pid files of other processes, which kwokctl would take for those of the cluster, or kill. */
export function removeStalePidFiles(folder: string): void {
  const alive = runningComponents(folder);
  for (const component of controlPlaneComponents) {
    const file = join(folder, "pids", `${component}.pid`);
    if (existsSync(file) && Number(readFileSync(file, "utf8")) !== alive.get(component)) rmSync(file);
  }
}

/** Ends every component of the cluster in `folder`, and a kwokctl with `config` that an interrupt left at work. */
export async function killComponents(folder: string, config: string): Promise<void> {
  const left = () => [
    ...runningComponents(folder).values(),
    ...[...runningCommands()]
      .filter(({ command }) => command.includes(` --config ${config} `))
      .map(({ pid }) => pid),
  ];
  for (let round = 0; round < 100; round++) {
    const pids = left();
    if (pids.length === 0) return;
    for (const pid of pids) kill(pid);
    await sleep(50);
  }
  throw new Error(`These processes of the sandbox cluster do not end: ${left().join(", ")}`);
}

/** Kills a process at once, because its data is removed too. */
function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}
