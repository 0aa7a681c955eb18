import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create, dataUids, list, remove, removeNamespace } from "../cluster.ts";
import { open, testStack, type TestStack } from "../stack.ts";
import { context, folder, kubeconfig } from "../world.ts";

const noTrace = (text: string) => {
  assert.doesNotMatch(text, /\n\s+at .*\(/, "no stack trace");
};
const upArgs = ["up", "--yes", "--skip-preview"];

describe("what is refused", () => {
  let stack: TestStack;
  before(async () => {
    stack = await testStack("refusals");
    await stack.up();
  });
  after(() => stack.drop());
  afterEach(() => {
    stack.configure();
  });

  it("another namespace and another storage class are refused in the preview: they are fixed at creation", async () => {
    const cluster = { provider: "existing", context, local: true, storageClass: "fast" };
    stack.configure({ namespace: "elsewhere", cluster });
    const { code, output } = await stack.pulumi(["preview"]);
    assert.notEqual(code, 0);
    assert.match(
      output,
      new RegExp(`multi-client:namespace[\\s\\S]*'elsewhere'[\\s\\S]*'${stack.namespace}'`),
    );
    assert.match(output, /multi-client:cluster\.storageClass[\s\S]*'fast'[\s\S]*unset/);
    noTrace(output);
  });

  it("the wrong cluster is refused before the first resource: this context is not minikube's", async () => {
    stack.configure({ cluster: { provider: "minikube", profile: context } });
    const { code, output } = await stack.pulumi(["up", "--yes"]);
    assert.notEqual(code, 0);
    assert.match(output, /multi-client:cluster\.profile[\s\S]*not marked as minikube's/);
    noTrace(output);
  });

  it("a context that is not there is refused, and those that are there are named", async () => {
    stack.configure({ cluster: { provider: "existing", context: "kind-gone", local: true } });
    const { code, output } = await stack.pulumi(["preview"]);
    assert.notEqual(code, 0);
    assert.match(output, new RegExp(`multi-client:cluster\\.context[\\s\\S]*"kind-gone"[\\s\\S]*${context}`));
  });

  it("an API server that does not answer gives one clear error", async () => {
    const file = join(folder, "unreachable");
    const elsewhere = readFileSync(kubeconfig, "utf8").replaceAll(
      /https:\/\/127\.0\.0\.1:\d+/g,
      "https://127.0.0.1:1",
    );
    writeFileSync(file, elsewhere);
    const { code, output } = await stack.make("preview", { KUBECONFIG: file });
    assert.notEqual(code, 0);
    assert.match(
      output,
      /The API server of context sandbox-multi-client does not answer: ECONNREFUSED[\s\S]*Nothing was changed/,
    );
    // The engine alone, on a first deployment: the namespace fails, and everything else waits for it.
    const nowhere = await testStack("nowhere");
    const engine = await nowhere.pulumi(upArgs, { KUBECONFIG: file });
    assert.notEqual(engine.code, 0);
    assert.equal(
      engine.output.match(/^ {4}error: configured Kubernetes cluster is unreachable/gm)?.length,
      1,
      engine.output,
    );
    for (const text of [output, engine.output]) noTrace(text);
    await nowhere.must("stack", "rm", "--yes", "--force");
  });

  it("a namespace that is there and not ours is left alone, and the stack takes another one, as the message says", async () => {
    const taken = await testStack("taken", { rollout: { timeoutSeconds: 60 } });
    await create("Namespace", taken.namespace, "");
    const { code, output } = await taken.make("up");
    assert.notEqual(code, 0);
    assert.match(output, new RegExp(`Namespace ${taken.namespace} is there already`));
    assert.deepEqual(await list("Deployment", taken.namespace), []);
    // What the message says: `config set multi-client:namespace`, then the same command.
    taken.configure({ namespace: `${taken.namespace}-healed`, rollout: { timeoutSeconds: 60 } });
    const refused = await taken.pulumi(["preview"]);
    assert.match(refused.output, /If nothing is deployed yet.*pulumi destroy, then deploy again/);
    for (const target of ["preview", "up"]) {
      const ran = await taken.make(target);
      assert.equal(ran.code, 0, ran.output);
    }
    assert.equal((await list("Deployment", `${taken.namespace}-healed`)).length, 3);
    await remove("Namespace", `${taken.namespace}-healed`);
    await taken.drop();
  });

  it("a namespace that is there is used where the stack says so, and outlives it, also after a first run without that", async () => {
    const team = await testStack("team", { rollout: { timeoutSeconds: 60 } });
    await create("Namespace", team.namespace, "");
    const { code, output } = await team.make("up");
    assert.notEqual(code, 0);
    assert.match(output, /cluster\.existingNamespace' true/);
    team.configure({ cluster: { provider: "existing", context, local: true, existingNamespace: true } });
    const up = await team.make("up");
    assert.equal(up.code, 0, up.output);
    assert.match(up.output, /Nothing is deployed yet: the settings that are fixed at creation/);
    assert.match(up.output, /Warning: namespace \S+ has no Pod Security level/);
    const down = await team.make("down");
    assert.equal(down.code, 0, down.output);
    assert.match(down.output, /delete .*persistentvolumeclaim\/postgres-data/);
    assert.equal(
      (await list("Namespace", "")).filter(({ metadata }) => metadata.name === team.namespace).length,
      1,
    );
    await removeNamespace(team.namespace);
    open.delete(team);
  });

  it("a node port that is taken is named, and another exposure heals it", async () => {
    const second = await testStack("second", { exposure: { type: "nodePort", nodePort: 31515 } });
    const taken = await second.pulumi(upArgs);
    assert.notEqual(taken.code, 0);
    assert.match(taken.output, /31515.*already allocated/s);
    await second.up({ exposure: { type: "clusterIP" } });
    await second.drop();
  });

  it("a wrong passphrase is named, and nothing is changed", async () => {
    const { code, output } = await stack.pulumi(["up", "--yes"], { PULUMI_CONFIG_PASSPHRASE: "wrong" });
    assert.notEqual(code, 0);
    assert.match(output, /incorrect passphrase/);
  });

  // The last: what is protected stays so.
  it("on a cluster that is not local the engine itself refuses to delete what holds data", async () => {
    await stack.up({ cluster: { provider: "existing", context, local: false } });
    const uids = await dataUids(stack.namespace);
    const { code, output } = await stack.pulumi(["destroy", "--yes", "--skip-preview"]);
    assert.notEqual(code, 0);
    assert.match(output, /protect/);
    assert.deepEqual(await dataUids(stack.namespace), uids);
  });
});
