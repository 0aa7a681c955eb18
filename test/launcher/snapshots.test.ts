import assert from "node:assert/strict";
import { noSnapshots, takeSnapshots, type SnapshotLimits } from "../../launcher/backups/snapshots.ts";
import type { Kubectl } from "../../launcher/cluster/kubectl.ts";
import { UserError } from "../../system/errors.ts";

type Fields = Record<string, unknown>;
interface Snapshot {
  metadata: { name: string; labels: Record<string, string> };
  spec: { volumeSnapshotClassName: string; source: { persistentVolumeClaimName: string } };
  status?: Fields | undefined;
}

const patient: SnapshotLimits = { ready: 10_000, error: 10_000, interval: 1 };
const driver = "disk.csi.azure.com";

/** A cluster with two claims, as kubectl shows it; `look` is the controller, called before each look at the snapshots. */
class Cluster implements Kubectl {
  readonly command = ["kubectl"] as const;
  readonly snapshots: Snapshot[] = [];
  readonly classes: Fields[] = [];
  readonly changes: string[] = [];
  groups = ["apps", "snapshot.storage.k8s.io"];
  drivers: Record<string, string | undefined> = { "postgres-data": driver, "redis-data": driver };
  look: (all: readonly Snapshot[]) => void = (all) => {
    for (const each of all) each.status ??= ready(each.metadata.name);
  };

