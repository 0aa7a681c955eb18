import assert from "node:assert/strict";
import { create, get, remove, until } from "../cluster.ts";
import { testStack, type TestStack } from "../stack.ts";
import { context, kubeconfig, run } from "../world.ts";

describe("what a node does beyond running containers", () => {
  let stack: TestStack;
  /** Runs a script of Node in a pod of the server. */
  const inServer = (script: string) => {
    const where = ["--kubeconfig", kubeconfig, "--context", context, "--namespace", stack.namespace];
    return run("kubectl", [
      ...where,
      "exec",
      "deployment/server",
      "--container",
      "server",
      "--",
      "node",
      "-e",
      script,
    ]);
  };

  before(async () => {
    stack = await testStack("policies");
    await stack.up({ services: { client: { scale: { min: 1, max: 2, cpu: 4 } } } });
  });
  after(() => stack.destroy());

  it("a network policy cuts new connections to redis, and without it they are let through again", async () => {
    const connects = async () => {
      const script = `
        const socket = require("net").connect(6379, "redis", () => { console.log("connected"); process.exit(); });
        socket.on("error", (error) => { console.log(error.message); process.exit(); });
        setTimeout(() => { console.log("nothing answers"); process.exit(); }, 3000);`;
      const { code, output } = await inServer(script);
      assert.equal(code, 0, output);
      assert.match(output, /^(connected|nothing answers)$/m);
      return output.includes("connected");
    };
    assert.ok(await connects(), "every connection is let through without a policy");
    const podSelector = { matchLabels: { component: "redis" } };
    await create("NetworkPolicy", "deny-redis", stack.namespace, {
      spec: { podSelector, policyTypes: ["Ingress"] },
    });
    await until("redis is cut off", async () => !(await connects()), 20);
    const pod = await get("Pod", "redis-0", stack.namespace);
    assert.equal(pod?.status.containerStatuses[0].ready, true, "the kubelet still probes it");
    await remove("NetworkPolicy", "deny-redis", stack.namespace);
    await until("redis is reached again", connects, 20);
  });

  it("an autoscaler adds a pod when the client has work to do", async () => {
    const replicas = async () =>
      (await get("Deployment", "client", stack.namespace))?.spec.replicas as number | undefined;
    assert.equal(await replicas(), 1);
    const service = await get("Service", "client", stack.namespace);
    const port = Number(service?.spec.ports[0].port);
    // Four requests at a time for ten seconds, and again until there is a second pod.
    const script = `
      const http = require("http");
      const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
      const next = () => http.get({ host: "client", port: ${port}, agent }, (answer) => {
        answer.resume().on("end", () => setTimeout(next, 5));
      }).on("error", () => setTimeout(next, 100));
      for (let i = 0; i < 4; i++) next();
      setTimeout(() => process.exit(), 10000);`;
    const begin = Date.now();
    const grows = async () => {
      await inServer(script);
      return (await replicas()) === 2;
    };
    await until("a second pod of the client", grows, 300);
    console.log(`      a second pod after ${((Date.now() - begin) / 1000).toFixed(0)} s`);
  });
});
