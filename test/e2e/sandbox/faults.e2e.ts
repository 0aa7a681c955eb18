import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { dataUids, get, list, podUids, remove, until } from "../cluster.ts";
import { failing, settled } from "../day-two.ts";
import { testStack, type TestStack } from "../stack.ts";

describe("pods that do not come up", () => {
  let stack: TestStack;
  before(async () => {
    stack = await testStack("faults", { rollout: { timeoutSeconds: 8 } });
    await stack.up({ rollout: { timeoutSeconds: 60 } });
  });
  after(() => stack.drop());

  /** Runs `make up` with bad images, which must fail within a bounded time and name those services; gives its last words. */
  async function broken(images: Readonly<Record<string, string>>): Promise<string> {
    stack.configure({ images });
    const begin = Date.now();
    const output = await failing(stack.make("up"));
    assert.ok(Date.now() - begin < 240_000, "sooner than the default limit");
    const [, words = ""] = /\n(Not ready within its time limit[\s\S]*)/.exec(output) ?? [];
    const [, named = ""] = /^Not ready within its time limit: ([^.]*)\./.exec(words) ?? [];
    assert.deepEqual(named.split(", ").sort(), Object.keys(images).sort(), output);
    return words;
  }

  /** Nothing of a bad image is left, and no data was touched. */
  async function healed(data: Record<string, string>): Promise<void> {
    await until("the broken pods are gone", async () =>
      (await list("Pod", stack.namespace)).every(({ spec }) => !JSON.stringify(spec).includes(".invalid/")),
    );
    assert.deepEqual(await dataUids(stack.namespace), data);
    await settled(stack);
  }

  /** Whether the pods that were there before are, and are Ready. */
  async function serve(service: string, before: Record<string, string[]>): Promise<void> {
    const pods = await list("Pod", stack.namespace);
    for (const uid of before[service] ?? []) {
      const pod = pods.find(({ metadata }) => metadata.uid === uid);
      const ready = pod?.status.conditions.find(({ type }: { type: string }) => type === "Ready");
      assert.equal(ready?.status, "True", `the old pod of ${service} serves meanwhile`);
    }
  }

  const deployments = [
    // An image that cannot be pulled.
    [
      "server",
      "example.pull.invalid/server:2",
      /\n {2}Pod server-\S+: container server: ImagePullBackOff: Back-off pulling image "example\.pull\.invalid\/server:2".*no such host/,
    ],
    // A container that ends again and again.
    [
      "worker",
      "crash.invalid/worker:2",
      /\n {2}Pod worker-\S+: container worker: CrashLoopBackOff after \d restarts: back-off 10s restarting failed/,
    ],
    // An init container that does not succeed.
    [
      "client",
      "example.crash.invalid/client:2",
      /\n {2}Pod client-\S+: container wait-for-server: CrashLoopBackOff after \d restarts: back-off 10s/,
    ],
  ] as const;
  it("a pull, a container and an init container that fail at once fail the up with service, pod and reason; the old pods serve, the next up recovers", async () => {
    const [pods, data] = [await podUids(stack.namespace), await dataUids(stack.namespace)];
    const images = deployments.map(([service, image]) => [service, image] as const);
    const words = await broken(Object.fromEntries(images));
    for (const [service, , reason] of deployments) {
      assert.match(words, reason);
      await serve(service, pods);
    }
    stack.configure({ rollout: { timeoutSeconds: 60 } });
    const { code, output } = await stack.make("up");
    assert.equal(code, 0, output);
    await healed(data);
  });

  it("a StatefulSet's broken pod is named with the command that lets it recover, and make status counts it", async () => {
    const data = await dataUids(stack.namespace);
    const words = await broken({ redis: "example.unready.invalid/redis:2" });
    assert.match(words, /\n {2}Pod redis-0: containers with unready status: \[redis\]/);
    assert.match(words, /kubectl --context \S+ -n \S+ delete pod redis-0\n/);
    const status = await stack.make("status");
    assert.equal(status.code, 0, status.output);
    assert.match(status.output, /^ {2}redis +0\/1 pod ready$/m);
    // Corrected: as Kubernetes has it, the pod of the broken revision stays; this is the command's effect.
    stack.configure({ rollout: { timeoutSeconds: 60 } });
    const up = stack.make("up");
    await until("the StatefulSet is corrected", async () => {
      const set = await get("StatefulSet", "redis", stack.namespace);
      return !JSON.stringify(set?.spec).includes(".invalid/");
    });
    // It is named while that make up waits, and only named: what runs may be writing.
    await sleep(8_000);
    assert.ok(await get("Pod", "redis-0", stack.namespace));
    await remove("Pod", "redis-0", stack.namespace);
    const { code, output } = await up;
    assert.equal(code, 0, output);
    assert.match(
      output,
      /Pod redis-0 is of the revision before and not Ready.*\n.*kubectl .* delete pod redis-0\n/,
    );
    await healed(data);
  });

  it("a StatefulSet's pod that never ran is replaced as soon as its image is corrected", async () => {
    const data = await dataUids(stack.namespace);
    await broken({ redis: "example.pull.invalid/redis:2" });
    stack.configure({ rollout: { timeoutSeconds: 60 } });
    const { code, output } = await stack.make("up");
    assert.equal(code, 0, output);
    assert.match(
      output,
      /Pod redis-0 is of the revision before and does not run \((ErrImagePull|ImagePullBackOff)\)/,
    );
    await healed(data);
  });
});
