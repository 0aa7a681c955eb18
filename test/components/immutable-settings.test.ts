import assert from "node:assert/strict";
import { refusal } from "../../components/immutable-settings.ts";
import { stackConfig } from "../../render/program.ts";
import { only, runStack } from "../support/pulumi.ts";

describe("an immutable setting that was changed", () => {
  const first = { "multi-client:namespace": "a", "multi-client:cluster.storageClass": "" };

  it("is refused with the value found, the value expected, and the command that restores it", () => {
    const text = refusal(first, { ...first, "multi-client:namespace": "b" }, ["multi-client:namespace"]);
    assert.match(text, /nothing was changed/);
    assert.match(
      text,
      /found: {4}'b'\n {4}expected: 'a'\n {4}fix: {6}pulumi config set --path 'multi-client:namespace' a$/m,
    );
  });

  it("is to be removed where it was unset", () => {
    const now = { ...first, "multi-client:cluster.storageClass": "fast" };
    const text = refusal(first, now, ["multi-client:cluster.storageClass"]);
    assert.match(
      text,
      /expected: unset\n {4}fix: {6}pulumi config rm --path 'multi-client:cluster\.storageClass'/,
    );
  });

  it("is to be restored in the stack file where it is a list", () => {
    const key = "multi-client:cluster.authorizedCidrs";
    const text = refusal({ [key]: "[your network]" }, { [key]: "[]" }, [key]);
    assert.match(
      text,
      /found: {4}'\[\]'\n.*\n {4}fix: {6}in the stack file, authorizedCidrs: \[your network\]$/m,
    );
  });

  it("may be the private endpoint of AKS, but of no other cluster", async () => {
    const fixed = async (stack: string, authorizedCidrs?: string[]) => {
      const cluster = stackConfig(stack)["multi-client:cluster"] as object;
      const given = authorizedCidrs === undefined ? {} : { cluster: { ...cluster, authorizedCidrs } };
      const { resources } = await runStack(stack, given);
      const { input } = only(resources, "pulumi:index:Stash", "immutable-settings").inputs;
      return (input as Record<string, string>)["multi-client:cluster.authorizedCidrs"];
    };
    assert.equal(await fixed("prod-aks"), "[your network]");
    assert.equal(await fixed("prod-aks", ["198.51.100.0/24"]), "[your network]");
    assert.equal(await fixed("prod-aks", []), "[]");
    assert.equal(await fixed("prod"), undefined);
    assert.equal(await fixed("prod-gke"), undefined);
  });
});
