import assert from "node:assert/strict";
import { areStopped, stopWriters } from "../../launcher/backups/writers.ts";
import type { Kubectl } from "../../launcher/cluster/kubectl.ts";

/** A cluster with one Deployment, `server`, and the answers to the looks at its pods. */
function clusterOf(deployment: object, pods: readonly string[] = []) {
  const looks = [...pods];
  const calls: string[] = [];
  const kubectl: Kubectl = {
    command: ["kubectl"],
    run: (args) => {
      calls.push(args.join(" "));
      return Promise.resolve(args[1] === "pods" ? (looks.shift() ?? "") : JSON.stringify(deployment));
    },
  };
  return { kubectl, calls };
}

describe("the services that write to the database", () => {
  const annotations = { "multi-client/replicas-before-restore": "2" };

  it("are stopped when no pod of theirs is left, those that are ending included", async () => {
    // As the API server has it: a pod that is ending is no replica any more.
    const stopped = { metadata: { annotations }, spec: { replicas: 0 }, status: { replicas: 0 } };
    const { kubectl, calls } = clusterOf(stopped, ["pod/server-1\n", "pod/server-1\n"]);
    await stopWriters(kubectl, ["server"]);
    const looks = calls.filter((call) => call.startsWith("get pods"));
    assert.equal(looks.length, 3);
    assert.match(looks[0] ?? "", /-l component=server,app\.kubernetes\.io\/part-of=multi-client /);
  });

  it("are not stopped where something has started them since", async () => {
    const ask = (replicas: number) =>
      areStopped(clusterOf({ metadata: { annotations }, spec: { replicas } }).kubectl, ["server"]);
    assert.deepEqual([await ask(0), await ask(2)], [true, false]);
  });
});
