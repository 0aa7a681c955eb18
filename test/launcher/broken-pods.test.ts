import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { watchBrokenPods } from "../../launcher/recovery/broken-pods.ts";
import { Interrupt } from "../../system/process.ts";

const waiting = { waiting: { reason: "ImagePullBackOff" } };
const running = { running: {} };

/** A pod of StatefulSet `redis`. */
const pod = (state: object, ready = "False", revision = "redis-1", kind = "StatefulSet") => ({
  metadata: {
    name: "redis-0",
    uid: "1",
    labels: { "controller-revision-hash": revision },
    ownerReferences: [{ kind, name: "redis" }],
  },
  status: { conditions: [{ type: "Ready", status: ready }], containerStatuses: [{ name: "redis", state }] },
});

/** Watches for a moment, while the StatefulSet comes to a new revision. */
async function watch(found: object, updateRevision = "redis-2") {
  const [removed, lines]: [string[], string[]] = [[], []];
  let looks = 0;
  const get = (path: string) => {
    if (path.endsWith("/pods")) return Promise.resolve({ items: removed.length > 0 ? [] : [found] });
    assert.equal(path, "/apis/apps/v1/namespaces/ns/statefulsets/redis");
    const isUpdated = looks++ > 0;
    const status = {
      observedGeneration: isUpdated ? 2 : 1,
      updateRevision: isUpdated ? updateRevision : "redis-1",
    };
    return Promise.resolve({ metadata: { generation: isUpdated ? 2 : 1 }, status });
  };
  const remove = (path: string) => {
    removed.push(path);
    return Promise.resolve();
  };
  const access = { get, remove, namespace: "ns", kubectl: "kubectl -n ns" };
  const end = await watchBrokenPods(access, (line) => lines.push(line), 5);
  await sleep(100);
  await end();
  return { removed, text: lines.join("\n"), looks };
}

describe("a broken pod of a StatefulSet, while an update runs", () => {
  it("is deleted once the new revision is there, where its container does not run", async () => {
    const { removed, text } = await watch(pod(waiting));
    assert.deepEqual(removed, ["/api/v1/namespaces/ns/pods/redis-0"]);
    assert.match(
      text,
      /^Pod redis-0 is of the revision before and does not run \(ImagePullBackOff\): it is deleted\.$/,
    );
  });

  it("is deleted where it was never placed", async () => {
    const { removed, text } = await watch({ ...pod({}), status: {} });
    assert.equal(removed.length, 1);
    assert.match(text, /not placed/);
  });

  it("is left where its container runs, and the command is named once", async () => {
    const { removed, text } = await watch(pod(running));
    assert.deepEqual(removed, []);
    assert.match(text, /its container runs\. To delete it:\n {2}kubectl -n ns delete pod redis-0$/);
  });

  for (const [title, found, updateRevision] of [
    ["is left where the revision stays", pod(waiting), "redis-1"],
    ["is none where it is Ready", pod(running, "True"), "redis-2"],
    ["is none of a Deployment", pod(waiting, "False", "redis-1", "ReplicaSet"), "redis-2"],
    [
      "is none where it is being deleted",
      { ...pod(waiting), metadata: { ...pod(waiting).metadata, deletionTimestamp: "now" } },
      "redis-2",
    ],
  ] as const) {
    it(title, async () => {
      const { removed, text } = await watch(found, updateRevision);
      assert.deepEqual([removed, text], [[], ""]);
    });
  }

  it("is not watched where an interrupt came before the update, and is where the API does not answer", async () => {
    const fail = () => Promise.reject(new Error("away"));
    const interrupt = () => {
      throw new Interrupt("asking", 0);
    };
    const begin = (get: () => Promise<unknown>) =>
      watchBrokenPods({ get, remove: fail, namespace: "ns", kubectl: "kubectl" }, () => undefined);
    await (
      await begin(fail)
    )();
    await assert.rejects(begin(interrupt), /Interrupted while asking/);
  });

  it("is not looked for again where none was broken before", async () => {
    assert.equal((await watch(pod(running, "True"))).looks, 0);
  });
});
