import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { clientConfig, readKubeconfig } from "../../system/client-config.ts";
import { ApiError, kubeClient } from "../../system/kube-client.ts";
import { textAt } from "../../system/fields.ts";
import { lastLines } from "../../system/process.ts";
import type { Log } from "../../system/log.ts";
import { configFile, createCluster, parseLogLine, kwokctl, kwokFolder, lastErrors } from "./kwokctl.ts";
import { withLock } from "../../system/lock.ts";
import {
  controlPlaneComponents,
  removeStalePidFiles,
  killComponents,
  runningComponents,
} from "./control-plane-processes.ts";
import { removeClusterFolder } from "./cluster-folder.ts";
import type { ClusterRuntime, ClusterStatus, Provisions } from "./cluster-runtime.ts";
import { shareVolumesFolder } from "./volumes-folder.ts";

const folderOf = (name: string): string => join(kwokFolder(), "clusters", name);
/** A file that exists from before the first step of a creation until after its last. */
const creationMarker = (name: string): string => join(kwokFolder(), `${name}.creating`);
/** The kubeconfig of the cluster, as kwokctl wrote it. */
const ownKubeconfig = (name: string) => readKubeconfig([join(folderOf(name), "kubeconfig.yaml")]);
/** A client that gives up after 3 s: the API server is on this computer. */
const clientOf = (name: string) => kubeClient(clientConfig(ownKubeconfig(name), ""), 3000);

/** Clusters whose nodes are objects of the API alone: kwok plays the kubelets, and no container runs. */
export const simulatedNodes: ClusterRuntime = {
  folder: folderOf,
  kubeconfig: ownKubeconfig,
  processes: (name) => runningComponents(folderOf(name)),
  status: async (name) => {
    const found = await probe(name);
    return existsSync(creationMarker(name)) ? { ...found, state: "interrupted" } : found;
  },
  ensureRunning,
  remove,
};

/** Finds the state of a cluster that may be in creation, from its processes and its API server. */
async function probe(name: string): Promise<ClusterStatus> {
  const alive = runningComponents(folderOf(name));
  const missing = controlPlaneComponents.filter((component) => !alive.has(component));
  // Processes whose data someone removed cannot go on.
  if (!existsSync(folderOf(name))) return { state: alive.size === 0 ? "absent" : "interrupted", missing };
  if (alive.size === 0) return { state: "stopped", missing };
  try {
    const client = clientOf(name);
    const isReady = client.get("/readyz").then(
      () => true,
      (error: unknown) => {
        if (error instanceof ApiError) return false;
        throw error;
      },
    );
    const [ready, version] = await Promise.all([isReady, client.send("GET", "/version")]);
    const state = ready && missing.length === 0 ? "running" : "broken";
    return { state, version: textAt(version, "gitVersion"), missing };
  } catch {
    return { state: "broken", missing };
  }
}

/** Creates, repairs or restarts a cluster, whatever its state is. */
async function ensureRunning(
  name: string,
  { state, missing }: ClusterStatus,
  { log }: Provisions,
): Promise<void> {
  shareVolumesFolder();
  if (state === "interrupted") {
    log(`An earlier creation of cluster ${name} was interrupted: what it left is removed.`);
    await remove(name);
  }
  if (state === "absent" || state === "interrupted") {
    // kwokctl chooses ports that are free when it looks, and binds them later: two at once would choose the same.
    const ports = join(kwokFolder(), "creating.lock");
    await withLock(ports, `creating cluster ${name}`, log, () => createFromScratch(name, log));
    return;
  }
  log(`Cluster ${name} is not whole (${missing.join(", ") || "API server not ready"}): starting it again.`);
  const begin = Date.now();
  // Two tries, because controllers end when the API server was away for longer than their lease, perhaps only now.
  if (!(await restart(name, log)).ready) {
    const { ready, output } = await restart(name, log);
    if (!ready) throw startupError(name, output);
  }
  await installDefaults(name, log);
  log(`Cluster ${name} runs again, its data is kept (${seconds(begin)}).`);
}

/** Starts the components that do not run; `output` is that of kwokctl. */
async function restart(
  name: string,
  log: Log,
): Promise<{ readonly ready: boolean; readonly output: string }> {
  removeStalePidFiles(folderOf(name));
  const { output } = await kwokctl(name, ["start", "cluster"], log, { signal: AbortSignal.timeout(45_000) });
  return { ready: await becomesReady(name), output };
}

async function createFromScratch(name: string, log: Log): Promise<void> {
  mkdirSync(kwokFolder(), { recursive: true });
  writeFileSync(creationMarker(name), "");
  const begin = Date.now();
  const { code, output } = await createCluster(name, log, () => killAndDelete(name));
  if (code !== 0 || !(await becomesReady(name))) throw startupError(name, output);
  await installDefaults(name, log);
  rmSync(creationMarker(name));
  log(
    `Cluster ${name} is up with 3 simulated nodes: pods become Ready, no container runs (${seconds(begin)}).`,
  );
}

const seconds = (begin: number): string => `${((Date.now() - begin) / 1000).toFixed(1)} s`;

async function becomesReady(name: string): Promise<boolean> {
  const end = Date.now() + 30_000;
  while ((await probe(name)).state !== "running") {
    if (Date.now() > end) return false;
    await sleep(200);
  }
  return true;
}

/** The error of a cluster that does not come up: which component failed, its last errors, and those of kwokctl. */
function startupError(name: string, output: string): Error {
  const dead =
    controlPlaneComponents.find((component) => !runningComponents(folderOf(name)).has(component)) ??
    "kube-apiserver";
  const said = lastLines(output, 3).split("\n").map(parseLogLine);
  return new Error(
    `Sandbox cluster ${name} does not come up. ${dead} said last:\n${lastErrors(folderOf(name), dead)}\n` +
      `kwokctl said:\n${said.map(({ msg = "", err = "" }) => `  ${msg} ${err}`).join("\n")}\n` +
      `All logs: ${join(folderOf(name), "logs")}\n` +
      "Fix: make up again; if that does not help, make down removes the cluster with its data.",
  );
}

/** Creates nodes with room for pods, and a default storage class whose volumes are really made and deleted. */
async function installDefaults(name: string, log: Log): Promise<void> {
  // Every kubelet reports the disk of its node; the default node of kwok has none, and pods request some.
  const disk = ["--param", '.allocatable["ephemeral-storage"]="100Gi"'];
  const { code, output } = await kwokctl(name, ["scale", "node", "--replicas", "3", ...disk], log);
  if (code !== 0) throw startupError(name, output);
  const standard = {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
    // kube-controller-manager --enable-hostpath-provisioner makes an empty folder /tmp/hostpath_pv/<uid> for each
    // volume.
    provisioner: "kubernetes.io/host-path",
    reclaimPolicy: "Delete",
    volumeBindingMode: "WaitForFirstConsumer",
  };
  const classes = "/apis/storage.k8s.io/v1/storageclasses";
  await clientOf(name)
    .send("POST", classes, {}, standard)
    .catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
      if (error.reason !== "AlreadyExists") throw startupError(name, error.message);
    });
}

async function remove(name: string): Promise<void> {
  await killAndDelete(name);
  for (const file of [creationMarker(name), configFile(name)]) rmSync(file, { force: true });
}

async function killAndDelete(name: string): Promise<void> {
  await killComponents(folderOf(name), configFile(name));
  removeClusterFolder(folderOf(name));
}
