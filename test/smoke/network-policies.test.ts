import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import type { Services } from "../../components/service.ts";
import { services } from "../../services.ts";
import { attempt, policyAssertion, type Exec } from "../../smoke/network-policies.ts";
import { isFailure, resultText } from "../../smoke/smoke.ts";

const tried = {
  from: "worker",
  forbidden: { key: "postgres", port: 5432 },
  allowed: { key: "redis", port: 6379 },
};
const ask = () => Promise.reject(new Error("nothing is asked over HTTP"));

/** What the assertion got from pods that print hosts, and how it counts, for a cluster that says whether it enforces. */
async function judged(exec: Exec, isEnforced: boolean) {
  const assertion = policyAssertion(tried, isEnforced, exec);
  const got = await assertion.check(ask, () => undefined);
  const result = { assertion, got, seconds: 1 };
  return { got, fails: isFailure(result), text: resultText(result, "kubectl -n app") };
}
const printing = (text: string) => () => Promise.resolve(text);

describe("the assertion about network policies", () => {
  it("tries a service with data that worker does not use, and one that it uses", () => {
    assert.deepEqual(attempt(services), tried);
    const { redis, postgres } = services;
    assert.equal(attempt({ redis, postgres } satisfies Services), undefined);
  });

  it("holds where the used one alone answers", async () => {
    assert.deepEqual((await judged(printing("redis\n"), true)).got, undefined);
  });

  it("fails where the forbidden one answers and the cluster says that it enforces, and warns elsewhere", async () => {
    for (const isEnforced of [true, false]) {
      const { got, fails, text } = await judged(printing("redis\npostgres\n"), isEnforced);
      assert.equal(got, "postgres answers: network policies are not enforced");
      assert.equal(fails, isEnforced);
      assert.match(
        text,
        isEnforced ? /^ {2}FAILED {2}9 {2}worker cannot/ : /^ {2}warning 9 {2}worker cannot/,
      );
      assert.match(text, /see: +kubectl -n app get networkpolicies$/);
    }
  });

  it("only warns where nothing could be tried, or where nothing answers at all", async () => {
    for (const exec of [printing("\n"), () => Promise.reject(new Error("no pods"))]) {
      const { got, fails, text } = await judged(exec, true);
      assert.match(got ?? "", /^not tried: (redis, which it uses, does not answer either|no pods)$/);
      assert.deepEqual([fails, /see: .*get pods -l component=worker$/.test(text)], [false, true]);
    }
  });

  it("runs a script that prints the hosts at which something answers", async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    let command: readonly string[] = [];
    const ends = { forbidden: { key: "127.0.0.1", port: 1 }, allowed: { key: "localhost", port } };
    await policyAssertion({ from: "worker", ...ends }, true, (_, given) => {
      command = given;
      return Promise.resolve("");
    }).check(ask, () => undefined);
    // The event loop of this process takes no connection meanwhile, but the kernel does.
    const printed = execFileSync(process.execPath, command.slice(1), { encoding: "utf8" });
    server.close();
    assert.equal(printed, "localhost\n");
  });
});
