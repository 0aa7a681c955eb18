import assert from "node:assert/strict";
import { ENCRYPTED } from "../../config/stack-file.ts";
import { exampleOf, withExamples } from "../../render/encrypted-settings.ts";
import { stackConfig } from "../../render/program.ts";
import { only, runStack } from "../support/pulumi.ts";

const readable = (key: string, value: unknown) => withExamples(value, (path) => exampleOf(key, path, value));

describe("a setting that is encrypted", () => {
  const exposure = {
    type: "ingress",
    host: ENCRYPTED,
    tls: { certificate: "PEM of the user", key: ENCRYPTED },
  };

  it("is rendered as its example, and what stands beside it as it is", async () => {
    const shown = readable("multi-client:exposure", exposure) as typeof exposure;
    assert.deepEqual([shown.type, shown.host], ["ingress", "app.example.com"]);
    const { resources } = await runStack("dev", { exposure: shown });
    const { rules } = only(resources, "kubernetes:networking.k8s.io/v1:Ingress").inputs.spec as {
      rules: { host: string }[];
    };
    assert.equal(rules[0]?.host, "app.example.com");
  });

  it("is rendered as the placeholder where it names the account, and by its place in a list", async () => {
    const config = stackConfig("prod-aks");
    const cluster = config["multi-client:cluster"] as object;
    assert.equal(readable("azure-native:subscriptionId", ENCRYPTED), config["azure-native:subscriptionId"]);
    const shown = readable("multi-client:cluster", { ...cluster, admins: [ENCRYPTED] });
    const [admin] = (shown as { admins: string[] }).admins;
    assert.match(admin ?? "", /^[0-9a-f-]{36}$/);
    assert.ok((await runStack("prod-aks", { cluster: shown })).resources.length > 0);
  });

  it("is rendered as an example of the whole section, where that is encrypted", () => {
    assert.deepEqual(readable("multi-client:exposure", ENCRYPTED), { type: "public" });
  });
});
