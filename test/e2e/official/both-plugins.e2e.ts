import assert from "node:assert/strict";
import { counted } from "../changes.ts";
import { testStack, type TestStack } from "../stack.ts";

describe("one stack, deployed by the official plugin and by the stand-in", () => {
  let stack: TestStack;
  const up = async (plugins: string) => {
    const { code, output } = await stack.make("up", { PLUGINS: plugins });
    assert.equal(code, 0, output);
    return output;
  };
  before(async () => {
    stack = await testStack("both");
  });
  after(() => stack.destroy());

  it("what the official plugin made is no change for the stand-in", async () => {
    assert.match(await up("official"), /plugins: official \(kubernetes \d/);
    const output = await up("standin");
    assert.match(output, /plugins: stand-ins of the sandbox/);
    assert.match(output, /: nothing changed, /);
  });

  it("what the stand-in changed is no change for the official plugin", async () => {
    stack.configure({ services: { server: { resources: { limits: { memory: "200Mi" } } } } });
    await up("standin");
    assert.equal((await counted(stack)).update, 1);
    assert.match(await up("official"), /: nothing changed, /);
  });
});
