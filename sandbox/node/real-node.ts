import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { clientConfig, readKubeconfig } from "../../system/client-config.ts";
import { listAt, textAt } from "../../system/fields.ts";
import { kubeClient, type KubeClient } from "../../system/kube-client.ts";
import { lastLines, run } from "../../system/process.ts";
import { removeClusterFolder } from "../cluster/cluster-folder.ts";
import type { ClusterRuntime, ClusterStatus, Provisions } from "../cluster/cluster-runtime.ts";
import {
  boot,
  bootLog,
  cgroupOf,
  logFolder,
  nodeFolder,
  nodeProcess,
  relayProcess,
  startRelay,
  takenPortsFile,
} from "./boot.ts";
import { nodeName } from "./certificates.ts";
import { removeCgroup } from "./cgroups.ts";
import { nodePrograms } from "./node-files.ts";
import { hasContainerd, importLookAlikes } from "./node-images.ts";
import { addOns, lookAlikeOf, nodeParts } from "./node-parts.ts";
import { chooseImages, provideImages, registryImages } from "./registry-images.ts";

const ownKubeconfig = (name: string) => readKubeconfig([join(nodeFolder(name), "kubeconfig")]);
/** A client that gives up after 3 s: the API server is on this computer. */
const clientOf = (name: string): KubeClient => kubeClient(clientConfig(ownKubeconfig(name), ""), 3000);

/** Clusters of one real node: a kubelet, containerd and runc, in namespaces of their own. */
export const realNode: ClusterRuntime = {
  folder: nodeFolder,
  kubeconfig: ownKubeconfig,
  processes: (name) => {
    const pid = nodeProcess(name);
    return new Map(pid === undefined ? [] : [["node", pid]]);
  },
  status,
  ensureRunning,
  provide: (name, { images = [], log }) => provideImages(name, images, log),
  remove,
};

async function status(name: string): Promise<ClusterStatus> {
  if (!existsSync(nodeFolder(name))) return { state: "absent", missing: [...nodePrograms] };
  if (nodeProcess(name) === undefined) return { state: "stopped", missing: [...nodePrograms] };
  const missing = nodePrograms.filter((program) => !isRunning(name, program));
  if (relayProcess(name) === undefined) return { state: "broken", missing: [...missing, "port-relay"] };
  try {
    const client = clientOf(name);
    const [node, version] = await Promise.all([client.get(nodePath), client.send("GET", "/version")]);
    const state = missing.length === 0 && isNodeReady(node, bootedAt(name)) ? "running" : "broken";
    return { state, version: textAt(version, "gitVersion"), missing };
  } catch {
    return { state: "broken", missing };
  }
}

const serviceFolder = (name: string, program: string) => join(nodeFolder(name), "etc/services", program);

/** Tells by the files of runit whether a program runs. */
function isRunning(name: string, program: string): boolean {
  const file = join(serviceFolder(name, program), "supervise/stat");
  return existsSync(file) && readFileSync(file, "utf8").trim() === "run";
}

const nodePath = `/api/v1/nodes/${nodeName}`;
/**
 * The time since which what is said of a node counts, in milliseconds: that of its start, which is the age of the file with its first
 * process. Later on all that is said is younger, whatever became of the clock meanwhile: then it is 0.
 */
function bootedAt(name: string): number {
  const { mtimeMs } = statSync(join(nodeFolder(name), "node.pid"));
  // The API server has whole seconds.
  return Math.abs(Date.now() - mtimeMs) < 300_000 ? Math.floor(mtimeMs / 1000) * 1000 : 0;
}

/** Tells whether the kubelet said after a time that pods can run: what it said before an end is still in etcd. */
const isNodeReady = (node: unknown, since: number): boolean =>
  listAt(node, "status", "conditions").some(
    (condition) =>
      textAt(condition, "type") === "Ready" &&
      textAt(condition, "status") === "True" &&
      Date.parse(textAt(condition, "lastHeartbeatTime")) >= since,
  );
/** Tells whether a pod is ready, of a container that was started after a time. */
const isPodReady = (pod: unknown, since: number): boolean =>
  listAt(pod, "status", "containerStatuses").some(
    (container) =>
      (container as { ready?: unknown }).ready === true &&
      Date.parse(textAt(container, "state", "running", "startedAt")) >= since,
  );

