import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { admissionObjects } from "../../../policy/admission.ts";
import { exemptions } from "../../../policy/exemptions.ts";
import { fromRender } from "../../../policy/from-render.ts";
import { rules } from "../../../policy/rules/index.ts";
import type { Resource } from "../../../policy/rules/rule.ts";
import { manifestText } from "../../../render/manifests.ts";
import { ensureBuilt } from "../../../sandbox/index.ts";
import { changed, mutations } from "../../policy/mutations.ts";
import { runStack } from "../../support/pulumi.ts";
import { dryRun, list, remove, until, type Loose } from "../cluster.ts";
import { settled } from "../day-two.ts";
import { areReady } from "../pods.ts";
import { testStack, type TestStack } from "../stack.ts";
import { context, kubeconfig, run } from "../world.ts";

// What a managed stack has, so that all rules refuse: on a local cluster some of them only warn.
const stackClass = "managed";
const exposure = { type: "nodePort", nodePort: 31997 };

describe("the policies that the API server enforces", () => {
  let stack: TestStack;
  let policies: string;
  let kubectl: string;
  const apply = (file: string, command = "apply") =>
    run(kubectl, ["--kubeconfig", kubeconfig, "--context", context, command, "-f", file]);

  /** An object as the program has it, under another name: the API server then creates it. */
  function planted({ inputs }: Resource): Loose {
    const { metadata, ...rest } = inputs as Loose;
    return { ...rest, metadata: { ...metadata, name: "planted", namespace: stack.namespace } };
  }

  before(async () => {
    kubectl = join(await ensureBuilt("kubernetes", () => undefined), "kubectl");
    stack = await testStack("admission", { exposure });
    await stack.up();
    const { resources } = await runStack("sandbox", { namespace: stack.namespace, exposure });
    const objects = admissionObjects(fromRender(resources), { exemptions, today: "", stackClass });
    policies = join(stack.project, "policies.yaml");
    writeFileSync(policies, objects.map(manifestText).join("---\n"));
    const { code, output } = await apply(policies);
    assert.equal(code, 0, output);
  });
  after(async () => {
    await apply(policies, "delete");
    await stack.drop();
  });

  for (const rule of rules.filter(({ admission }) => admission)) {
    it(`${rule.name} refuses each change that the rule finds in the program, and not what the program has`, async () => {
      const prod = fromRender((await runStack("prod")).resources);
      const tried = mutations.filter(
        (each) => each.rule === rule.name && each.stack === "prod" && each.type !== "Namespace",
      );
      assert.ok(tried.length > 0);
      for (const mutation of tried) {
        const target = prod.find(
          ({ type, name }) => type.endsWith(`:${mutation.type}`) && name === mutation.name,
        );
        assert.ok(target);
        const bad = planted(changed(target, mutation));
        // A policy holds some seconds after it was created.
        const refusal = await until(`${rule.name} refuses ${String(mutation.path)}`, () => dryRun(bad), 120);
        assert.match(
          refusal,
          new RegExp(`ValidatingAdmissionPolicy '${stack.namespace}-${rule.name}'.*denied`),
        );
        assert.equal(await dryRun(planted(target)), undefined);
      }
    });
  }

  it("accept the program: its pods are made anew, and an update of everything changes nothing", async () => {
    const pods = async () => list("Pod", stack.namespace);
    const before = (await pods()).map(({ metadata }) => metadata as Loose);
    for (const { name } of before) await remove("Pod", name as string, stack.namespace);
    const old = new Set(before.map(({ uid }) => uid as string));
    await until(
      "all pods are new and ready",
      async () => {
        const now = await pods();
        return (
          now.length === old.size && now.every(({ metadata }) => !old.has(metadata.uid)) && areReady(now)
        );
      },
      300,
    );
    await stack.up({ services: { worker: { resources: { limits: { memory: "300Mi" } } } } });
    await settled(stack);
  });

  it("refuse a privileged container that kubectl applies, with its name", async () => {
    const labels = { app: "planted", "app.kubernetes.io/part-of": "multi-client" };
    const image = `example.test/intruder@sha256:${"0".repeat(64)}`;
    const containers = [{ name: "intruder", image, securityContext: { privileged: true } }];
    const file = join(stack.project, "planted.yaml");
    // A Deployment: Pod Security, which comes first, refuses pods only.
    const deployment = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "planted", namespace: stack.namespace, labels },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
    };
    writeFileSync(file, manifestText(deployment));
    const { code, output } = await apply(file);
    assert.notEqual(code, 0);
    assert.match(output, /no-host-access: container intruder reaches into the node/);
  });

  it("refuse a container that kubectl debug puts into a pod under a tag, and take one with a digest", async () => {
    const [pod] = await list("Pod", stack.namespace);
    const debug = (image: string) =>
      run(kubectl, [
        ...["--kubeconfig", kubeconfig, "--context", context, "--namespace", stack.namespace],
        ...["debug", pod?.metadata.name as string, `--image=${image}`, "--profile=restricted"],
      ]);
    const tagged = await debug("example.test/tools:1");
    assert.notEqual(tagged.code, 0);
    assert.match(tagged.output, /image-digest: container debugger-\w+ names its image without a digest/);
    const exact = await debug(`example.test/tools@sha256:${"0".repeat(64)}`);
    assert.equal(exact.code, 0, exact.output);
  });
});
