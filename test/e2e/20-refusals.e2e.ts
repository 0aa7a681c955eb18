import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createNamespace, dataUids, list, removeNamespace } from "./cluster.ts";
import { context, folder, initStack, kubeconfig, make, pulumi, stackFile, up } from "./world.ts";

describe("what is refused, end to end", function () {
  this.timeout("10m");

  for (const [title, sections, text] of [
    [
      "namespace",
      { namespace: "elsewhere" },
      /multi-client:namespace[\s\S]*'elsewhere'[\s\S]*'multi-client'/,
    ],
    [
      "storage class",
      { cluster: { provider: "existing", context, local: true, storageClass: "fast" } },
      /multi-client:cluster\.storageClass[\s\S]*'fast'[\s\S]*unset/,
    ],
  ] as const) {
    it(`another ${title} is refused in the preview: it is fixed at creation`, async () => {
      const { code, output } = await pulumi(["preview"], { config: stackFile(sections) });
      assert.notEqual(code, 0);
      assert.match(output, text);
      assert.doesNotMatch(output, /\n\s+at .*\(/, "no stack trace");
    });
  }

  it("on a cluster that is not local the engine itself refuses to delete what holds data", async () => {
    const far = { cluster: { provider: "existing", context, local: false }, exposure: { type: "clusterIP" } };
    await up(far);
    const uids = await dataUids();
    const { code, output } = await pulumi(["destroy", "--yes", "--skip-preview"], { config: stackFile(far) });
    assert.notEqual(code, 0);
    assert.match(output, /protect/);
    assert.deepEqual(await dataUids(), uids);
    await up();
  });

  it("the wrong cluster is refused before the first resource: this context is not minikube's", async () => {
    const config = stackFile({ cluster: { provider: "minikube", profile: context } });
    const { code, output } = await pulumi(["up", "--yes"], { config });
    assert.notEqual(code, 0);
    assert.match(output, /multi-client:cluster\.profile[\s\S]*not marked as minikube's/);
    assert.doesNotMatch(output, /\n\s+at .*\(/, "no stack trace");
  });

  it("a context that is not there is refused, and those that are there are named", async () => {
    const config = stackFile({ cluster: { provider: "existing", context: "kind-gone", local: true } });
    const { code, output } = await pulumi(["preview"], { config });
    assert.notEqual(code, 0);
    assert.match(output, /multi-client:cluster\.context[\s\S]*"kind-gone"[\s\S]*kwok-multi-client/);
  });

  it("an API server that does not answer gives one clear error", async () => {
    const file = join(folder, "unreachable");
    writeFileSync(
      file,
      readFileSync(kubeconfig, "utf8").replaceAll(/https:\/\/127\.0\.0\.1:\d+/g, "https://127.0.0.1:1"),
    );
    const { code, output } = await make("preview", { KUBECONFIG: file });
    assert.notEqual(code, 0);
    assert.match(
      output,
      /The API server of context kwok-multi-client does not answer: ECONNREFUSED[\s\S]*Nothing was changed/,
    );
    // The engine alone, on a first deployment: the namespace fails, and everything else waits for it.
    await initStack("nowhere");
    const engine = await pulumi(["up", "--yes", "--skip-preview"], {
      env: { KUBECONFIG: file },
      stackName: "nowhere",
    });
    assert.notEqual(engine.code, 0);
    assert.equal(
      engine.output.match(/^ {4}error: configured Kubernetes cluster is unreachable/gm)?.length,
      1,
      engine.output,
    );
    for (const text of [output, engine.output]) assert.doesNotMatch(text, /\n\s+at .*\(/, "no stack trace");
  });

  it("a namespace that is there and not ours is left alone, and the stack with it", async () => {
    await createNamespace("taken");
    await initStack("taken");
    const config = stackFile({ namespace: "taken" });
    const { code, output } = await pulumi(["up", "--yes", "--skip-preview"], { config, stackName: "taken" });
    assert.notEqual(code, 0);
    assert.match(output, /namespaces "taken" already exists/);
    assert.deepEqual(await list("Deployment", "taken"), []);
    await removeNamespace("taken");
    // The first deployment failed: the way out that the refusal of another namespace names.
    const other = stackFile({ namespace: "healed", exposure: { type: "clusterIP" } });
    const refused = await pulumi(["preview"], { config: other, stackName: "taken" });
    assert.match(refused.output, /If nothing is deployed yet.*pulumi destroy, then deploy again/);
    for (const command of ["destroy", "up", "destroy"]) {
      const ran = await pulumi([command, "--yes", "--skip-preview"], { config: other, stackName: "taken" });
      assert.equal(ran.code, 0, ran.output);
    }
  });

  it("a node port that is taken is named, and another exposure heals it", async () => {
    await initStack("second");
    const args = ["up", "--yes", "--skip-preview"];
    const taken = await pulumi(args, { config: stackFile({ namespace: "second" }), stackName: "second" });
    assert.notEqual(taken.code, 0);
    assert.match(taken.output, /31515.*already allocated/s);
    const config = stackFile({ namespace: "second", exposure: { type: "clusterIP" } });
    const healed = await pulumi(args, { config, stackName: "second" });
    assert.equal(healed.code, 0, healed.output);
    const { code, output } = await pulumi(["destroy", "--yes", "--skip-preview"], {
      config,
      stackName: "second",
    });
    assert.equal(code, 0, output);
  });

  it("a wrong passphrase is named, and nothing is changed", async () => {
    const { code, output } = await pulumi(["up", "--yes"], { env: { PULUMI_CONFIG_PASSPHRASE: "wrong" } });
    assert.notEqual(code, 0);
    assert.match(output, /incorrect passphrase/);
  });
});
