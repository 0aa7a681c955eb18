import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { version } from "@pulumi/pulumi/version.js";
import { record, redacted } from "../render/recorder.ts";
import { only } from "./support/pulumi.ts";

/** The message of every failure here: the program is not at fault. */
const changed = (what: string): string =>
  `The SDK changed: ${what}. render/recorder.ts uses internals of @pulumi/pulumi, which is ${version} now; ` +
  "see docs/decisions.md.";

class Thing extends pulumi.CustomResource {
  constructor(name: string, inputs: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
    super("test:index:Thing", name, inputs, opts);
  }
}

// Canary: these fail when another version of the SDK has other internals than the recorder uses.
describe("the internals of the SDK that the recorder uses", () => {
  it("are newUrn and registerResource of the mock monitor, and the marks of secret and unknown values", async () => {
    await pulumi.runtime.setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) });
    const monitor = pulumi.runtime.getMonitor() as unknown as Record<string, unknown>;
    for (const method of ["newUrn", "registerResource"])
      assert.equal(typeof monitor[method], "function", changed(`its mock monitor has no ${method}`));
    for (const mark of ["specialSigKey", "specialSecretSig", "unknownValue"] as const)
      assert.equal(typeof pulumi.runtime[mark], "string", changed(`its runtime has no ${mark}`));
  });

  it("give every option of a registration", async () => {
    const { resources } = await record({ project: "p", stack: "s" }, () => {
      const provider = new (class extends pulumi.ProviderResource {})("test", "provider");
      const first = new Thing("first", { plain: 1 }, { provider });
      const inputs = { text: "a", hidden: pulumi.secret("s") };
      new Thing("second", inputs, {
        provider,
        parent: first,
        dependsOn: first,
        protect: true,
        ignoreChanges: ["text"],
        aliases: [{ name: "before" }],
        retainOnDelete: true,
        deleteBeforeReplace: true,
        additionalSecretOutputs: ["text"],
        customTimeouts: { create: "5m" },
      });
    });
    const urn = "urn:pulumi:s::p::test:index:Thing";
    const expected = {
      urn: `${urn}$test:index:Thing::second`,
      parent: `${urn}::first`,
      provider: "urn:pulumi:s::p::pulumi:providers:test::provider::provider-id",
      inputs: { text: "a", hidden: redacted },
      dependsOn: [`${urn}::first`],
      protect: true,
      ignoreChanges: ["text"],
      aliases: ["before"],
      retainOnDelete: true,
      deleteBeforeReplace: true,
      secretOutputs: ["text"],
      custom: true,
      timeouts: { create: "5m" },
    };
    const found = only(resources, "test:index:Thing", "second");
    for (const [field, value] of Object.entries(expected))
      assert.deepEqual(
        found[field as keyof typeof found],
        value,
        changed(`a registration no longer gives its ${field} as before`),
      );
  });
});
