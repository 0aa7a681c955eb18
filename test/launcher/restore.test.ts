import assert from "node:assert/strict";
import type { BackupContainer } from "../../launcher/backups/backup-container.ts";
import type { Dump } from "../../launcher/backups/dump-list.ts";
import { restoreDump } from "../../launcher/backups/restore.ts";

/** A container with some dumps, whose functions do nothing but fail where they are told to. */
function container(
  dumps: readonly Dump[],
  fails: Readonly<Record<string, string>> = {},
  interrupted?: string,
) {
  const calls: string[] = [];
  const call = (name: string, ...args: readonly string[]) => {
    calls.push([name, ...args].join(" "));
    if (fails[name] !== undefined) return Promise.reject(new Error(fails[name]));
    const answers: Readonly<Record<string, unknown>> = {
      restore_state: { old: interrupted !== undefined, from: interrupted ?? null },
      list: { status: null, freeBytes: 1, dumps },
    };
    return Promise.resolve(name in answers ? JSON.stringify(answers[name]) : "multi-3");
  };
  const run = ([, kind]: readonly string[]) => {
    if (fails.kubectl !== undefined) return Promise.reject(new Error(fails.kubectl));
    const annotations = interrupted === undefined ? {} : { "multi-client/replicas-before-restore": "0" };
    return Promise.resolve(
      kind === "pods" ? "" : JSON.stringify({ metadata: { annotations }, spec: { replicas: 0 } }),
    );
  };
  const played = { kubectl: { run }, call, lock: () => Promise.resolve(() => undefined) };
  return { calls, container: played as unknown as BackupContainer };
}
const dump = (name: string, purpose = ""): Dump => ({ name, bytes: 1, verified: "restored", purpose });
const steps = {
  run: <T>(_: string, work: (log: () => void) => Promise<T>) => work(() => undefined),
} as never;
const options = { steps, log: () => undefined, named: "STACK=x" };

describe("a restore", () => {
  it("of the latest passes over the dump that an interrupted one made of the data to be replaced", async () => {
    const { calls, container: made } = container([dump("multi-2", "restore"), dump("multi-1")]);
    assert.equal(await restoreDump(made, "latest", options), "multi-1");
    assert.deepEqual(calls, ["restore_state", "list", "prepare multi-1", "dump_replaced", "swap multi-1"]);
  });

  it("whose present data cannot be dumped says how to do without, and then does", async () => {
    const { calls, container: made } = container([dump("multi-1")], { dump_replaced: "a page is broken" });
    await assert.rejects(restoreDump(made, "multi-1", options), {
      name: "UserError",
      message: /^a page is broken\n.*make restore STACK=x FROM=multi-1 SAFETY=none/,
    });
    assert.ok(!calls.includes("swap multi-1"));
    await restoreDump(made, "multi-1", { ...options, safetyDump: false });
    assert.equal(calls.at(-1), "swap multi-1");
  });

  it("is the administrator's where it is told so", async () => {
    const { calls, container: made } = container([dump("multi-1")]);
    await restoreDump(made, "multi-1", { ...options, asAdministrator: true });
    assert.ok(calls.includes("prepare multi-1 administrator"));
  });

  it("finishes one that was interrupted after the change, and says so where another dump is asked for", async () => {
    const { calls, container: made } = container([dump("multi-2"), dump("multi-1")], {}, "multi-1");
    for (const from of ["latest", "multi-1", "./multi-1.dump"])
      assert.equal(await restoreDump(made, from, options), "multi-1");
    await assert.rejects(restoreDump(made, "multi-2", options), {
      name: "UserError",
      message: /^The restore of multi-1 is finished; multi-2 was not restored\.\n.*make restore-done STACK=x/,
    });
    assert.deepEqual(new Set(calls), new Set(["restore_state"]));
  });

  it("that fails twice says both reasons", async () => {
    const { container: made } = container([dump("multi-1")], { kubectl: "the API server is away" });
    await assert.rejects(restoreDump(made, "multi-1", options), {
      message: /the API server is away\nThe writers did not start again either: the API server is away/,
    });
  });
});
