import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { stateFolder } from "../../../system/folders.ts";
import { backupFaultCases } from "../backup-faults.ts";
import { create, list, remove } from "../cluster.ts";
import { replacePods } from "../pods.ts";
import { quickEnds } from "../stack.ts";
import { kept, measured, openStack, works, type OpenStack } from "../traffic.ts";
import { context, prefix } from "../world.ts";

/** The node's /tmp, where the node is one of the sandbox and its disk is therefore on this computer. */
const node = context.replace(/^sandbox-/, "");
const nodeFolder = join(stateFolder(), "nodes", node);
const tmp = join(nodeFolder, "tmp");
const name = `${prefix}-block`;
const disks = [1, 2, 3].map((number) => `${name}-${number}`);
/** The disk of the backups, which is small: a file system in the memory of the node. */
const [small = ""] = disks;
/** Runs a command of the node where its disks are mounted. */
const onNode = (...command: readonly string[]) => {
  const [pid = ""] = readFileSync(join(nodeFolder, "node.pid"), "utf8").split(" ");
  execFileSync("nsenter", [`--target=${pid}`, "--mount", "--", ...command]);
};

/** A StorageClass with three volumes that look like new ext4 disks: their root belongs to root, and has lost+found. */
async function newDisks(namespace: string): Promise<void> {
  const [found] = await list("Node", "");
  await create("StorageClass", name, "", {
    provisioner: "kubernetes.io/no-provisioner",
    volumeBindingMode: "WaitForFirstConsumer",
  });
  for (const disk of disks) {
    for (const [path, mode] of [
      [join(tmp, disk), 0o755],
      [join(tmp, disk, "lost+found"), 0o700],
    ] as const) {
      mkdirSync(path);
      chmodSync(path, mode);
    }
    if (disk === small) {
      onNode("mount", "-t", "tmpfs", "-o", "size=16m,mode=755", "tmpfs", `/tmp/${disk}`);
      onNode("mkdir", "-m", "700", `/tmp/${disk}/lost+found`);
    }
    const hostname = {
      key: "kubernetes.io/hostname",
      operator: "In",
      values: [found?.metadata.labels["kubernetes.io/hostname"]],
    };
    await create("PersistentVolume", disk, "", {
      spec: {
        capacity: { storage: "2Gi" },
        accessModes: ["ReadWriteOnce"],
        storageClassName: name,
        ...(disk === small && { claimRef: { name: "postgres-backup-manager", namespace } }),
        persistentVolumeReclaimPolicy: "Retain",
        local: { path: `/tmp/${disk}` },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [hostname] }] } },
      },
    });
  }
}

async function removeDisks(): Promise<void> {
  onNode("umount", `/tmp/${small}`);
  for (const disk of disks) {
    await remove("PersistentVolume", disk);
    rmSync(join(tmp, disk), { recursive: true, force: true });
  }
  await remove("StorageClass", name);
}

describe("new disks", () => {
  let open: OpenStack;
  before(async function () {
    if (!existsSync(tmp)) {
      measured("the node's disk is not on this computer, so that no volume can be made there");
      this.skip();
    }
    open = await openStack("volumes", {
      cluster: { provider: "existing", context, local: true, nodeAddress: "127.0.0.1", storageClass: name },
    });
    quickEnds(open.stack);
    await newDisks(open.stack.namespace);
  });
  after(async () => {
    if (!existsSync(tmp)) return;
    await open.stack.destroy();
    await removeDisks();
  });

  it("postgres and redis start on disks of root with lost+found, and keep what they have", async () => {
    const { stack, ask } = open;
    await stack.up();
    await works(ask);
    const claims = await list("PersistentVolumeClaim", stack.namespace);
    assert.deepEqual(claims.map(({ spec }) => spec.volumeName as string).sort(), disks);
    const keeps = await kept(ask);
    await replacePods(stack.namespace, ["postgres", "redis"]);
    await works(ask);
    measured(await keeps());
    for (const disk of disks) {
      const { uid, mode } = statSync(join(tmp, disk));
      assert.deepEqual(
        [uid, mode & 0o007, existsSync(join(tmp, disk, "lost+found"))],
        [0, 0o005, true],
        disk,
      );
    }
  });

  describe("the backups, on a small disk", () => {
    backupFaultCases(() => open.stack);
  });
});
