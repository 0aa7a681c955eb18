import assert from "node:assert/strict";
import { UserError } from "../../system/errors.ts";
import type { Cli } from "../../launcher/engine/cli.ts";
import type { State } from "../../launcher/recovery/pending-operations.ts";
import type { Invocation, Plan } from "../../launcher/stack/plan.ts";
import { recover } from "../../launcher/recovery/recover.ts";

/** A stack whose cluster is not made yet: there is nothing that could be asked. */
const plan = {
  stack: { name: "prod", namespace: "shop", target: { provider: "managed", cloud: "eks", simulated: false } },
} as unknown as Plan;
const invocation: Invocation = {
  command: "up",
  root: ".",
  env: {},
  write: () => undefined,
  log: () => undefined,
};
const root = { type: "pulumi:pulumi:Stack", urn: "urn:pulumi:prod::multi-client::pulumi:pulumi:Stack::prod" };

const pending = (type: string, inputs: object = {}) => ({
  type: "creating",
  resource: { type, urn: `urn:pulumi:prod::multi-client::${type}::name`, custom: true, inputs },
});
const namespace = pending("kubernetes:core/v1:Namespace", { metadata: { name: "shop" } });
const cluster = pending("aws:eks/cluster:Cluster");
const state = (...pending_operations: object[]): State =>
  ({ deployment: { manifest: {}, resources: [root], pending_operations } }) as unknown as State;

/** What was done, in order, and what was said. */
async function recovered(before: State, then: readonly State[] = []) {
  const [calls, lines]: [string[], string[]] = [[], []];
  const states = [...then];
  const cli = {
    state: () => Promise.resolve(states.shift() ?? before),
    stack: "prod",
    byHand: "pulumi",
    ask: (args: readonly string[]) => {
      calls.push(args.join(" "));
      return Promise.resolve({ stdout: '{"deployment":{}}' });
    },
    replaceState: () => {
      calls.push("replaceState");
      return Promise.resolve("/state/before.json");
    },
  } as unknown as Cli;
  const result = await recover(plan, cli, before, invocation, (line) => lines.push(line)).catch(
    (error: unknown) => error,
  );
  return { result, calls, lines };
}

describe("the recovery from an engine that was killed", () => {
  it("does nothing where nothing is pending", async () => {
    const before = state();
    assert.deepEqual(await recovered(before), { result: before, calls: [], lines: [] });
  });

  it("takes the lock of the stack first, so that a running engine is not taken for a killed one", async () => {
    const { calls } = await recovered(state(namespace));
    assert.deepEqual(calls, [
      `state unprotect ${root.urn} --yes`,
      "stack export --show-secrets",
      "replaceState",
    ]);
  });

  it("does nothing where whoever had the lock has ended its work meanwhile", async () => {
    const ended = state();
    const { result, calls } = await recovered(state(namespace), [ended]);
    assert.equal(result, ended);
    assert.deepEqual(calls, [`state unprotect ${root.urn} --yes`]);
  });

  it("puts no older state in the place of one that another run wrote meanwhile", async () => {
    const { result, calls } = await recovered(state(namespace), [state(namespace), state()]);
    assert.ok(result instanceof UserError);
    assert.match(
      result.message,
      /Another run has changed the state.*Nothing was changed\.\nFix: .*make up STACK=prod$/,
    );
    assert.ok(!calls.includes("replaceState"));
  });

  it("settles what it can look up, keeps the state from before in a file, and names it", async () => {
    const { result, lines } = await recovered(state(namespace));
    assert.deepEqual((result as State).deployment.pending_operations, []);
    assert.deepEqual(lines, [
      "An earlier run was killed; what it was doing:",
      "  Namespace shop: not in the cluster, so it is made anew",
      "The state before is kept in /state/before.json",
    ]);
  });

  it("stops at a resource of a cloud that may be there, and leaves the state as it was", async () => {
    const { result, calls, lines } = await recovered(state(cluster));
    assert.ok(result instanceof UserError);
    assert.match(result.message, /Nothing was changed now/);
    assert.match(result.message, /pulumi import aws:eks\/cluster:Cluster name <its id>/);
    assert.ok(!calls.includes("replaceState"));
    assert.match(lines.join("\n"), /Cluster name: interrupted while creating; only its cloud knows/);
  });

  it("saves what it settled beside it, so that the command that forgets the rest does not forget that too", async () => {
    const { result, calls } = await recovered(state(namespace, cluster));
    assert.ok(result instanceof UserError);
    assert.equal(calls.at(-1), "replaceState");
  });
});
