import assert from "node:assert/strict";
import { apiPath } from "../../../system/api-path.ts";
import { serviceKeys } from "../changes.ts";
import { api, dataUids, get, kindOf, list, patch, podUids, remove, until, type Loose } from "../cluster.ts";
import { failing, settled } from "../day-two.ts";
import { testStack, type TestStack } from "../stack.ts";

describe("nodes that go", () => {
  let stack: TestStack;
  before(async () => {
    stack = await testStack("nodes", { rollout: { timeoutSeconds: 90 } });
    await stack.up();
  });
  after(() => stack.drop());

  const pods = () => list("Pod", stack.namespace);
  const nodeOf = async (service: string) =>
    (await pods()).find(({ metadata }) => metadata.labels.component === service)?.spec.nodeName as string;
  const isReady = ({ metadata, status }: Loose): boolean =>
    metadata.deletionTimestamp === undefined &&
    (status.conditions ?? []).some((c: Loose) => c.type === "Ready" && c.status === "True");
  const allReady = (but: readonly string[] = []) =>
    until("the other pods are Ready", async () => {
      const names = new Set(
        (await pods()).filter(isReady).map(({ metadata }) => String(metadata.labels.component)),
      );
      return serviceKeys.every((name) => but.includes(name) || names.has(name));
    });

  it("a drained node: every pod is evicted and comes back elsewhere, with its claim; nothing is left to do", async () => {
    const [node, data] = [await nodeOf("redis"), await dataUids(stack.namespace)];
    await patch("Node", node, "", { spec: { unschedulable: true } });
    try {
      for (const { metadata, spec } of await pods()) {
        if (spec.nodeName !== node) continue;
        const path = `${apiPath(kindOf("Pod"), stack.namespace, String(metadata.name))}/eviction`;
        const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: metadata.name } };
        await api().send("POST", path, {}, eviction);
      }
      await allReady();
      assert.notEqual(await nodeOf("redis"), node);
      assert.deepEqual(await dataUids(stack.namespace), data);
      const { code, output } = await stack.make("up");
      assert.equal(code, 0, output);
      assert.match(output, /nothing changed/);
      await settled(stack);
    } finally {
      await patch("Node", node, "", { spec: { unschedulable: false } });
    }
  });

  it("a lost node: Deployments come back elsewhere, a StatefulSet's pod once it is deleted by force, as is said", async () => {
    const [node, data] = [await nodeOf("redis"), await dataUids(stack.namespace)];
    const gone = { metadata: { annotations: { "multi-client.invalid/kubelet": "gone" } } };
    const lost = (await pods())
      .filter(({ spec }) => spec.nodeName === node)
      .map(({ metadata }) => String(metadata.name));
    const stuck = lost.filter((name) => name.endsWith("-0"));
    await patch("Node", node, "", gone);
    for (const name of lost) {
      await patch("Pod", name, stack.namespace, gone);
      const ready = (await get("Pod", name, stack.namespace))?.status.conditions ?? [];
      // What the node controller does as soon as it misses a node's heartbeat itself.
      const unready = (c: Loose) => (c.type === "Ready" ? { ...c, status: "False" } : c);
      await patch("Pod", name, stack.namespace, { status: { conditions: ready.map(unready) } }, "status");
    }
    const { conditions } = (await get("Node", node))?.status ?? {};
    const unknown = (c: Loose) =>
      c.type === "Ready"
        ? {
            ...c,
            status: "Unknown",
            reason: "NodeStatusUnknown",
            message: "Kubelet stopped posting node status.",
          }
        : c;
    await patch("Node", node, "", { status: { conditions: conditions.map(unknown) } }, "status");
    try {
      await until("the node's pods are driven away", async () =>
        ((await get("Node", node))?.spec.taints ?? []).some(
          ({ key, effect }: Loose) => key === "node.kubernetes.io/unreachable" && effect === "NoExecute",
        ),
      );
      // What the taint does after five minutes.
      for (const name of lost) await remove("Pod", name, stack.namespace);
      await allReady(stuck.map((name) => name.replace("-0", "")));
      await until(
        "redis is counted out",
        async () => ((await get("StatefulSet", "redis", stack.namespace))?.status.readyReplicas ?? 0) === 0,
      );
      const status = await stack.make("status");
      assert.match(status.output, /^ {2}redis +0\/1 pod ready$/m);
      assert.match(status.output, /^ {2}worker +1\/1 pod ready$/m);

      stack.configure({ rollout: { timeoutSeconds: 8 } });
      const output = await failing(stack.make("up"));
      assert.match(output, /Not ready within its time limit: .*redis/);
      assert.match(output, new RegExp(`Pod redis-0: .*node ${node} has not confirmed`));
      assert.match(output, new RegExp(`delete pod ${stuck.sort().join(" ")}\n`));
      assert.match(output, /once that is gone for good, add --force/);

      for (const name of stuck) await remove("Pod", name, stack.namespace, 0);
      await allReady();
      assert.notEqual(await nodeOf("redis"), node);
      stack.configure();
      const { code, output: healed } = await stack.make("up");
      assert.equal(code, 0, healed);
      assert.deepEqual(await dataUids(stack.namespace), data);
      await settled(stack);
    } finally {
      await patch("Node", node, "", { metadata: { annotations: { "multi-client.invalid/kubelet": null } } });
      for (const name of Object.values(await podUids(stack.namespace)).length > 0 ? lost : [])
        await remove("Pod", name, stack.namespace, 0);
      await until("the node is back", async () =>
        isReady({ metadata: {}, status: (await get("Node", node))?.status }),
      );
    }
  });
});