/** Creates a node, or starts what does not run of one, on its data; waits until pods can run. */
async function ensureRunning(
  name: string,
  { state, missing }: ClusterStatus,
  { log, images: wanted = [] }: Provisions,
): Promise<void> {
  if (state === "broken")
    log(
      `Cluster ${name} is not whole (${missing.join(", ") || "its node is not ready"}): starting it again.`,
    );
  const parts = await nodeParts(log);
  const { images } = parts;
  if (state === "absent") await chooseImages(name, wanted, log);
  const replaces = registryImages(name) === undefined;
  const begin = Date.now();
  for (const each of ["var/lib/etcd", "var/log", "tmp", "etc"])
    mkdirSync(join(nodeFolder(name), each), { recursive: true });
  if (nodeProcess(name) === undefined)
    await boot(name, parts, lookAlikeOf("registry.k8s.io/pause", images.images));
  if (relayProcess(name) === undefined) await startRelay(name);
  const since = bootedAt(name);
  await until(name, "the API server is ready", async () => {
    await clientOf(name).send("GET", "/readyz");
    return true;
  });
  await until(name, "containerd answers", () => hasContainerd(name));
  await importLookAlikes(name, images, log);
  await install(name, parts.kubectl, addOns(images, replaces));
  if (replaces) await until(name, "look-alikes take the places of images", () => isReplacing(name));
  await until(name, "the node is Ready", async () => isNodeReady(await clientOf(name).get(nodePath), since));
  await until(name, "the cluster's DNS is ready", async () => {
    const pods = await clientOf(name).get("/api/v1/namespaces/kube-system/pods");
    return listAt(pods, "items").some(
      (pod) => textAt(pod, "metadata", "labels", "k8s-app") === "kube-dns" && isPodReady(pod, since),
    );
  });
  const seconds = ((Date.now() - begin) / 1000).toFixed(1);
  const kept = state === "absent" ? "" : ", its data is kept";
  log(`Cluster ${name} is up with one real node: ${parts.description}${kept} (${seconds} s).`);
}

/** Installs objects on a node, given as a stream of YAML. */
async function install(name: string, kubectl: string, objects: string): Promise<void> {
  const file = join(nodeFolder(name), "add-ons.yaml");
  writeFileSync(file, objects);
  const config = join(nodeFolder(name), "kubeconfig");
  await until(name, "its add-ons are installed", async () => {
    const args = ["--kubeconfig", config, "apply", "--server-side", "--force-conflicts", "-f", file];
    const result = await run(kubectl, args, { doing: "installing the node's add-ons" });
    if (result.code !== 0) throw new Error(lastLines(result.output, 5));
    return true;
  });
}

/** Asks the API server for a pod that it does not make, to see whether the policy is in force yet. */
async function isReplacing(name: string): Promise<boolean> {
  const metadata = { name: "asked", namespace: "default" };
  const pod = { metadata, spec: { containers: [{ name: "asked", image: "redis" }] } };
  const answer = await clientOf(name).send("POST", "/api/v1/namespaces/default/pods", { dryRun: "All" }, pod);
  return !textAt(listAt(answer, "spec", "containers")[0], "image").startsWith("redis");
}

/** The node ports of Services that another program of this computer has, so that they do not lead to the node. */
export function takenPorts(name: string): readonly number[] {
  const file = takenPortsFile(name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as number[]) : [];
}

/** Waits for something of a node. @throws with the last error, and the programs that do not run. */
async function until(name: string, what: string, check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 120_000;
  for (let last = ""; ;) {
    try {
      if (await check()) return;
    } catch (error) {
      last = error instanceof Error ? `${error.message}\n` : String(error);
    }
    const hasEnded = nodeProcess(name) === undefined;
    if (Date.now() > end || hasEnded) {
      const { missing } = await status(name);
      const said = hasEnded ? `It has ended:\n${lastLines(readFileSync(bootLog(name), "utf8"), 5)}\n` : last;
      throw new Error(
        `The node of cluster ${name} does not come up: waited in vain until ${what}.\n${said}` +
          `Programs that do not run: ${missing.join(", ") || "none"}. Logs: ${logFolder(name)}\n` +
          "Fix: make up again; if that does not help, make down removes the cluster with its data.",
      );
    }
    await sleep(200);
  }
}

/** Ends a node with all that runs on it; its data stays. */
async function end(name: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const pid = nodeProcess(name);
    if (pid === undefined) return;
    if (tries > 100) throw new Error(`Process ${pid} of the node of cluster ${name} does not end.`);
    process.kill(pid, "SIGKILL"); // the kernel ends all others of its namespace
    await sleep(50);
  }
}

/** Ends a node, and removes its data. */
async function remove(name: string): Promise<void> {
  await end(name);
  await removeCgroup(cgroupOf(name));
  removeClusterFolder(nodeFolder(name));
}
