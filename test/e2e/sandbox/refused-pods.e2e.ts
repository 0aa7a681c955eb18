import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serviceKeys } from "../changes.ts";
import { create, dataUids, podUids, remove } from "../cluster.ts";
import { failing, settled } from "../day-two.ts";
import { testStack, type TestStack } from "../stack.ts";

describe("pods that the cluster refuses", () => {
  let stack: TestStack;
  const patient = { rollout: { timeoutSeconds: 90 } };
  before(async () => {
    stack = await testStack("refused-pods", { rollout: { timeoutSeconds: 8 } });
    await stack.up(patient);
  });
  after(() => stack.drop());

  it("a quota that is used up is named with what was asked; the next up, with room, goes on", async () => {
    const before = [await podUids(stack.namespace), await dataUids(stack.namespace)];
    await create("ResourceQuota", "few", stack.namespace, {
      spec: { hard: { pods: String(serviceKeys.length) } },
    });
    stack.configure({ images: { worker: "example.test/worker:2" } });
    const output = await failing(stack.make("up"));
    const quota = `requested: pods=1, used: pods=${serviceKeys.length}, limited: pods=${serviceKeys.length}`;
    assert.match(
      output,
      new RegExp(`\\n {2}Deployment worker: FailedCreate: .*exceeded quota: few, ${quota}`),
    );
    assert.deepEqual(
      [await podUids(stack.namespace), await dataUids(stack.namespace)],
      before,
      "all went on",
    );
    await remove("ResourceQuota", "few", stack.namespace);
    await stack.up(patient);
    await settled(stack);
  });

  it("a pod that Pod Security forbids is named with the field that is wrong", async () => {
    const source = join(stack.project, "components", "kubernetes", "pod.ts");
    const good = readFileSync(source, "utf8");
    const bad = good.replace("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true");
    assert.notEqual(bad, good);
    writeFileSync(source, bad);
    stack.configure();
    const output = await failing(stack.make("up"));
    writeFileSync(source, good);
    assert.match(
      output,
      /\n {2}Deployment server: FailedCreate: .*violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false/,
    );
    assert.match(output, /\n {2}StatefulSet redis: FailedCreate: .*violates PodSecurity "restricted:latest"/);
    await stack.up(patient);
    await settled(stack);
  });
});
