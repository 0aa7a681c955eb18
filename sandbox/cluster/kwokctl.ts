import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt } from "../build/build-cache.ts";
import { cacheFolder, stateFolder } from "../../system/folders.ts";
import type { Log } from "../../system/log.ts";
import { etcdVersion, kubernetesVersion, kwokVersion } from "../build/recipes.ts";
import { run, which, type RunResult } from "../../system/process.ts";

/** The folder of the state of kwokctl, which has each cluster below `clusters/`. */
export const kwokFolder = (): string => join(stateFolder(), "kwok");

/** The folder in which kwokctl keeps what it fetched. */
const downloads = (): string => join(cacheFolder(), "kwok-downloads");
/** A file that says that the control plane could not be fetched, so that the next run does not try again. */
const notFetchedMarker = (): string => join(cacheFolder(), `control-plane-${kubernetesVersion}-not-fetched`);

/** Finds kwok and kwokctl on PATH in the pinned version, else builds them. */
async function programs(log: Log): Promise<{ readonly kwok: string; readonly kwokctl: string }> {
  const [kwok, kwokctl] = [which("kwok", process.env), which("kwokctl", process.env)];
  if (kwok !== undefined && kwokctl !== undefined) {
    const versions = await Promise.all([kwok, kwokctl].map((path) => run(path, ["--version"])));
    if (versions.every(({ output }) => /v\d\S*/.exec(output)?.[0] === kwokVersion)) return { kwok, kwokctl };
  }
  const bin = await ensureBuilt("kwok", log);
  return { kwok: join(bin, "kwok"), kwokctl: join(bin, "kwokctl") };
}

/** Runs kwokctl on a cluster. */
export async function kwokctl(
  name: string,
  args: readonly string[],
  log: Log,
  options: { readonly onLine?: (line: string) => void; readonly signal?: AbortSignal } = {},
): Promise<RunResult> {
  const { kwokctl: program } = await programs(log);
  const all = ["--name", name, "--config", configFile(name), ...args];
  const env = { ...process.env, KWOK_WORKDIR: kwokFolder() };
  return run(program, all, { ...options, env, doing: `kwokctl worked on cluster ${name}` });
}

/** The file with the configuration of a cluster, which {@link createCluster} writes. */
export const configFile = (name: string): string => join(kwokFolder(), `${name}.config.yaml`);

/** Parses a line of the log of kwokctl, which is JSON when it writes to no terminal; any other line is the message. */
export function parseLogLine(line: string): {
  readonly msg?: string;
  readonly uri?: string;
  readonly err?: string;
} {
  try {
    return JSON.parse(line) as ReturnType<typeof parseLogLine>;
  } catch {
    return { msg: line };
  }
}

/**
 * Writes the configuration of a cluster, as JSON, which is YAML. The nodes behave as `stages.yaml` says, and everything
 * listens on 127.0.0.1 (the default of kwokctl is 0.0.0.0).
 */
function writeConfig(name: string, kwok: string, binaries: Readonly<Record<string, string>>): void {
  const extra = (component: string, args: Readonly<Record<string, string>>) => ({
    name: component,
    extraArgs: Object.entries(args).map(([key, value]) => ({ key, value })),
  });
  const config = {
    apiVersion: "config.kwok.x-k8s.io/v1alpha1",
    kind: "KwokctlConfiguration",
    options: {
      runtime: "binary",
      bindAddress: "127.0.0.1",
      cacheDir: downloads(),
      quietPull: true,
      kubeVersion: kubernetesVersion,
      etcdVersion,
      kwokControllerBinary: kwok,
      ...binaries,
    },
    componentsPatches: [
      // The default /24 is full after 254 Services.
      extra("kube-apiserver", {
        "service-cluster-ip-range": "10.96.0.0/12",
        "advertise-address": "127.0.0.1",
      }),
      extra("kube-controller-manager", { "enable-hostpath-provisioner": "true" }),
    ],
  };
  mkdirSync(kwokFolder(), { recursive: true });
  const stages = readFileSync(new URL("stages.yaml", import.meta.url), "utf8");
  writeFileSync(configFile(name), `${JSON.stringify(config, undefined, 2)}\n---\n${stages}`);
}

