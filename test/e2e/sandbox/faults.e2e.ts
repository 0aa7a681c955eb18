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

  /** Runs `make up` with a bad image, which must fail within a bounded time; gives its last words. */
  async function broken(service: string, image: string): Promise<string> {
    stack.configure({ images: { [service]: image } });
    const begin = Date.now();
    const output = await failing(stack.make("up"));
    assert.ok(Date.now() - begin < 240_000, "sooner than the default limit");
    const [, words = ""] = /\n(Not ready within its time limit[\s\S]*)/.exec(output) ?? [];
    assert.match(words, new RegExp(`time limit: ${service}\\.`), output);
    return words;
  }

  /** The next `make up`, with the good image: nothing of the bad one is left, and no data was touched. */
  async function recovers(data: Record<string, string>): Promise<void> {
    stack.configure({ rollout: { timeoutSeconds: 60 } });
    const { code, output } = await stack.make("up");
    assert.equal(code, 0, output);
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
    [
      "an image that cannot be pulled",
      ["server", "example.pull.invalid/server:2"],
      /\n {2}Pod server-\S+: container server: ImagePullBackOff: Back-off pulling image "example\.pull\.invalid\/server:2".*no such host/,
    ],
    [
      "a container that ends again and again",
      ["worker", "crash.invalid/worker:2"],
      /\n {2}Pod worker-\S+: container worker: CrashLoopBackOff after \d restarts: back-off 10s restarting failed/,
    ],
    [
      "an init container that does not succeed",
      ["client", "example.crash.invalid/client:2"],
      /\n {2}Pod client-\S+: container wait-for-server: CrashLoopBackOff after \d restarts: back-off 10s/,
    ],
  ] as const;
  for (const [title, [service, image], reason] of deployments) {
    it(`${title} fails the up with service, pod and reason; the old pod serves, the next up recovers`, async () => {
      const [pods, data] = [await podUids(stack.namespace), await dataUids(stack.namespace)];
      assert.match(await broken(service, image), reason);
      await serve(service, pods);
      await recovers(data);
    });
  }

  it("a StatefulSet's broken pod is named with the command that lets it recover", async () => {
    const data = await dataUids(stack.namespace);
    const words = await broken("redis", "example.unready.invalid/redis:2");
    assert.match(words, /\n {2}Pod redis-0: containers with unready status: \[redis\]/);
    assert.match(words, /kubectl --context \S+ -n \S+ delete pod redis-0\n/);
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
    await recovers(data);
  });

  it("a StatefulSet's pod that never ran is replaced as soon as its image is corrected", async () => {
    const data = await dataUids(stack.namespace);
    await broken("redis", "example.pull.invalid/redis:2");
    stack.configure({ rollout: { timeoutSeconds: 60 } });
    const { code, output } = await stack.make("up");
    assert.equal(code, 0, output);
    assert.match(
      output,
      /Pod redis-0 is of the revision before and does not run \((ErrImagePull|ImagePullBackOff)\)/,
    );
    await recovers(data);
  });

  it("make status says what is not ready", async () => {
    await broken("redis", "example.unready.invalid/redis:3");
    const { code, output } = await stack.make("status");
    assert.equal(code, 0, output);
    assert.match(output, /^ {2}redis +0\/1 pod ready$/m);
    stack.configure();
    await stack.pulumi(["up", "--yes", "--skip-preview"]);
    await remove("Pod", "redis-0", stack.namespace);
    await recovers(await dataUids(stack.namespace));
  });
});
