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
  home = mkdtempSync(join(tmpdir(), "multi-client-connection-"));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

/** The connection by a state with these resources, on a computer where nothing was deployed yet. */
function connected(...resources: object[]) {
  const cli = { ask: () => Promise.resolve({ stdout: JSON.stringify({ deployment: { resources } }) }) };
  return connectionTo(plan, cli as unknown as Cli, { XDG_STATE_HOME: join(home, "state") });
}

describe("the connection to a cluster that a stack made", () => {
  const outputs = { name: "shop", kubeconfig: { plaintext: JSON.stringify(kubeconfig) } };

  it("comes from its component, so that it exists before an up succeeded and the stack has outputs", async () => {
    const connection = await connected(component(outputs));
    const file = join(home, "state", "multi-client", "prod.kubeconfig");
    assert.equal(connection?.context, "shop");
    assert.equal(connection.env.KUBECONFIG, file);
    assert.equal(readFileSync(file, "utf8"), kubeconfig);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it("is missing before the cluster is made, and when it is gone", async () => {
    assert.equal(await connected(), undefined);
    assert.equal(await connected(component({})), undefined);
    assert.equal(await connected({ type: "pulumi:pulumi:Stack", urn: "urn", outputs }), undefined);
  });
});