  run([verb = "", ...args]: readonly string[], text = ""): Promise<string> {
    if (verb === "create") {
      const object = JSON.parse(text) as Fields & Snapshot;
      (object.kind === "VolumeSnapshot" ? this.snapshots : this.classes).push(object);
      return Promise.resolve("");
    }
    if (verb !== "get") {
      this.changes.push([verb, ...args.slice(0, 2)].join(" "));
      return Promise.resolve("");
    }
    if (args[0] === "--raw")
      return Promise.resolve(JSON.stringify({ groups: this.groups.map((name) => ({ name })) }));
    return Promise.resolve(JSON.stringify({ items: this.#items(args[0] ?? "") }));
  }

  #items(kind: string): readonly unknown[] {
    const names = Object.keys(this.drivers);
    if (kind === "persistentvolumeclaims")
      return names.map((name) => ({ metadata: { name }, spec: { volumeName: `volume-${name}` } }));
    if (kind === "persistentvolumes")
      return names.map((name) => {
        const own = this.drivers[name];
        return {
          metadata: { name: `volume-${name}` },
          spec: own === undefined ? {} : { csi: { driver: own } },
        };
      });
    if (kind.startsWith("volumesnapshotclasses")) return this.classes;
    this.look(this.snapshots);
    return this.snapshots;
  }
}

const ready = (name: string): Fields => ({
  readyToUse: true,
  boundVolumeSnapshotContentName: `content-${name}`,
});
const earlier = (claim: string, time: string): Snapshot => ({
  metadata: { name: `${claim}-${time}`, labels: {} },
  spec: { volumeSnapshotClassName: "any", source: { persistentVolumeClaimName: claim } },
  status: ready(`${claim}-${time}`),
});

describe("snapshots of volumes", () => {
  let cluster: Cluster;
  const lines: string[] = [];
  const take = (limits: Partial<SnapshotLimits> = {}) =>
    takeSnapshots(cluster, (line) => lines.push(line), { ...patient, ...limits });
  beforeEach(() => {
    cluster = new Cluster();
    lines.length = 0;
  });

  it("are made of every claim, by one class whose snapshots outlive their objects", async () => {
    const names = await take();
    assert.match(names.join(" "), /^postgres-data-\d{8}t\d{6}z redis-data-\d{8}t\d{6}z$/);
    assert.deepEqual(
      cluster.snapshots.map(({ spec }) => spec),
      ["postgres-data", "redis-data"].map((claim) => ({
        volumeSnapshotClassName: `multi-client-retain-${driver}`,
        source: { persistentVolumeClaimName: claim },
      })),
    );
    assert.deepEqual(
      cluster.classes.map(({ driver: of, deletionPolicy }) => [of, deletionPolicy]),
      [[driver, "Retain"]],
    );
    assert.match(lines.join("\n"), /postgres-data-\S+ is ready, 1 of 2\nredis-data-\S+ is ready, 2 of 2/);
  });

  it("use a class of the cluster that keeps, and no other", async () => {
    const own = { driver, deletionPolicy: "Retain", metadata: { name: "kept" } };
    cluster.classes.push({ ...own, deletionPolicy: "Delete", metadata: { name: "lost" } }, own);
    await take();
    assert.deepEqual(
      new Set(cluster.snapshots.map(({ spec }) => spec.volumeSnapshotClassName)),
      new Set(["kept"]),
    );
    assert.equal(cluster.classes.length, 2);
  });

  it("that a driver refuses for longer than a moment fail with its words, and nothing is removed", async () => {
    for (let day = 10; day < 20; day++) cluster.snapshots.push(earlier("redis-data", `202611${day}t000000z`));
    cluster.look = (all) => {
      for (const each of all)
        each.status ??= { readyToUse: false, error: { message: "quota of snapshots exceeded" } };
    };
    await assert.rejects(
      take({ error: 20 }),
      /2 of 2 snapshots are not ready:\n {2}postgres-data-\S+: quota of snapshots exceeded/,
    );
    assert.deepEqual(cluster.changes, []);
  });

  it("may take time, and an error that goes away is none; a driver that says nothing is named at the end", async () => {
    let looks = 0;
    cluster.look = (all) => {
      looks += 1;
      const status = looks < 3 ? { readyToUse: false, error: { message: "busy" } } : undefined;
      for (const each of all) each.status = looks < 5 ? status : ready(each.metadata.name);
    };
    assert.equal((await take()).length, 2);
    cluster = new Cluster();
    cluster.look = () => undefined;
    await assert.rejects(take({ ready: 20 }), /not ready:\n {2}postgres-data-\S+: its driver says nothing/);
  });

  it("beyond the newest five of a claim go, with what they have in the cloud", async () => {
    for (let day = 10; day < 16; day++) cluster.snapshots.push(earlier("redis-data", `202011${day}t000000z`));
    await take();
    assert.deepEqual(
      cluster.changes,
      ["20201111t000000z", "20201110t000000z"].flatMap((time) => [
        `patch volumesnapshotcontents.snapshot.storage.k8s.io content-redis-data-${time}`,
        `delete volumesnapshots.snapshot.storage.k8s.io redis-data-${time}`,
      ]),
    );
  });

  it("that failed do not count among the five, and go when newer ones are ready", async () => {
    for (let day = 10; day < 14; day++) cluster.snapshots.push(earlier("redis-data", `202011${day}t000000z`));
    const error = { message: "quota of snapshots exceeded" };
    for (let day = 14; day < 18; day++) {
      const failed = earlier("redis-data", `202011${day}t000000z`);
      cluster.snapshots.push({ ...failed, status: { ...failed.status, readyToUse: false, error } });
    }
    cluster.snapshots.push({ ...earlier("redis-data", "20201118t000000z"), status: { error } });
    cluster.snapshots.push({ ...earlier("redis-data", "20201119t000000z"), status: { readyToUse: false } });
    await take();
    assert.deepEqual(cluster.changes, [
      "delete volumesnapshots.snapshot.storage.k8s.io redis-data-20201118t000000z",
      ...["17", "16", "15", "14"].flatMap((day) => [
        `patch volumesnapshotcontents.snapshot.storage.k8s.io content-redis-data-202011${day}t000000z`,
        `delete volumesnapshots.snapshot.storage.k8s.io redis-data-202011${day}t000000z`,
      ]),
    ]);
  });

  it("cannot be where there is no claim, or the volumes may not be read", async () => {
    cluster.drivers = {};
    assert.equal(await noSnapshots(cluster), "no claim has the label app.kubernetes.io/part-of=multi-client");
    const said =
      "kubectl get persistentvolumes -o failed:\nError from server (Forbidden): persistentvolumes is forbidden";
    const run = (args: readonly string[]) =>
      args[1] === "persistentvolumes" ? Promise.reject(new UserError(said)) : cluster.run(args);
    assert.equal(
      await noSnapshots({ command: cluster.command, run }),
      "this login may not read the claims and volumes of the cluster",
    );
  });

  it("cannot be where the API is not served, or a volume is not of a CSI driver", async () => {
    assert.equal(await noSnapshots(cluster), undefined);
    cluster.drivers["redis-data"] = undefined;
    assert.equal(await noSnapshots(cluster), "the volumes of redis-data are not of a CSI driver");
    cluster.groups = ["apps"];
    assert.equal(await noSnapshots(cluster), "the cluster does not serve snapshot.storage.k8s.io/v1");
  });
});
