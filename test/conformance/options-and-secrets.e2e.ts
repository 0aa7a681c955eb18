import assert from "node:assert/strict";
import { get, list, remove, until } from "../e2e/cluster.ts";
import { deployment, map, Project, rule, type Listed } from "./project.ts";

const secret = (data: Record<string, string>, rest: Partial<Listed> = {}, props: object = {}): Listed => ({
  type: "core/v1:Secret",
  name: "hidden",
  ...rest,
  props: { metadata: { name: "hidden" }, stringData: data, ...props },
});

describe("kubernetes plugin: options, values not known yet, secrets, Services", () => {
  let project: Project;
  before(async () => {
    project = await Project.open("options");
  });
  after(() => project.close());
  const isClear = async (text: string) => {
    const { stdout } = await project.must([], "stack", "export");
    return [text, Buffer.from(text).toString("base64")].some((each) => stdout.includes(each));
  };

  rule(
    "under an alias a renamed resource is the same object: nothing is made or deleted",
    "pulumi/pulumi pkg/resource/deploy/step_generator.go (aliases)",
    async () => {
      await project.up(map("old", { a: "1" }, { name: "kept" }));
      const uid = (await get("ConfigMap", "kept", project.name))?.metadata.uid as string;
      const renamed = map("new", { a: "1" }, { name: "kept" }, { options: { aliases: [{ name: "old" }] } });
      assert.deepEqual(await project.plan(renamed), []);
      await project.up(renamed);
      assert.equal((await get("ConfigMap", "kept", project.name))?.metadata.uid, uid);
      await project.up();
    },
  );

  rule(
    "protect refuses to delete and to replace; the object stays",
    "pulumi/pulumi pkg/resource/deploy/step_generator.go (protect)",
    async () => {
      const guarded = (data: string, protect = true) =>
        map("guarded", { a: data }, { name: "guarded" }, { options: { protect } });
      await project.up(guarded("1"));
      assert.match(await project.fails(), /guarded[\s\S]*protected/);
      assert.match(await project.fails(guarded("2")), /guarded[\s\S]*marked for protection/);
      assert.equal((await get("ConfigMap", "guarded", project.name))?.data.a, "1");
      await project.up(guarded("1", false));
      await project.up();
    },
  );

  rule(
    "retainOnDelete forgets the object and leaves it where it is",
    "pulumi/pulumi pkg/resource/deploy/step.go (retainOnDelete)",
    async () => {
      await project.up(map("left", {}, { name: "left" }, { options: { retainOnDelete: true } }));
      await project.up();
      assert.ok(await get("ConfigMap", "left", project.name));
      await remove("ConfigMap", "left", project.name);
    },
  );

  rule(
    "with a value that is not known yet the preview does not ask the API server, and the update has the value",
    "provider/pkg/provider/provider.go Create (hasComputedValue) @ 94977969",
    async () => {
      const late = map("late", { uid: "${early.metadata.uid}" }, { name: "late" });
      const plan = await project.plan(map("early", {}, { name: "early" }), late);
      assert.deepEqual(plan.sort(), ["create early", "create late"]);
      await project.up(map("early", {}, { name: "early" }), late);
      const uid = (await get("ConfigMap", "early", project.name))?.metadata.uid as string;
      assert.equal((await get("ConfigMap", "late", project.name))?.data.uid, uid);
    },
  );

  rule(
    "another namespace, and other data or another type of a Secret, replace the object",
    "provider/pkg/provider/diff.go forceNewProperties @ 94977969",
    async () => {
      const one = map("one", {}, { name: "one" });
      await project.up(one, secret({ p: "1" }));
      assert.deepEqual(await project.plan(map("one", {}, { name: "one", namespace: "default" })), [
        "replace one",
      ]);
      assert.deepEqual(await project.plan(one, secret({ p: "2" })), ["replace hidden"]);
      const typed = secret({ p: "1" }, {}, { type: "example.com/other" });
      assert.deepEqual(await project.plan(one, typed), ["replace hidden"]);
    },
  );

  rule(
    "a secret stays encrypted over an update, a refresh and an import",
    "provider/pkg/provider/provider.go annotateSecrets @ 94977969",
    async () => {
      await project.up(secret({ p: "sesame" }));
      await project.up(secret({ p: "sesame" }, {}, { metadata: { name: "hidden", labels: { a: "1" } } }));
      assert.equal(await isClear("sesame"), false, "after an update");
      await project.must([], "refresh", "--yes", "--skip-preview");
      assert.equal(await isClear("sesame"), false, "after a refresh");
      const urn = (await project.stated("hidden")).urn;
      await project.must([], "state", "delete", urn, "--yes");
      const labels = { a: "1" };
      const data = { p: Buffer.from("sesame").toString("base64") };
      await project.up({
        type: "core/v1:Secret",
        name: "hidden",
        options: { import: `${project.name}/hidden` },
        props: { metadata: { name: "hidden", labels }, type: "Opaque", data },
      });
      assert.equal(await isClear("sesame"), false, "after an import");
    },
  );

  rule(
    "a Service whose pods are not ready fails at its time-out, in these words",
    "provider/pkg/await/service.go errorMessages @ 94977969",
    async () => {
      const annotations = { "pulumi.com/skipAwait": "true" };
      const never = deployment("never", {
        image: "registry.pull.invalid/app:1",
        metadata: { annotations },
      });
      const service: Listed = {
        type: "core/v1:Service",
        name: "never",
        props: { metadata: { name: "never" }, spec: { ports: [{ port: 80 }], selector: { app: "never" } } },
        options: { customTimeouts: { create: "15s" } },
      };
      await project.up(never);
      // Without a pod that has an address, a Service may count as one that selects nothing.
      await until("its pod has an address", async () =>
        (await list("Pod", project.name)).some(
          ({ metadata, status }) => metadata.labels?.app === "never" && status.podIP !== undefined,
        ),
      );
      const said = await project.fails(never, service);
      assert.match(said, /does not target any (ready )?Pods|timed out waiting to be Ready/);
      await project.up();
      assert.deepEqual(
        (await list("Service", project.name)).map(({ metadata }) => metadata.name as string),
        [],
      );
    },
  );

  rule(
    "a context that the kubeconfig does not have is refused before any object is asked for",
    "provider/pkg/provider/provider.go Configure (client config) @ 94977969",
    async () => {
      const before = project.provider;
      project.provider = { ...before, context: "not-there" };
      const { code, output } = await project.pulumi([map("x", {})], ["up", "--yes", "--skip-preview"]);
      project.provider = before;
      assert.notEqual(code, 0);
      assert.match(output, /not-there/);
      assert.ok(
        !(await list("ConfigMap", project.name)).some(({ metadata }) => metadata.name.startsWith("x-")),
      );
    },
  );
});
