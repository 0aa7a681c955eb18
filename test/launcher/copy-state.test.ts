import assert from "node:assert/strict";
import {
  copyComplaint,
  copyState,
  copyText,
  stateComplaint,
  stateOf,
  stateText,
} from "../../launcher/backups/copy-state.ts";
import type { Kubectl } from "../../launcher/cluster/kubectl.ts";

const now = Date.parse("2026-11-27T12:00:00Z");
const at = (hours: number) => new Date(now - hours * 3_600_000).toISOString();
const cronJob = (lastSuccessfulTime?: string) => ({
  kind: "CronJob",
  metadata: { name: "copy", creationTimestamp: at(100) },
  status: lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime },
});
const job = (name: string, hours: number, type: string, message = "") => ({
  kind: "Job",
  metadata: { name, creationTimestamp: at(hours) },
  status: { conditions: [{ type, status: "True", message }] },
});
const pod = (of: string, hours: number, status: object) => ({
  kind: "Pod",
  metadata: {
    name: `${of}-x`,
    creationTimestamp: at(hours),
    labels: { "batch.kubernetes.io/job-name": of },
  },
  status,
});
const ended = (exitCode: number, message: string) => [{ state: { terminated: { exitCode, message } } }];
const why = (items: Parameters<typeof stateOf>[0]) => {
  const state = stateOf(items);
  assert.ok(state);
  return copyComplaint(state, now);
};

describe("the copies to a bucket", () => {
  it("are looked for by the labels of the application, not by what another one may call a component", async () => {
    const calls: string[] = [];
    const kubectl: Kubectl = {
      command: ["kubectl"],
      run: (args) => {
        calls.push(args.join(" "));
        return Promise.resolve('{"items":[]}');
      },
    };
    await copyState(kubectl, "postgres");
    const labels = "component=postgres-bucket-copy,app.kubernetes.io/part-of=multi-client";
    assert.deepEqual(calls, [`get cronjobs,jobs,pods -l ${labels} -o json`]);
  });

  it("are none where there is no CronJob", () => {
    assert.equal(stateOf([]), undefined);
  });

  it("are as they should be when the last one succeeded within 26 hours, or the stack is as young", () => {
    assert.equal(why([cronJob(at(25)), job("a", 25, "Complete")]), undefined);
    assert.match(copyText({ since: at(9), lastSuccess: at(2) }, now), /^the last one was .* 2\.0 h ago$/);
    assert.equal(copyComplaint({ since: at(3) }, now), undefined);
    assert.equal(copyText({ since: at(3) }), "none is in the bucket yet");
  });

  it("are not when they are older, or never came", () => {
    assert.match(
      why([cronJob(at(30))]) ?? "",
      /^the last copy to the bucket is 30 h old, and 26 h are the limit$/,
    );
    assert.match(why([cronJob()]) ?? "", /^nothing was copied to the bucket in the 100 h/);
  });

  it("say why the last job failed: what its last pod said, else the job", () => {
    const failed = [
      cronJob(at(2)),
      job("old", 20, "Complete"),
      job("new", 1, "Failed", "BackoffLimitExceeded"),
    ];
    assert.match(why(failed) ?? "", /^the last copy to the bucket failed \(job new\): BackoffLimitExceeded$/);
    const pods = [
      pod("new", 1, { containerStatuses: ended(1, "first\nearlier") }),
      pod("new", 0.5, {
        initContainerStatuses: ended(0, ""),
        containerStatuses: ended(1, "one\nAccessDenied\n"),
      }),
      pod("old", 0.1, { containerStatuses: ended(1, "of another job") }),
    ];
    assert.match(why([...failed, ...pods]) ?? "", /\(job new\): AccessDenied$/);
    const evicted = pod("new", 0.4, { message: "the node was low on ephemeral-storage" });
    assert.match(why([...failed, ...pods, evicted]) ?? "", /low on ephemeral-storage$/);
    assert.equal(why([...failed, ...pods, job("next", 0.2, "Complete")]), undefined);
  });

  it("say what a pod waits for in vain, and nothing while it starts", () => {
    const waiting = (reason: string, message?: string) =>
      pod("a", 1, { initContainerStatuses: [{ state: { waiting: { reason, message } } }] });
    const running = { kind: "Job", metadata: { name: "a", creationTimestamp: at(1) }, status: {} };
    const said = why([
      cronJob(at(2)),
      running,
      waiting("CreateContainerConfigError", 'secret "keys" not found'),
    ]);
    assert.match(said ?? "", /cannot go on \(job a\): secret "keys" not found$/);
    assert.equal(why([cronJob(at(2)), running, waiting("PodInitializing")]), undefined);
  });

  it("are a part of the state of the backups, behind that of the dumps", () => {
    const dumps = [{ name: "multi-1", bytes: 1, at: at(1), verified: "restored" as const }];
    const list = { status: null, freeBytes: 1, dumps };
    const copy = { since: at(100), lastSuccess: at(30) };
    assert.match(stateComplaint({ ...list, copy }, now) ?? "", /30 h old/);
    assert.match(stateComplaint({ ...list, dumps: [], copy }, now) ?? "", /no verified backup/);
    assert.match(stateText({ ...list, copy }, now), /^Backups: {2}not as they should be: the last copy/);
    assert.match(
      stateText({ ...list, copy: { since: at(9), lastSuccess: at(2) } }, now),
      /1\.0 h old; the last one/,
    );
    assert.doesNotMatch(stateText(list, now), /bucket/);
  });
});