/** The size of a folder in bytes; 0 when it is missing. */
function folderSize(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);
}

const runCreateCluster = (name: string, log: Log, options: Parameters<typeof kwokctl>[3]) =>
  kwokctl(name, ["create", "cluster", "--kubeconfig", "", "--wait", "120s"], log, options);

/**
 * Lets kwokctl fetch the control plane and start the cluster. kwokctl repeats a failed download ten times, and waits 30
 * s for a network that drops packets; this gives up at the third repeat, or when no byte has come for 15 s.
 *
 * @returns undefined when the control plane could not be fetched.
 */
async function createFetched(name: string, log: Log): Promise<RunResult | undefined> {
  const stop = new AbortController();
  const progress = { fetching: true, repeats: 0 };
  let [bytes, since] = [folderSize(downloads()), Date.now()];
  const ticker = setInterval(() => {
    const now = folderSize(downloads());
    if (now !== bytes) [bytes, since] = [now, Date.now()];
    if (progress.fetching && Date.now() - since > 15_000) stop.abort();
  }, 1000);
  const onLine = (line: string) => {
    const { msg = "", uri } = parseLogLine(line);
    if (msg === "Cluster is created") progress.fetching = false;
    if (msg === "Download") log(`Fetching ${uri?.split("/").at(-1) ?? "?"} ...`);
    if (msg.startsWith("Retry") && ++progress.repeats === 3) stop.abort();
  };
  try {
    const result = await runCreateCluster(name, log, { onLine, signal: stop.signal });
    return progress.fetching && result.code !== 0 ? undefined : result;
  } finally {
    clearInterval(ticker);
  }
}

/**
 * Creates and starts a cluster; its control plane is fetched where that works, else built.
 *
 * @param clean removes what a failed try left.
 */
export async function createCluster(name: string, log: Log, clean: () => Promise<void>): Promise<RunResult> {
  const { kwok } = await programs(log);
  if (!existsSync(notFetchedMarker())) {
    log(`Control plane ${kubernetesVersion}: kwokctl fetches it, unless it has before.`);
    writeConfig(name, kwok, {});
    const result = await createFetched(name, log);
    if (result !== undefined) return result;
    await clean();
    remember(notFetchedMarker());
  }
  log(`Control plane ${kubernetesVersion}: built from Go modules, as it cannot be fetched here.`);
  const [kubernetes, etcd] = [await ensureBuilt("kubernetes", log), await ensureBuilt("etcd", log)];
  writeConfig(name, kwok, {
    etcdBinary: join(etcd, "etcd"),
    kubectlBinary: join(kubernetes, "kubectl"),
    kubeApiserverBinary: join(kubernetes, "kube-apiserver"),
    kubeControllerManagerBinary: join(kubernetes, "kube-controller-manager"),
    kubeSchedulerBinary: join(kubernetes, "kube-scheduler"),
  });
  return runCreateCluster(name, log, {});
}

/** Writes a marker for later runs; a full or read-only cache only costs them another try. */
function remember(file: string): void {
  try {
    mkdirSync(cacheFolder(), { recursive: true });
    writeFileSync(file, "Remove this file to let kwokctl try to fetch again.\n");
  } catch {
    // the next run tries again
  }
}

/** The last errors in the log of a component, for an error message. */
export function lastErrors(folder: string, component: string): string {
  const file = join(folder, "logs", `${component}.log`);
  const lines = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : ["(no log)"];
  const complaints = lines.filter((line) => /panic|fatal|error/i.test(line));
  return (complaints.length > 0 ? complaints : lines)
    .slice(-3)
    .map((line) => `  ${line.slice(0, 300)}`)
    .join("\n");
}
