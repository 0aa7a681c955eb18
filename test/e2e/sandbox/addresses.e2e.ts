import assert from "node:assert/strict";
import { get, patch, until } from "../cluster.ts";
import { failing, settled } from "../day-two.ts";
import { testStack, type Sections, type TestStack } from "../stack.ts";
import { context } from "../world.ts";

// Plain `pulumi up`: the launcher lets the stand-in serve nothing that is not called local.
const upArgs = ["up", "--yes", "--skip-preview"];

describe("the address that a cloud gives", () => {
  const cluster = { provider: "existing", context, local: false };
  let stack: TestStack;
  before(async () => {
    stack = await testStack("addresses", { cluster, rollout: { timeoutSeconds: 60 } });
    await stack.up();
  });
  after(() => stack.drop());

  /** Deploys, and writes the status of an object as a cloud's controller does once it is there. */
  async function upWithAddress(sections: Sections, kind: string, address: object): Promise<void> {
    stack.configure(sections);
    const up = stack.pulumi(upArgs);
    await until(`${kind} client asks for an address`, async () => {
      const object = await get(kind, "client", stack.namespace);
      return object !== undefined && (kind === "Ingress" || object.spec.type === "LoadBalancer");
    });
    await patch(
      kind,
      "client",
      stack.namespace,
      { status: { loadBalancer: { ingress: [address] } } },
      "status",
    );
    const { code, output } = await up;
    assert.equal(code, 0, output);
    await settled(stack);
  }
  const url = async () => (await stack.must("stack", "output", "url")).stdout.trim();

  it("is waited for; when it does not come in time, that is said", async () => {
    stack.configure({ exposure: { type: "loadBalancer" }, rollout: { timeoutSeconds: 8 } });
    const output = await failing(stack.pulumi(upArgs));
    assert.match(output, /'client' timed out waiting to be Ready/);
    assert.match(output, /Service was not allocated an IP address/);
  });

  it("of a load balancer becomes the url", async () => {
    const exposure = { type: "loadBalancer" };
    await upWithAddress({ exposure }, "Service", { ip: "203.0.113.7" });
    assert.equal(await url(), "http://203.0.113.7:3050/");
  });

  it("of an Ingress may be a name; a host of its own is preferred in the url", async () => {
    await upWithAddress({ exposure: { type: "ingress" } }, "Ingress", { hostname: "lb.example.test" });
    assert.equal(await url(), "http://lb.example.test/");
    await stack.up({ exposure: { type: "ingress", host: "app.example.test" } });
    assert.equal(await url(), "http://app.example.test/");
    await settled(stack);
  });
});
