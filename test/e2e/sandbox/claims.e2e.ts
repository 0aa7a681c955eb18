import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { create, get, list, remove, until } from "../cluster.ts";
import { failing, settled } from "../day-two.ts";
import { testStack } from "../stack.ts";
import { context, prefix } from "../world.ts";

const on = (storageClass: string) => ({ provider: "existing", context, local: true, storageClass });
const impatient = { timeoutSeconds: 8 };
const patient = { rollout: { timeoutSeconds: 90 } };

describe("claims that stay pending", () => {
  // Their own limit is the plugin's, 300 s, and no setting changes that: too long for a case.
  it("without their storage class say so while they are awaited; once it is there, the same up goes on", async () => {
    const storageClass = `${prefix}-none`;
    const stack = await testStack("claims", { cluster: on(storageClass), ...patient });
    const up = stack.make("up");
    await until(
      "the claims are awaited",
      async () => (await list("PersistentVolumeClaim", stack.namespace)).length === 3,
    );
    await sleep(3000);
    assert.deepEqual(await list("StatefulSet", stack.namespace), [], "nothing that needs the volume is made");
    await create("StorageClass", storageClass, "", {
      provisioner: "kubernetes.io/host-path",
      volumeBindingMode: "Immediate",
    });
    try {
      const { code, output } = await up;
      assert.equal(code, 0, output);
      assert.match(
        output,
        new RegExp(`PersistentVolumeClaim redis-data creating .*${storageClass}.* not (found|exist)`),
      );
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
      assert.match(
        output,
        /\n {2}Pod redis-0: cannot be placed: 0\/3 nodes are available: .*persistent volumes to bind/,
      );
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
