import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cli } from "../../launcher/engine/cli.ts";
import type { Plan } from "../../launcher/stack/plan.ts";
import { connectionTo } from "../../launcher/cluster/cluster-connection.ts";

const plan = {
  stack: { name: "prod", target: { provider: "managed", cloud: "eks", simulated: false } },
} as unknown as Plan;
const kubeconfig = '{"users":[{"user":{"exec":{}}}]}';
const component = (outputs: object) => ({ type: "multi-client:cluster:EksCluster", urn: "urn", outputs });

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "multi-client-reach-"));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

/** What a state with these resources leads to, on a computer where nothing was deployed yet. */
function reached(...resources: object[]) {
  const cli = { ask: () => Promise.resolve({ stdout: JSON.stringify({ deployment: { resources } }) }) };
  return connectionTo(plan, cli as unknown as Cli, { XDG_STATE_HOME: join(home, "state") });
}

describe("the way to a cluster that a stack made", () => {
  const outputs = { name: "shop", kubeconfig: { plaintext: JSON.stringify(kubeconfig) } };

  it("is in its component, also where no up succeeded yet: the stack itself has no outputs then", async () => {
    const way = await reached(component(outputs));
    const file = join(home, "state", "multi-client", "prod.kubeconfig");
    assert.equal(way?.context, "shop");
    assert.equal(way.env.KUBECONFIG, file);
    assert.equal(readFileSync(file, "utf8"), kubeconfig);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it("is none before the cluster is made, and when it is gone", async () => {
    assert.equal(await reached(), undefined);
    assert.equal(await reached(component({})), undefined);
    assert.equal(await reached({ type: "pulumi:pulumi:Stack", urn: "urn", outputs }), undefined);
  });
});
