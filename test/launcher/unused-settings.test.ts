import assert from "node:assert/strict";
import type { Cli } from "../../launcher/engine/cli.ts";
import { forgetUnusedSettings, hasCreated } from "../../launcher/recovery/unused-settings.ts";

const resource = (type: string, name: string, custom = true) => ({
  type,
  urn: `urn:pulumi:dev::mc::${type}::${name}`,
  custom,
});
const settings = resource("pulumi:index:Stash", "immutable-settings");
const unmade = [
  resource("pulumi:pulumi:Stack", "mc-dev", false),
  settings,
  resource("pulumi:providers:kubernetes", "kubernetes"),
  resource("multi-client:app:Application", "multi-client", false),
  resource("pulumi:index:Stash", "postgres-password"),
];

const stateOf = (resources: readonly object[]) => ({ deployment: { resources: resources as [] } });

async function asked(resources: readonly object[]): Promise<readonly string[][]> {
  const calls: string[][] = [];
  const ask = (args: string[]) => Promise.resolve(calls.push(args));
  await forgetUnusedSettings({ ask } as unknown as Cli, stateOf(resources), () => undefined);
  return calls;
}

describe("settings that are fixed at creation", () => {
  it("are forgotten where nothing was created", async () => {
    assert.deepEqual(await asked(unmade), [["state", "delete", settings.urn, "--yes"]]);
    assert.ok(!hasCreated(stateOf(unmade)), "make preview plans without them");
  });

  for (const type of ["kubernetes:core/v1:Namespace", "aws:ec2/vpc:Vpc"]) {
    it(`stay where there is a ${type}`, async () => {
      const resources = [...unmade, resource(type, "one")];
      assert.deepEqual(await asked(resources), []);
      assert.ok(hasCreated(stateOf(resources)), "make preview plans with them");
    });
  }
});
