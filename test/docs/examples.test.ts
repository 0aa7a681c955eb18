import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { parse } from "yaml";
import { renderProgram, type Rendered } from "../../render/program.ts";
import { spec } from "../support/pulumi.ts";
import { certificate, key } from "../support/tls.ts";

type Settings = Record<string, unknown>;

const files = globSync("examples/*.yaml").sort();
const configOf = (file: string) => (parse(readFileSync(file, "utf8")) as { config: Settings }).config;
const render = (file: string, config = configOf(file)) => renderProgram(basename(file, ".yaml"), config);

/** The Pulumi type of the one resource that is the cluster, or that leads to it. */
const typeOfCluster: Readonly<Record<string, string>> = {
  minikube: "multi-client:cluster:MinikubeCluster",
  existing: "multi-client:cluster:ExistingCluster",
  eks: "aws:eks/cluster:Cluster",
  aks: "azure-native:containerservice:ManagedCluster",
  gke: "gcp:container/cluster:Cluster",
};

const kinds = ({ resources }: Rendered, kind: string) =>
  resources.filter(({ type }) => type.startsWith("kubernetes:") && type.endsWith(`:${kind}`));

describe("examples/", () => {
  it("are all in the README of the folder", () => {
    const page = readFileSync("examples/README.md", "utf8");
    for (const file of files) assert.ok(page.includes(`(${basename(file)})`), file);
  });

  for (const file of files) {
    it(`${basename(file)} says what it is for, has no salt of a passphrase, and deploys to its cluster`, async () => {
      const text = readFileSync(file, "utf8");
      assert.match(text, /^# \S/);
      assert.deepEqual(Object.keys(parse(text) as object), ["config"]);
      const rendered = await render(file);
      const { provider } = configOf(file)["multi-client:cluster"] as { provider: string };
      assert.ok(
        rendered.resources.some(({ type }) => type === typeOfCluster[provider]),
        provider,
      );
      assert.equal(kinds(rendered, "StatefulSet").length, 2);
    });
  }

  it("on-premises takes the certificate and the key that its comment tells how to set", async () => {
    const config = configOf("examples/on-premises.yaml");
    const exposure = config["multi-client:exposure"] as Settings;
    config["multi-client:exposure"] = { ...exposure, host: "multi-client.test", tls: { certificate, key } };
    const [ingress] = kinds(await render("examples/on-premises.yaml", config), "Ingress");
    assert.ok(ingress);
    assert.deepEqual(spec(ingress).tls[0].hosts, ["multi-client.test"]);
  });

  it("mirror-registry takes every image from its registries, by digest", async () => {
    const rendered = await render("examples/mirror-registry.yaml");
    const pods = [...kinds(rendered, "Deployment"), ...kinds(rendered, "StatefulSet")];
    for (const { image } of pods.flatMap((each) => spec(each).template.spec.containers))
      assert.match(image, /^registry\.example\.com\/.+@sha256:[0-9a-f]{64}$/);
  });
});
