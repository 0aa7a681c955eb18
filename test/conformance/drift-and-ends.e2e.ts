import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { planned } from "../e2e/changes.ts";
import { get, list, patch, remove } from "../e2e/cluster.ts";
import { folder, kubeconfig } from "../e2e/world.ts";
import { deployment, map, Project, rule, ruleSince, upArgs } from "./project.ts";

/** What could differ from the official plugin and is not checked here, with the reason. */
const UNCHECKED = [
  "how long a Service settles: 10 s after the last change of its endpoints officially, 2 s in the stand-in",
  "watches: the official plugin watches and reports events in between, the stand-in asks every 0.4 s",
  "wording beyond what the cases match; warnings and the diagnostics of deprecated API versions",
  "a claim is awaited for 300 s officially whatever the program says; here its class decides alone",
  "an Ingress may be ready without an address in some official versions; here it is awaited, as this program needs it",
  "awaits of Jobs: this program makes none, the stand-in refuses the kind",
  "kinds, annotations and provider arguments that this program does not use: the stand-in refuses them by name",
  "users of the kubeconfig that need a helper program: refused by the stand-in",
];

describe("kubernetes plugin: drift, ends, another cluster", () => {
  let project: Project;
  const one = () => map("one", { a: "1" }, { name: "one", labels: { x: "1" } });
  before(async () => {
    project = await Project.open("ends");
    await project.up(one());
  });
  after(async () => {
    await project.close();
    console.log(
      `  not checked by the conformance suite:\n${UNCHECKED.map((each) => `    - ${each}`).join("\n")}`,
    );
  });

  const edit = () => patch("ConfigMap", "one", project.name, { metadata: { labels: { x: "edited" } } });
  // A preview overwrites what came with a creation, which was an apply before 4.29: there it is a conflict.
  ruleSince(
    "4.29.0",
    "a value edited by hand is shown as drift",
    "provider/pkg/provider/provider.go Read, Diff @ 94977969",
    async () => {
      await edit();
      const events = await project.events([one()], "preview", "--refresh");
      assert.deepEqual(planned(events), ["update ConfigMap one: metadata"]);
    },
  );

  rule(
    "a value edited by hand is a conflict for an update, and repaired where the program insists",
    "provider/pkg/await/await.go ssaUpdate, patchForce annotation @ 94977969",
    async () => {
      await edit();
      const { code, output } = await project.pulumi([one()], [...upArgs, "--refresh"]);
      assert.notEqual(code, 0, output);
      assert.match(output, /conflict with "e2e-hand"/);
      const forced = map(
        "one",
        { a: "1" },
        { name: "one", labels: { x: "1" }, annotations: { "pulumi.com/patchForce": "true" } },
      );
      await project.must([forced], ...upArgs, "--refresh");
      assert.equal((await get("ConfigMap", "one", project.name))?.metadata.labels.x, "1");
    },
  );

  rule(
    "a deleted object is noticed by a refresh, and made again",
    "provider/pkg/provider/provider.go Read (404) @ 94977969",
    async () => {
      await remove("ConfigMap", "one", project.name);
      await project.must([one()], "up", "--yes", "--skip-preview", "--refresh");
      assert.ok(await get("ConfigMap", "one", project.name));
    },
  );

  rule(
    "an object that is gone already is deleted without complaint",
    "provider/pkg/await/await.go Deletion @ 94977969",
    async () => {
      await remove("ConfigMap", "one", project.name);
      await project.up();
    },
  );

  rule(
    "a deletion is in the foreground: it ends when the pods are gone",
    "provider/pkg/await/await.go Deletion (propagationPolicy) @ 94977969",
    async () => {
      await project.up(deployment("web"));
      await project.up();
      assert.deepEqual(await list("ReplicaSet", project.name), []);
      assert.deepEqual(await list("Pod", project.name), []);
    },
  );

  rule(
    "a deletion that waits for a finalizer fails at its time-out, and the next one goes on",
    "provider/pkg/await/await.go Deletion @ 94977969",
    async () => {
      const held = map(
        "held",
        {},
        { name: "held", finalizers: ["example.com/held"] },
        {
          options: { customTimeouts: { delete: "5s" } },
        },
      );
      await project.up(held);
      assert.match(await project.fails(), /finalizers|timed out|deadline/i);
      assert.equal((await project.stated("held")).id, `${project.name}/held`);
      await patch("ConfigMap", "held", project.name, { metadata: { finalizers: null } });
      await project.up();
    },
  );

  rule(
    "another path of the kubeconfig replaces nothing while clusterIdentifier stays; another identifier replaces all",
    "provider/pkg/provider/provider.go DiffConfig @ 94977969",
    async () => {
      await project.up(one());
      const elsewhere = join(folder, "kubeconfig-elsewhere");
      copyFileSync(kubeconfig, elsewhere);
      const before = project.provider;
      project.provider = { ...before, kubeconfig: elsewhere };
      assert.deepEqual(await project.plan(one()), ["update cluster"]);
      project.provider = { ...before, clusterIdentifier: "two" };
      const plan = await project.plan(one());
      for (const step of ["replace cluster", "replace one"]) assert.ok(plan.includes(step), plan.join());
      project.provider = before;
    },
  );

  rule(
    "an empty kubeconfig means the files of KUBECONFIG, merged, and no path of them is in the state",
    "provider/pkg/provider/provider.go Configure, util.go parseKubeconfigString @ 94977969",
    async () => {
      const before = project.provider;
      const other = join(folder, "kubeconfig-other");
      writeFileSync(other, "apiVersion: v1\nkind: Config\ncurrent-context: other\n");
      project.provider = { ...before, kubeconfig: "" };
      const env = { KUBECONFIG: `${other}${delimiter}${kubeconfig}` };
      const { code, output } = await project.pulumi([one()], upArgs, env);
      assert.equal(code, 0, output);
      const { inputs } = await project.stated("cluster");
      assert.ok(!JSON.stringify(inputs).includes(folder), JSON.stringify(inputs));
      project.provider = before;
    },
  );

  rule(
    "a cluster that cannot be reached stops a refresh; PULUMI_K8S_DELETE_UNREACHABLE=true lets its objects go",
    "provider/pkg/provider/provider.go Read, Delete @ 94977969",
    async () => {
      const dead = join(folder, "kubeconfig-dead");
      const text = readFileSync(kubeconfig, "utf8");
      const before = project.provider;
      writeFileSync(dead, text);
      project.provider = { ...before, kubeconfig: dead };
      await project.up(one());
      writeFileSync(dead, text.replaceAll(/https:\/\/[^\s"]+/g, "https://127.0.0.1:1"));
      const refresh = ["refresh", "--yes", "--skip-preview"];
      const { code, output } = await project.pulumi([one()], refresh);
      assert.notEqual(code, 0);
      assert.match(output, /unreachable/);
      assert.match(output, /PULUMI_K8S_DELETE_UNREACHABLE/);
      const env = { PULUMI_K8S_DELETE_UNREACHABLE: "true" };
      const gone = await project.pulumi([one()], refresh, env);
      assert.equal(gone.code, 0, gone.output);
      await assert.rejects(project.stated("one"), /not in the state/);
      assert.ok(await get("ConfigMap", "one", project.name));
      project.provider = before;
    },
  );
});
