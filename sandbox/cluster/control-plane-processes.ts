import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "../../system/errors.ts";

/** The parts that kwokctl starts, by the names of their programs in the cluster's folder. */
export const controlPlaneComponents = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok-controller",
];

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
      // ended meanwhile
    }
  }
}

/**
 * The running parts of the cluster in `folder`, name to pid. They are known by the path they were started with, never
 * by a remembered pid: after a restart of the computer that pid is someone else's.
 */
export function runningComponents(folder: string): Map<string, number> {
  const prefix = join(folder, "bin", "/");
  const found = new Map<string, number>();
  for (const { pid, command } of runningCommands()) {
    if (command.startsWith(prefix)) found.set(command.slice(prefix.length).split(" ")[0] ?? "", pid);
  }
  return found;
}

/** Removes pid files that name no process of this cluster: kwokctl would take, or kill, a stranger for its own. */
export function removeStalePidFiles(folder: string): void {
  const alive = runningComponents(folder);
  for (const component of controlPlaneComponents) {
    const file = join(folder, "pids", `${component}.pid`);
    if (existsSync(file) && Number(readFileSync(file, "utf8")) !== alive.get(component)) rmSync(file);
  }
}

/** Ends every part of the cluster in `folder`, and a kwokctl with `config` that an interrupt left at work on it. */
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

/** At once, as the data goes too. */
function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}
