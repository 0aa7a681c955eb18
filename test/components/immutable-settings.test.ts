import assert from "node:assert/strict";
import { refusal } from "../../components/immutable-settings.ts";
import { stackConfig } from "../../render/program.ts";
import { only, runStack } from "../support/pulumi.ts";

describe("an immutable setting that was changed", () => {
  const first = { "multi-client:namespace": "a", "multi-client:cluster.storageClass": "" };

  it("is refused with the value found, the value expected, and the command that restores it", () => {
    const text = refusal(
      first,
      { ...first, "multi-client:namespace": "b" },
      ["multi-client:namespace"],
      "prod",
    );
    assert.match(text, /nothing was changed/);
    assert.match(
      text,
      /found: {4}'b'\n {4}expected: 'a'\n {4}fix: {6}pulumi config set --stack prod 'multi-client:namespace' a$/m,
    );
  });

  it("is to be removed where it was unset", () => {
    const now = { ...first, "multi-client:cluster.storageClass": "fast" };
    const text = refusal(first, now, ["multi-client:cluster.storageClass"], "prod");
    assert.match(
      text,
      /expected: unset\n {4}fix: {6}pulumi config rm --stack prod --path 'multi-client:cluster\.storageClass'/,
    );
  });

  it("is restored as a truth value where it is one", () => {
    const key = "multi-client:cluster.existingNamespace";
    const text = refusal({ [key]: "true" }, { [key]: "" }, [key], "prod");
    assert.match(
      text,
      /fix: {6}pulumi config set --stack prod --path 'multi-client:cluster\.existingNamespace' true$/m,
    );
  });

  it("is restored entry by entry where it is a list, and by hand where that is empty", () => {
    const [zones, cidrs] = ["multi-client:cluster.network.zones", "multi-client:cluster.authorizedCidrs"];
    const fixes = (first: string, now: string, key: string) =>
      refusal({ [key]: first }, { [key]: now }, [key], "prod")
        .split("\n")
        .slice(4, -2)
        .map((line) => line.slice(14));
    const set = "pulumi config set --stack prod --path";
    assert.deepEqual(fixes("[a, b]", "[b, c]", zones), [`${set} '${zones}[0]' a`, `${set} '${zones}[1]' b`]);
    assert.deepEqual(fixes("[your network]", "[]", cidrs), [`${set} '${cidrs}[0]' '<your network>'`]);
    assert.deepEqual(fixes("[]", "[your network]", cidrs), [
      "in Pulumi.prod.yaml, write authorizedCidrs: []",
    ]);
    assert.deepEqual(fixes('["111122223333"]', '["1"]', "aws:allowedAccountIds"), [
      `pulumi config set --stack prod 'aws:allowedAccountIds' '["111122223333"]'`,
    ]);
  });

  /** What a stack would keep in its state, with some settings of its cluster replaced. */
  const kept = async (stack: string, settings: object = {}) => {
    const cluster = stackConfig(stack)["multi-client:cluster"] as object;
    const { resources } = await runStack(stack, { cluster: { ...cluster, ...settings } });
    return only(resources, "pulumi:index:Stash", "immutable-settings").inputs.input as Record<string, string>;
  };

  it("may be the size of AKS' system pool", async () => {
    const key = "multi-client:cluster.nodes.systemVmSize";
    assert.equal((await kept("prod-aks"))[key], "Standard_D4ds_v5");
    const nodes = { systemVmSize: "Standard_D8ds_v5" };
    assert.equal((await kept("prod-aks", { nodes }))[key], "Standard_D8ds_v5");
  });

  it("may be the private endpoint of AKS, but of no other cluster", async () => {
    const fixed = async (stack: string, authorizedCidrs?: string[]) =>
      (await kept(stack, authorizedCidrs === undefined ? {} : { authorizedCidrs }))[
        "multi-client:cluster.authorizedCidrs"
      ];
    assert.equal(await fixed("prod-aks"), "[your network]");
    assert.equal(await fixed("prod-aks", ["198.51.100.0/24"]), "[your network]");
    assert.equal(await fixed("prod-aks", []), "[]");
    assert.equal(await fixed("prod"), undefined);
    assert.equal(await fixed("prod-gke"), undefined);
  });
});
