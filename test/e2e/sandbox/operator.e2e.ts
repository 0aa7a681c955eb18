import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { apiPath, pluralOf } from "../../../system/api-path.ts";
import { api, remove, until, type Loose } from "../cluster.ts";
import { copyProgram } from "../stack.ts";
import { prefix, run } from "../world.ts";

/** The definitions of the operator's objects: https://github.com/pulumi/pulumi-kubernetes-operator, deploy/crds. */
const DEFINITIONS = join("..", "shared", "data", "operator", "pulumi.com_stacks.yaml");
const NAMESPACED = ["ServiceAccount", "Stack"];

describe("make gitops", () => {
  const stack = `${prefix}-operator`;
  const crd = {
    apiVersion: "apiextensions.k8s.io/v1",
    plural: "customresourcedefinitions",
    namespaced: false,
  };
  let [definition, project] = ["", ""];

  before(async function () {
    if (!existsSync(DEFINITIONS)) {
      console.log(`  skipped  operator: the definitions of the operator's objects are not in ${DEFINITIONS}`);
      this.skip();
    }
    project = copyProgram(stack);
    const cluster = "multi-client:cluster: { provider: existing, context: far }";
    writeFileSync(join(project, `Pulumi.${stack}.yaml`), `config:\n  ${cluster}\n`);
    const found = parse(readFileSync(DEFINITIONS, "utf8")) as Loose;
    definition = found.metadata.name;
    await api().create(crd, found, "e2e", false);
    await until("the API server serves Stacks", async () => {
      const { status }: Loose = (await api().get(apiPath(crd, "", definition))) ?? {};
      return status?.conditions?.some(
        ({ type, status: holds }: Loose) => type === "Established" && holds === "True",
      );
    });
  });
  after(async () => {
    if (definition === "") return;
    await api().send("DELETE", apiPath(crd, "", definition));
    await remove("Namespace", `pulumi-${stack}`);
  });

  for (const source of [{ REPO: "https://git.example/multi-client" }, { FLUX: "multi-client" }])
    it(`writes objects for ${Object.keys(source).join("")} of which the API server knows every field`, async () => {
      const env = { ...source, PULUMI_BACKEND_URL: "s3://state?region=eu-central-1&awssdk=v2" };
      const { code, output } = await run("make", ["gitops", `STACK=${stack}`], { cwd: project, env });
      assert.equal(code, 0, output);
      const text = readFileSync(join(project, `build/gitops/${stack}.yaml`), "utf8");
      const objects = parseAllDocuments(text).map((document) => document.toJS() as Loose);
      const send = (object: Loose, dryRun: boolean) => {
        const { apiVersion, kind } = object as { apiVersion: string; kind: string };
        const resource = { apiVersion, plural: pluralOf(kind), namespaced: NAMESPACED.includes(kind) };
        return api().create(resource, object, "e2e", dryRun);
      };
      const [namespace, ...others] = objects;
      assert.equal(others.length, 3);
      // The others are checked in it, and not made.
      if (namespace)
        await send(namespace, false).catch((error: unknown) => {
          assert.match(String(error), /already exists/);
        });
      for (const object of others) await send(object, true);
      const stackObject = others.at(-1) ?? {};
      const wrong = { ...stackObject, spec: { ...stackObject.spec, destroyOnFinalise: false } };
      await assert.rejects(send(wrong, true), /unknown field "spec\.destroyOnFinalise"/);
    });
});
