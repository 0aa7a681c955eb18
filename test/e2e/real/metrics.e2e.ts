import { get, until } from "../cluster.ts";
import { measured, openStack, works, type OpenStack } from "../traffic.ts";

describe("the metrics of a node", () => {
  let open: OpenStack;
  before(async () => {
    open = await openStack("metrics", { services: { client: { scale: { min: 1, max: 2, cpu: 4 } } } });
    await open.stack.up();
    await works(open.ask);
  });
  after(() => open.stack.drop());

  it("an autoscaler adds a pod when the client has work to do", async () => {
    const replicas = async () =>
      (await get("Deployment", "client", open.stack.namespace))?.spec.replicas as number | undefined;
    const begin = Date.now();
    let isDone = false;
    // Four requests at a time, until there is a second pod.
    const load = async () => {
      while (!isDone) await open.ask("GET", "/").catch(() => undefined);
    };
    const all = Promise.all([load(), load(), load(), load()]);
    try {
      await until("a second pod of the client", async () => (await replicas()) === 2, 300);
    } finally {
      isDone = true;
      await all;
    }
    measured(`a second pod after ${((Date.now() - begin) / 1000).toFixed(0)} s`);
  });
});
