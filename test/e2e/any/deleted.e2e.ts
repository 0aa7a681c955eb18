import assert from "node:assert/strict";
import { counted, objectCount, servicesWith } from "../changes.ts";
import { dataUids, get, list, password, remove, removeNamespace } from "../cluster.ts";
import { settled } from "../day-two.ts";
import { testStack, type TestStack } from "../stack.ts";

describe("objects that someone deleted", () => {
  let stack: TestStack;
  before(async () => {
    stack = await testStack("deleted");
    await stack.up();
  });
  after(() => stack.drop());
  const named = async (kind: string, start: string) =>
    (await list(kind, stack.namespace))
      .map(({ metadata }) => String(metadata.name))
      .find((n) => n.startsWith(start)) ?? "";

  it("come back with the next make up: workload, Service, ConfigMap, and the Secret with the same password", async () => {
    const [data, secret] = [await dataUids(stack.namespace), await password(stack.namespace)];
    await remove("Deployment", "worker", stack.namespace);
    await remove("Service", "server", stack.namespace);
    await remove("ConfigMap", await named("ConfigMap", "client-nginx-"), stack.namespace);
    await remove("Secret", await named("Secret", "postgres-password-"), stack.namespace);
    const { code, output } = await stack.make("up");
    assert.equal(code, 0, output);
    // The ConfigMap has another name for one service, the Secret for all that read it.
    const updated = 1 + servicesWith({ password: "postgres" }).length;
    const { create, update } = await counted(stack);
    assert.deepEqual([create, update], [4, updated]);
    assert.doesNotMatch(output, /Data was lost/);
    assert.ok(await get("Deployment", "worker", stack.namespace));
    assert.ok(await get("Service", "server", stack.namespace));
    assert.equal(await password(stack.namespace), secret);
    assert.deepEqual(await dataUids(stack.namespace), data);
    await settled(stack);
  });

  it("a whole namespace comes back, with the same password, and what is empty now is named", async () => {
    const secret = await password(stack.namespace);
    const claims = (await list("PersistentVolumeClaim", stack.namespace))
      .map((c) => c.metadata.name as string)
      .sort();
    await removeNamespace(stack.namespace);
    const { code, output } = await stack.make("up");
    assert.equal(code, 0, output);
    assert.equal((await counted(stack)).create, objectCount);
    const lost = `Data was lost in the cluster, not by this run: ${claims.join(", ")} were gone. Made anew, and empty`;
    assert.ok(output.includes(`\n${lost}`), output);
    assert.equal(await password(stack.namespace), secret);
    await settled(stack);
  });
});
