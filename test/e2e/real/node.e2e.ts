import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  cgroupOf,
  clusterDown,
  clusterProcesses,
  clusterStatus,
  clusterUp,
  lookAlikeImages,
} from "../../../sandbox/index.ts";
import { which } from "../../../system/process.ts";
import { clusterOfContext } from "../../../system/sandbox-context.ts";
import { until } from "../cluster.ts";
import { context, folder, kubeconfig, run } from "../world.ts";

const name = "left";
/** An image of a registry that does not answer. */
const nowhere = `127.0.0.1:1/nobody/nothing@sha256:${"0".repeat(64)}`;
const lines = (text: string) => text.split("\n").filter(Boolean);

/** What a node could leave on the computer: links, mounts, rules, cgroups, settings of the kernel. */
async function traces(): Promise<Record<string, readonly string[]>> {
  const rules =
    which("iptables-save", process.env) === undefined ? "" : (await run("iptables-save", [])).stdout;
  const top = "/sys/fs/cgroup";
  const hierarchies = [top, ...readdirSync(top).map((each) => `${top}/${each}`)];
  return {
    links: lines((await run("ip", ["-o", "link"])).stdout).map((line) => line.split(": ")[1] ?? ""),
    mounts: lines(readFileSync("/proc/self/mountinfo", "utf8")).map((line) => line.split(" ")[4] ?? ""),
    rules: lines(rules).filter((line) => line.startsWith("-A")),
    // Those of other nodes, which other files of cases have, come and go.
    cgroups: hierarchies.flatMap((at) => readdirSync(at).filter((each) => each === cgroupOf(name).cgroup)),
    settings: ["vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops", "net/ipv4/ip_forward"].map(
      (setting) => `${setting} ${readFileSync(`/proc/sys/${setting}`, "utf8").trim()}`,
    ),
  };
}

/** What is there now and was not before. */
const added = (before: Record<string, readonly string[]>, now: Record<string, readonly string[]>) =>
  Object.fromEntries(
    Object.entries(now).map(([kind, found]) => [kind, found.filter((each) => !before[kind]?.includes(each))]),
  );
const nothing = { links: [], mounts: [], rules: [], cgroups: [], settings: [] };

/** The addresses on which processes of this computer listen, but for those of loopback. */
async function openToOthers(): Promise<readonly string[]> {
  const { stdout } = await run("ss", ["-Hltn"]);
  return lines(stdout)
    .map((line) => line.trim().split(/\s+/)[3] ?? "")
    .filter((address) => !/^(127\.|\[::1\]|\[::ffff:127\.)/.test(address));
}

/** A redis that writes everything down at once, and its claim. */
const keeper = (image: string): readonly object[] => [
  {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "keeper" },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  },
  {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "keeper" },
    spec: {
      containers: [
        {
          name: "redis",
          image,
          args: ["redis-server", "--appendonly", "yes", "--appendfsync", "always"],
          readinessProbe: { exec: { command: ["redis-cli", "ping"] } },
          volumeMounts: [{ name: "data", mountPath: "/data" }],
        },
      ],
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: "keeper" } }],
    },
  },
];

// On a cluster of somebody else there is no node to start.
(clusterOfContext(context) !== undefined ? describe : describe.skip)(
  "a real node beside others on this computer",
  () => {
    let tracesBefore: Record<string, readonly string[]>;
    let openBefore: readonly string[];
    const said: string[] = [];
    const log = (line: string) => {
      said.push(line);
    };
    const start = () => clusterUp({ name, nodes: "real", images: [nowhere], kubeconfig, log });
    const node = () => clusterProcesses(name).get("node");
    const kubectl = async (...args: readonly string[]): Promise<string> =>
      (await run("kubectl", ["--kubeconfig", kubeconfig, "--context", `sandbox-${name}`, ...args])).stdout;

    before(async () => {
      tracesBefore = await traces();
      openBefore = await openToOthers();
    });
    after(() => clusterDown({ name, kubeconfig, log }));

    it("adds cgroups to this computer while it runs and nothing else, and listens on loopback alone", async () => {
      await start();
      const { cgroups = [], ...rest } = added(tracesBefore, await traces());
      assert.ok(cgroups.length > 0);
      assert.deepEqual({ ...rest, cgroups: [] }, nothing);
      const open = await openToOthers();
      assert.deepEqual(
        open.filter((address) => !openBefore.includes(address)),
        [],
      );
      assert.match(said.join("\n"), /^The node gets look-alikes of its images: Image 127\.0\.0\.1:1\//m);
    });

    it("is whole again with its data after a kill of its first process, and after one of a program", async () => {
      const redis = lookAlikeImages(name).find(({ replaces }) => replaces === "redis")?.name ?? "";
      const manifest = join(folder, "keeper.json");
      writeFileSync(manifest, JSON.stringify({ apiVersion: "v1", kind: "List", items: keeper(redis) }));
      await kubectl("apply", "-f", manifest);
      await kubectl("wait", "--for=condition=Ready", "pod/keeper", "--timeout=120s");
      const rows = ["exec", "keeper", "--", "redis-cli", "lrange", "rows", "0", "-1"];
      await kubectl("exec", "keeper", "--", "redis-cli", "rpush", "rows", "one", "two");
      process.kill(node() ?? 0, "SIGKILL");
      await until("the node has ended", () => Promise.resolve(node() === undefined));
      assert.equal((await clusterStatus(name)).state, "stopped");
      const begin = Date.now();
      await start();
      console.log(`      a stopped node was up again in ${((Date.now() - begin) / 1000).toFixed(1)} s`);
      assert.equal((await clusterStatus(name)).state, "running");
      await until("redis has its data again", () =>
        kubectl(...rows).then((out) => out.trim() === "one\ntwo"),
      );
      const { stdout } = await run("nsenter", [
        "--target",
        String(node()),
        "--pid",
        "--mount",
        "pidof",
        "kubelet",
      ]);
      await run("nsenter", ["--target", String(node()), "--pid", "--mount", "kill", "-9", stdout.trim()]);
      await until(
        "runit has started the kubelet again",
        async () => (await clusterStatus(name)).state === "running",
      );
    });

    it("leaves nothing when it is removed", async () => {
      await clusterDown({ name, kubeconfig, log });
      assert.deepEqual(added(tracesBefore, await traces()), nothing);
      assert.equal(node(), undefined);
    });
  },
);
