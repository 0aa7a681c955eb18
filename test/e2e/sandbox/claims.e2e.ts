import assert from "node:assert/strict";
import { create, get, list, remove } from "../cluster.ts";
import { failing, settled } from "../day-two.ts";
import { testStack } from "../stack.ts";
import { context, prefix } from "../world.ts";

const on = (storageClass: string) => ({ provider: "existing", context, local: true, storageClass });
const impatient = { timeoutSeconds: 8 };
const patient = { rollout: { timeoutSeconds: 90 } };

describe("claims that stay pending", () => {
  it("without their storage class they fail the up with its name; with it the next up goes on", async () => {
    const storageClass = `${prefix}-none`;
    const stack = await testStack("claims", { cluster: on(storageClass), rollout: impatient });
    const output = await failing(stack.make("up"));
    assert.match(output, /Not ready within its time limit: .*redis-data/);
    assert.match(output, new RegExp(`PersistentVolumeClaim.*Pending.*${storageClass}`));
    assert.deepEqual(
      await list("StatefulSet", stack.namespace),
      [],
      "nothing that needs the volume was made",
    );
    await create("StorageClass", storageClass, "", {
      provisioner: "kubernetes.io/host-path",
      volumeBindingMode: "Immediate",
    });
    try {
      await stack.up(patient);
      const claim = await get("PersistentVolumeClaim", "redis-data", stack.namespace);
      assert.equal(claim?.status.phase, "Bound");
      await settled(stack);
      await stack.destroy();
    } finally {
      await remove("StorageClass", storageClass);
    }
  });

  it("with a class that nothing provisions, the pod says that no volume is there to bind", async () => {
    const storageClass = `${prefix}-by-hand`;
    await create("StorageClass", storageClass, "", {
      provisioner: "kubernetes.io/no-provisioner",
      volumeBindingMode: "WaitForFirstConsumer",
    });
    const volumes = [1, 2, 3].map((number) => `${storageClass}-${number}`);
    try {
      const stack = await testStack("no-volume", { cluster: on(storageClass), rollout: impatient });
      const output = await failing(stack.make("up"));
      assert.match(output, /Not ready within its time limit: .*redis/);
      assert.match(output, /\[Pod \S+\/redis-0\]: 0\/3 nodes are available: .*persistent volumes to bind/);
      for (const name of volumes) {
        await create("PersistentVolume", name, "", {
          spec: {
            accessModes: ["ReadWriteOnce"],
            capacity: { storage: "5Gi" },
            hostPath: { path: `/tmp/${name}` },
            persistentVolumeReclaimPolicy: "Retain",
            storageClassName: storageClass,
          },
        });
      }
      await stack.up(patient);
      await settled(stack);
      await stack.destroy();
    } finally {
      for (const name of volumes) await remove("PersistentVolume", name);
      await remove("StorageClass", storageClass);
    }
  });
});
