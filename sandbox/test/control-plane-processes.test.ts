import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { clusterDown, clusterStatus } from "../cluster/sandbox-cluster.ts";
import { shareVolumesFolder } from "../cluster/volumes-folder.ts";
import {
  removeStalePidFiles,
  killComponents,
  runningComponents,
} from "../cluster/control-plane-processes.ts";
import { scratch } from "./build-scratch.ts";

describe("the sandbox cluster's processes", () => {
  let here: ReturnType<typeof scratch>;
  let folder: string;
  const started: ChildProcess[] = [];
  beforeEach(() => {
    here = scratch();
    folder = join(here.folder, "state/multi-client/kwok/clusters/multi-client");
    mkdirSync(join(folder, "bin"), { recursive: true });
  });
  afterEach(() => {
    for (const child of started.splice(0)) child.kill("SIGKILL");
    here.end();
  });
  /** Starts a component that only sleeps: a copy of sleep, by its path, as kwokctl does. */
  const startPart = async (name: string): Promise<ChildProcess> => {
    const file = join(folder, "bin", name);
    copyFileSync("/bin/sleep", file);
    const child = spawn(file, ["30"]);
    started.push(child);
    await once(child, "spawn");
    return child;
  };

  it("are found by the path that they were started with", async () => {
    const etcd = await startPart("etcd");
    started.push(spawn("sleep", ["30"]));
    assert.deepEqual([...runningComponents(folder)], [["etcd", etcd.pid]]);
    assert.deepEqual([...runningComponents(`${folder}-other`)], []);
  });

  it("are not confused with a process that got their id: its pid file is removed, the right one stays", async () => {
    const etcd = await startPart("etcd");
    here.write("state/multi-client/kwok/clusters/multi-client/pids/etcd.pid", String(etcd.pid));
    const stranger = here.write(
      "state/multi-client/kwok/clusters/multi-client/pids/kube-apiserver.pid",
      String(process.pid),
    );
    removeStalePidFiles(folder);
    assert.equal(existsSync(stranger), false);
    assert.equal(existsSync(join(folder, "pids/etcd.pid")), true);
  });

  it("all end, with a kwokctl that an interrupt left at work on the same cluster, and no others", async () => {
    const bystander = spawn("sleep", ["30"]);
    started.push(bystander);
    await startPart("etcd");
    started.push(spawn("sh", ["-c", "read line", "kwokctl", "--config", "/the/config.yaml", "create"]));
    const [, , kwokctl] = started;
    await killComponents(folder, "/the/config.yaml");
    assert.deepEqual([...runningComponents(folder)], []);
    assert.ok(kwokctl !== undefined);
    if (kwokctl.signalCode === null) await once(kwokctl, "exit");
    assert.equal(kwokctl.signalCode, "SIGKILL");
    assert.equal(bystander.exitCode ?? bystander.signalCode, null);
  });

  it("give the state: stopped, broken with the missing components, interrupted, absent", async () => {
    assert.equal((await clusterStatus()).state, "stopped");
    await startPart("etcd");
    const broken = await clusterStatus();
    assert.equal(broken.state, "broken");
    assert.deepEqual(broken.missing, [
      "kube-apiserver",
      "kube-controller-manager",
      "kube-scheduler",
      "kwok-controller",
    ]);
    here.write("state/multi-client/kwok/multi-client.creating", "");
    assert.equal((await clusterStatus()).state, "interrupted");
    await clusterDown({ log: here.log });
    assert.deepEqual(await clusterStatus(), { state: "absent", missing: ["etcd", ...broken.missing] });
    assert.equal(existsSync(folder), false);
    assert.deepEqual(readdirSync(dirname(folder)), []);
    assert.deepEqual(here.lines, ["Cluster multi-client is removed, with its data."]);
  });
});

describe("the folder of the volumes of simulated nodes", () => {
  let here: ReturnType<typeof scratch>;
  let folder: string;
  beforeEach(() => {
    here = scratch();
    folder = join(here.folder, "hostpath_pv");
  });
  afterEach(() => {
    here.end();
  });
  const modeOf = (path: string) => statSync(path).mode & 0o7777;

  it("is every user's, also where a controller manager made it for one", () => {
    shareVolumesFolder(folder);
    assert.equal(modeOf(folder), 0o1777);
    chmodSync(folder, 0o750);
    shareVolumesFolder(folder);
    assert.equal(modeOf(folder), 0o1777);
  });

  it("is no link, whose target would become every user's", () => {
    const target = join(here.folder, "target");
    mkdirSync(target, { mode: 0o700 });
    symlinkSync(target, folder);
    assert.throws(() => {
      shareVolumesFolder(folder);
    }, /^UserError: No volume can be made in .*\n.*\nFix: sudo rm \/.*hostpath_pv$/);
    assert.equal(modeOf(target), 0o700);
  });

  it("that another user keeps to itself is named, with the command", () => {
    if (process.getuid?.() !== 0) return;
    chmodSync(here.folder, 0o755);
    mkdirSync(folder, { mode: 0o700 });
    process.seteuid?.(65534);
    try {
      assert.throws(() => {
        shareVolumesFolder(folder);
      }, /permission denied.*\n.*\nFix: sudo chmod 1777 \/.*hostpath_pv$/);
    } finally {
      process.seteuid?.(0);
    }
  });
});
