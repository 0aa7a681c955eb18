import assert from "node:assert/strict";
import { NOT_READY, withReasons } from "../../launcher/hints/not-ready.ts";
import { UserError } from "../../system/errors.ts";

const cli = { stack: "prod", byHand: "/c/pulumi" };
const pod = (name: string, status: object, rest: object = {}) => ({
  metadata: { name, ...rest },
  spec: {},
  status,
});
const unmet = (type: string, message: string) => ({ type, status: "False", message });
const owned = { ownerReferences: [{ kind: "StatefulSet" }] };

const found: Readonly<Record<string, readonly object[]>> = {
  pods: [
    pod("client-1", { conditions: [{ type: "Ready", status: "True" }] }),
    pod("server-1", {
      conditions: [unmet("Ready", "containers with unready status: [server]")],
      containerStatuses: [
        {
          name: "server",
          restartCount: 3,
          state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 40s" } },
        },
      ],
    }),
    pod("worker-1", { conditions: [unmet("Ready", "containers with unready status: [worker]")] }),
    pod("redis-0", { conditions: [unmet("PodScheduled", "0/3 nodes are available")] }, owned),
    pod("postgres-0", {}, { ...owned, deletionTimestamp: "2026-01-01T00:00:00Z" }),
  ],
  deployments: [
    {
      metadata: { name: "worker" },
      spec: {},
      status: {
        conditions: [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "quota" }],
      },
    },
  ],
  statefulsets: [
    { metadata: { name: "redis" }, spec: { replicas: 1 } },
    { metadata: { name: "fine" }, spec: { replicas: 1 }, status: { readyReplicas: 1 } },
  ],
  persistentvolumeclaims: [{ metadata: { name: "redis-data" }, spec: {}, status: { phase: "Pending" } }],
  events: [
    ["StatefulSet", "redis", "Warning", "an older one"],
    ["StatefulSet", "redis", "Warning", "violates PodSecurity"],
    ["StatefulSet", "fine", "Warning", "long ago"],
    ["PersistentVolumeClaim", "redis-data", "Normal", "waiting"],
  ].map(([kind, name, type, message]) => ({
    type,
    reason: "FailedCreate",
    message,
    involvedObject: { kind, name },
  })),
};
const get = (path: string) => Promise.resolve({ items: found[path.split("/").at(-1) ?? ""] });

describe("a wait that timed out", () => {
  it("names the setting that helps where a registry gives no image", async () => {
    const asked = (message: string) => {
      const waiting = {
        name: "server",
        restartCount: 0,
        state: { waiting: { reason: "ErrImagePull", message } },
      };
      const conditions = [unmet("Ready", "containers with unready status: [server]")];
      const items = [pod("server-1", { conditions, containerStatuses: [waiting] })];
      const only = (path: string) => Promise.resolve({ items: path.endsWith("/pods") ? items : [] });
      return withReasons(new UserError(`${NOT_READY}: server.`), only, "shop", "kubectl", cli);
    };
    assert.match(
      String(await asked("429 Too Many Requests: toomanyrequests: You have reached your limit")),
      /images\.registry/,
    );
    assert.doesNotMatch(String(await asked("not found")), /images\.registry/);
    assert.match(
      String(
        await asked(
          'failed to pull image "r.test/redis:8": pull access denied, repository does not exist or may require authorization',
        ),
      ),
      /kubectl create secret docker-registry registry-login --docker-server=r\.test .*\n {2}\/c\/pulumi config set --stack prod --plaintext --path 'multi-client:images\.pullSecret' registry-login/,
    );
    assert.doesNotMatch(String(await asked("not found")), /images\.pullSecret/);
    assert.match(
      String(await asked('failed to pull image "r.test;sh/redis:8": pull access denied')),
      / '--docker-server=r\.test;sh' /,
    );
  });

  it("is reported with the cluster's own reasons, also those that the plugin does not read", async () => {
    const error = new UserError(`${NOT_READY}: server.\nFix: x`, 255);
    const explained = await withReasons(error, get, "ns", "kubectl -n ns", cli);
    assert.ok(explained instanceof UserError);
    assert.equal(explained.exitCode, 255);
    assert.deepEqual(explained.message.split("\n"), [
      `${NOT_READY}: server.`,
      "  Pod server-1: container server: CrashLoopBackOff after 3 restarts: back-off 40s",
      "  Pod worker-1: containers with unready status: [worker]",
      "  Pod redis-0: cannot be placed: 0/3 nodes are available",
      "  Pod postgres-0: should be gone, and node (none) has not confirmed that it is",
      "  Deployment worker: FailedCreate: quota",
      "  StatefulSet redis: FailedCreate: violates PodSecurity",
      "Fix: x",
      "A StatefulSet keeps a broken pod also when its cause is corrected. While that make up waits, or after it, delete it:",
      "  kubectl -n ns delete pod redis-0 postgres-0",
      "  (stays Terminating on a node that is lost: once that is gone for good, add --force)",
    ]);
  });

  it("keeps its error where the cluster does not answer, as every other error does", async () => {
    const error = new UserError(`${NOT_READY}: server.`);
    const away = () => Promise.reject(new Error("away"));
    assert.equal(await withReasons(error, away, "ns", "kubectl", cli), error);
    const other = new UserError("something else");
    assert.equal(await withReasons(other, get, "ns", "kubectl", cli), other);
  });
});
