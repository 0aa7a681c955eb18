import assert from "node:assert/strict";
import { api, create, get, kindOf, list, patch } from "../e2e/cluster.ts";
import { assertOrder } from "../e2e/changes.ts";
import { map, Project, rule, ruleSince, upArgs } from "./project.ts";

describe("kubernetes plugin: names, previews, writes", () => {
  let project: Project;
  before(async () => {
    project = await Project.open("writes");
    await create("ConfigMap", "there", project.name, { data: { whose: "somebody's" } });
  });
  after(() => project.close());
  const live = (name: string) => get("ConfigMap", name, project.name);

  rule(
    "without a name it gives `<name>-<8 hex>`, keeps it over an update, and makes a new one for a replacement",
    "provider/pkg/metadata/naming.go @ 94977969",
    async () => {
      await project.up(map("auto", { a: "1" }));
      const first = (await project.stated("auto")).id ?? "";
      assert.match(first, new RegExp(`^${project.name}/auto-[0-9a-f]{8}$`));
      await project.up(map("auto", { a: "1" }, { labels: { b: "2" } }));
      assert.equal((await project.stated("auto")).id, first);
      const ran = await project.events([map("auto", { a: "2" }, { labels: { b: "2" } })], ...upArgs);
      assertOrder(ran, "create-replacement ConfigMap auto", "delete-replaced ConfigMap auto");
      const second = (await project.stated("auto")).id ?? "";
      assert.notEqual(second, first);
      assert.equal(await live(first.split("/")[1] ?? ""), undefined);
    },
  );

  rule(
    "`metadata.generateName` is refused",
    "provider/pkg/provider/provider.go Check @ 94977969",
    async () => {
      assert.match(await project.fails(map("generated", {}, { generateName: "x-" })), /generateName/);
    },
  );

  rule(
    "a preview asks the API server, and fails in its words",
    "provider/pkg/provider/provider.go Create (preview), server-side dry-run",
    async () => {
      const { code, output } = await project.pulumi([map("bad", {}, { name: "Not_A_Name" })], ["preview"]);
      assert.notEqual(code, 0);
      assert.match(output, /Invalid value: "Not_A_Name"/);
    },
  );

  ruleSince(
    "4.29.0",
    "an object that exists is forgiven in a preview and refused in an update, which leaves it as it was",
    "provider/pkg/await/await.go Creation",
    async () => {
      const mine = map("there", { whose: "mine" }, { name: "there" });
      assert.deepEqual(await project.plan(mine), ["create there"]);
      assert.match(await project.fails(mine), /configmaps "there" already exists/);
      assert.equal((await live("there"))?.data.whose, "somebody's");
    },
  );

  rule(
    "a missing namespace is forgiven in a preview and refused in an update",
    "provider/pkg/provider/provider.go Create (preview) @ 94977969",
    async () => {
      const far = map("far", {}, { name: "far", namespace: `${project.name}-not-there` });
      assert.ok((await project.plan(far)).includes("create far"));
      assert.match(await project.fails(far), /not found/);
    },
  );

  rule(
    "an object that is there can be imported; the next plan is empty",
    "provider/pkg/provider/provider.go Read @ 94977969",
    async () => {
      const id = `${project.name}/there`;
      const mine = map("there", { whose: "somebody's" }, { name: "there" });
      await project.up({ ...mine, options: { import: id } });
      assert.equal((await project.stated("there")).id, id);
      assert.deepEqual(await project.plan(mine), []);
    },
  );

  rule(
    "updates are server-side apply by one field manager, whose name the state keeps",
    "provider/pkg/provider/provider.go fieldManagerName @ 94977969",
    async () => {
      await project.up(map("one", { a: "1" }, { name: "one", labels: { x: "1", y: "1" } }));
      await project.up(map("one", { a: "1" }, { name: "one", labels: { x: "2", y: "1" } }));
      const manager = String((await project.stated("one")).outputs?.__fieldManager);
      assert.match(manager, /^pulumi-kubernetes-[0-9a-f]{8}$/);
      const writers = (await live("one"))?.metadata.managedFields as { manager: string; operation: string }[];
      assert.deepEqual(
        writers.filter(({ operation }) => operation === "Apply").map((each) => each.manager),
        [manager],
      );
    },
  );

  rule(
    "a field that leaves the program leaves the object; somebody else's stays, and is no change",
    "provider/pkg/await/await.go ssaUpdate, fixCSAFieldManagers @ 94977969",
    async () => {
      await patch("ConfigMap", "one", project.name, { metadata: { labels: { theirs: "1" } } });
      const mine = map("one", { a: "1" }, { name: "one", labels: { x: "2" } });
      await project.up(mine);
      assert.deepEqual((await live("one"))?.metadata.labels, { x: "2", theirs: "1" });
      await project.must([mine], "preview", "--refresh", "--expect-no-changes");
    },
  );

  rule(
    "a conflict names field and owner; ignoreChanges leaves the field to its owner; patchForce takes it over",
    "provider/pkg/await/await.go ssaUpdate, patchForce annotation @ 94977969",
    async () => {
      const metadata = { name: "one", namespace: project.name, labels: { x: "theirs" } };
      const theirs = { apiVersion: "v1", kind: "ConfigMap", metadata };
      await api().apply(kindOf("ConfigMap"), theirs, "somebody", false, true);
      const mine = (x: string, annotations = {}) =>
        map("one", { a: "1" }, { name: "one", labels: { x }, annotations });
      const said = await project.fails(mine("mine"));
      assert.match(said, /conflict with "somebody"[\s\S]*\.metadata\.labels\.x/);
      const ignoring = { ...mine("mine"), options: { ignoreChanges: ["metadata.labels.x"] } };
      await project.up(ignoring);
      assert.equal((await live("one"))?.metadata.labels.x, "theirs");
      await project.up(mine("mine", { "pulumi.com/patchForce": "true" }));
      assert.equal((await live("one"))?.metadata.labels.x, "mine");
    },
  );

  ruleSince(
    "4.29.0",
    "with the provider's `enablePatchForce` a field of another manager is taken over, without an annotation",
    "provider/pkg/await/await.go patchForce, pulumi/pulumi-kubernetes#2280",
    async () => {
      const before = project.provider;
      const mine = (x: string) => map("forced", {}, { name: "forced", labels: { x } });
      await project.up(mine("first"));
      const metadata = { name: "forced", namespace: project.name, labels: { x: "theirs" } };
      const theirs = { apiVersion: "v1", kind: "ConfigMap", metadata };
      await api().apply(kindOf("ConfigMap"), theirs, "somebody", false, true);
      assert.match(await project.fails(mine("mine")), /conflict with "somebody"/);
      project.provider = { ...before, enablePatchForce: true };
      await project.up(mine("mine"));
      assert.equal((await live("forced"))?.metadata.labels.x, "mine");
      project.provider = before;
    },
  );

  rule(
    "a fixed name is replaced by deleting first, and only data does it: labels are updated in place",
    "provider/pkg/provider/diff.go, provider.go Diff @ 94977969",
    async () => {
      await project.up(map("one", { a: "1" }, { name: "one" }));
      assert.deepEqual(await project.plan(map("one", { a: "1" }, { name: "one", labels: { z: "1" } })), [
        "update one",
      ]);
      const ran = await project.events([map("one", { a: "2" }, { name: "one" })], ...upArgs);
      assertOrder(ran, "delete-replaced ConfigMap one", "create-replacement ConfigMap one");
    },
  );

  rule(
    "a secret is in clear nowhere in the state, and base64 in the cluster",
    "provider/pkg/provider/provider.go annotateSecrets, clients/unstructured.go normalizeSecret @ 94977969",
    async () => {
      const hidden = { type: "core/v1:Secret", name: "hidden", props: { stringData: { p: "sesame" } } };
      const marked = map("marked", { q: "sesame" }, {}, { secret: ["data"] });
      await project.up(hidden, marked);
      const { stdout } = await project.must([], "stack", "export");
      for (const text of ["sesame", Buffer.from("sesame").toString("base64")])
        assert.ok(!stdout.includes(text), text);
      const secrets = await list("Secret", project.name);
      const found = secrets.find(({ metadata }) => metadata.name.startsWith("hidden-"));
      assert.equal(found?.data.p, Buffer.from("sesame").toString("base64"));
    },
  );
});
