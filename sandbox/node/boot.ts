import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stateFolder } from "../../system/folders.ts";
import { freePort } from "../../system/free-port.ts";
import { startTime } from "../../system/lock.ts";
import { lastLines } from "../../system/process.ts";
import { makeCertificates } from "./certificates.ts";
import { userKubeconfig, writeNodeFiles } from "./node-files.ts";
import { makeCgroup, type NodeCgroup } from "./cgroups.ts";
import type { NodeParts } from "./node-parts.ts";

/** The folder with everything of a node: its files, its disk, its kubeconfig. */
export const nodeFolder = (name: string): string => join(stateFolder(), "nodes", name);
/** The folder of the logs of a node's programs. */
export const logFolder = (name: string): string => join(nodeFolder(name), "var/log");
/** What the first process of a node says while it makes the node's view of the computer. */
export const bootLog = (name: string): string => join(logFolder(name), "boot.log");
/** The cgroup of a node; a cluster of the same name may be in another state folder. */
export const cgroupOf = (name: string): NodeCgroup => ({
  cgroup: `multi-client-${createHash("sha256").update(nodeFolder(name)).digest("hex").slice(0, 12)}`,
  record: join(nodeFolder(name), "cgroup-controllers"),
});

/** The first process of a node, undefined when it does not run. */
export const nodeProcess = (name: string): number | undefined =>
  recordedProcess(join(nodeFolder(name), "node.pid"));

/** The process that lets this computer reach a node, undefined when it does not run. */
export const relayProcess = (name: string): number | undefined =>
  recordedProcess(join(nodeFolder(name), "relay.pid"));

/** The process that a file records by its id and start time, undefined when it has ended. */
function recordedProcess(file: string): number | undefined {
  try {
    const [pid = "", start] = readFileSync(file, "utf8").trim().split(" ");
    return startTime(Number(pid)) === start ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** Starts the first process of a node in namespaces of its own; it starts the programs. */
export async function boot(name: string, parts: NodeParts, pauseImage: string): Promise<void> {
  const folder = nodeFolder(name);
  await makeCertificates(join(folder, "etc/certificates"));
  writeNodeFiles(join(folder, "etc"), { cgroup: cgroupOf(name).cgroup, pauseImage });
  await makeCgroup(cgroupOf(name));
  const log = openSync(bootLog(name), "w");
  const namespaces = ["--mount", "--net", "--pid", "--ipc", "--uts", "--fork"];
  const script = join(import.meta.dirname, "boot.sh");
  const args = [...namespaces, "sh", script, parts.system, folder, ...parts.programs];
  const child = spawn("unshare", args, { detached: true, stdio: ["ignore", log, log] });
  child.unref();
  for (let tries = 0; nodeProcess(name) === undefined; tries++) {
    if (child.exitCode !== null || tries > 100) {
      const said = lastLines(readFileSync(bootLog(name), "utf8"), 5);
      throw new Error(`The node of cluster ${name} does not start:\n${said}`);
    }
    await sleep(50);
  }
}

/** The file with the node ports that other programs of this computer have. */
export const takenPortsFile = (name: string): string => join(nodeFolder(name), "taken-ports.json");

/** Starts the process that lets this computer reach a node, on a port that stays the same while it is free. */
export async function startRelay(name: string): Promise<void> {
  const folder = nodeFolder(name);
  const portFile = join(folder, "api-port");
  const before = existsSync(portFile) ? Number(readFileSync(portFile, "utf8")) : 0;
  const port = (await freePort(before)) ?? (await freePort());
  writeFileSync(portFile, String(port));
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, userKubeconfig(join(folder, "etc/certificates"), port), { mode: 0o600 });
  const log = openSync(join(logFolder(name), "relay.log"), "w");
  const pid = String(nodeProcess(name));
  const script = join(import.meta.dirname, "port-relay.ts");
  // Of the processes of the node, so that it ends with them; of the network of this computer.
  const args = [
    `--pid=/proc/${pid}/ns/pid`,
    "--",
    process.execPath,
    script,
    String(port),
    kubeconfig,
    pid,
    takenPortsFile(name),
  ];
  const child = spawn("nsenter", args, { detached: true, stdio: ["ignore", log, log] });
  child.unref();
  await new Promise((done, fail) => {
    child.once("spawn", done);
    child.once("error", fail);
  });
  writeFileSync(join(folder, "relay.pid"), `${String(child.pid)} ${startTime(child.pid ?? 0) ?? ""}`);
}
