import { existsSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from "node:fs";
import { freemem } from "node:os";
import { cacheFolder, stateFolder, value, type Env } from "../../system/folders.ts";
import { run, which } from "../../system/process.ts";
import { cgroupObstacle } from "./cgroups.ts";
import { debianObstacle } from "../build/debian-tree.ts";
import { nodeTrees } from "./node-parts.ts";

/** The programs of the computer with which a node is made, each with the Debian package that has it. */
const tools: Readonly<Record<string, string>> = {
  unshare: "util-linux",
  nsenter: "util-linux",
  pivot_root: "util-linux",
  openssl: "openssl",
  "apt-get": "apt",
};

/** The least memory, in MiB: a node with the five services takes about 1,700. */
const MEMORY = 2500;
/** The least room for what is built, and for a node's disk, in GiB. */
const ROOM = 6;
/** `statfs` says so of overlayfs, on which containerd cannot mount another. */
const OVERLAYFS = 0x794c7630;

/**
 * Finds why this computer cannot have a real node; undefined where it can.
 *
 * @param env NODES: `simulated` wants none, `real` and nothing want one where it is possible.
 */
export async function realNodeObstacle(env: Env = process.env): Promise<string | undefined> {
  if (value(env.NODES) === "simulated") return "NODES=simulated";
  if (process.platform !== "linux") return "a real node needs Linux";
  if (process.getuid?.() !== 0) return "a real node needs root, and this user is another";
  const missing = Object.entries(tools).find(([tool]) => which(tool, env) === undefined);
  if (missing !== undefined) return `a real node needs ${missing[0]} (package ${missing[1]})`;
  return (await kernelObstacle(env)) ?? roomObstacle() ?? (await debianObstacle(nodeTrees()));
}

async function kernelObstacle(env: Env): Promise<string | undefined> {
  const { code, output } = await run("unshare", ["--mount", "--net", "--pid", "--fork", "true"], { env });
  if (code !== 0) return `this computer allows no namespaces of its own (${output.trim()})`;
  const obstacle = cgroupObstacle();
  if (obstacle !== undefined) return obstacle;
  const hasOverlay = () => /\boverlay$/m.test(readFileSync("/proc/filesystems", "utf8"));
  if (!hasOverlay()) await run("modprobe", ["overlay"], { env }).catch(() => undefined);
  if (!hasOverlay()) return "a real node needs overlayfs, which this kernel does not have";
  await loadBridgeFilter(env);
  return existsSync(BRIDGE) ? undefined : "a real node needs the kernel's br_netfilter, which is not there";
}

/** What br_netfilter has; each network namespace has its own. */
const BRIDGE = "/proc/sys/net/bridge";

/** Loads what lets Services be reached over the bridge of the pods; the bridges of the computer itself stay as they are without it. */
async function loadBridgeFilter(env: Env): Promise<void> {
  if (existsSync(BRIDGE)) return;
  await run("modprobe", ["br_netfilter"], { env }).catch(() => undefined);
  for (const calls of ["iptables", "ip6tables", "arptables"]) {
    const file = `${BRIDGE}/bridge-nf-call-${calls}`;
    if (existsSync(file)) writeFileSync(file, "0");
  }
}

function roomObstacle(): string | undefined {
  const memory = Math.floor(freeMemory() / 2 ** 20);
  if (memory < MEMORY) return `a real node needs ${MEMORY} MiB of memory, and ${memory} are free`;
  for (const folder of [cacheFolder(), stateFolder()]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { type, bavail, bsize } = statfsSync(folder);
    const free = (bavail * bsize) / 2 ** 30;
    if (free < ROOM) return `a real node needs ${ROOM} GiB in ${folder}, and ${free.toFixed(1)} are free`;
    if (type === OVERLAYFS) return `a real node needs a disk of its own, and ${folder} is on overlayfs`;
  }
  return undefined;
}

/** Free memory in bytes, with what the kernel gives back when asked. */
function freeMemory(): number {
  const [, kibibytes] = /^MemAvailable: +(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8")) ?? [];
  return kibibytes === undefined ? freemem() : Number(kibibytes) * 1024;
}
