import assert from "node:assert/strict";
import type { Recorded } from "../render/recorder.ts";
import { services } from "../services.ts";
import { only, runStack, spec } from "./support/pulumi.ts";

/** The pod spec of a workload. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function pod(resources: readonly Recorded[], kind: string, name: string): any {
  return spec(only(resources, `kubernetes:apps/v1:${kind}`, name)).template.spec;
}

/** The value of an environment variable of a pod's first container. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function env(podSpec: any, name: string): any {
  return podSpec.containers[0].env.find((variable: { name: string }) => variable.name === name);
}

describe("the traps of the multi-client stack", () => {
  let resources: readonly Recorded[];
  before(async () => {
    ({ resources } = await runStack("dev"));
  });

  it("T1: postgres' major is pinned, its claim is mounted at /var/lib/postgresql, PGDATA lies below", () => {
    const postgres = pod(resources, "StatefulSet", "postgres");
    assert.match(postgres.containers[0].image as string, /^postgres:17\..*@sha256:[0-9a-f]{64}$/);
    assert.equal(env(postgres, "PGDATA").value, "/var/lib/postgresql/pgdata");
    const mount = postgres.containers[0].volumeMounts.find(
      (m: { name: string }) => m.name === "postgres-data",
    );
    assert.deepEqual(mount, { name: "postgres-data", mountPath: "/var/lib/postgresql" });
  });

  it("T2: the server's image is the one that can log in with SCRAM", () => {
    assert.match(pod(resources, "Deployment", "server").containers[0].image as string, /multi-server-pgfix/);
    assert.equal(env(pod(resources, "StatefulSet", "postgres"), "POSTGRES_HOST_AUTH_METHOD"), undefined);
  });

  it("T3: the password is made once: what a later run would put in its place is ignored", () => {
    const { ignoreChanges, secretOutputs } = only(resources, "pulumi:index:Stash", "postgres-password");
    assert.deepEqual([ignoreChanges, secretOutputs], [["input"], ["input", "output"]]);
  });

  it("T3: the administrator's password is postgres' own; the server has a role, and both from one Secret", () => {
    const secret = (name: string) => {
      const { inputs } = only(resources, "kubernetes:core/v1:Secret", name);
      return (inputs.metadata as { name: string }).name;
    };
    const reference = (of: ReturnType<typeof pod>, name: string) => env(of, name).valueFrom.secretKeyRef;
    const administrator = { name: secret("postgres-password"), key: "PGPASSWORD" };
    const postgres = pod(resources, "StatefulSet", "postgres");
    assert.deepEqual(reference(postgres, "POSTGRES_PASSWORD"), administrator);
    assert.doesNotMatch(JSON.stringify(postgres), /postgres-login/, "a rotation must not roll the database");
    const server = pod(resources, "Deployment", "server");
    const login = secret("postgres-login");
    assert.equal(env(server, "PGUSER").value, "multi_a");
    assert.deepEqual(reference(server, "PGPASSWORD"), { name: login, key: "password" });
    assert.doesNotMatch(JSON.stringify(server.containers), /postgres-password/);
  });

  it("postgres may take ten minutes to start, to be made or to recover, before the kubelet restarts it", () => {
    const { startupProbe } = pod(resources, "StatefulSet", "postgres").containers[0];
    assert.equal(startupProbe.periodSeconds * startupProbe.failureThreshold, 600);
  });

  it("T4: the server waits in its pod, with postgres' own tool, until its role is in the database", () => {
    const [wait] = pod(resources, "Deployment", "server").initContainers;
    assert.equal(wait.image, services.postgres.image);
    assert.match(wait.command.at(-1) as string, /psql [\s\S]*\nn=0; until create_login; do/);
    const keys = ["VERIFIER", "PGPASSWORD"].map(
      (name) => wait.env.find((each: { name: string }) => each.name === name)?.valueFrom.secretKeyRef.key,
    );
    assert.deepEqual(keys, ["verifier", "PGPASSWORD"]);
  });

  it("T5: the server's image is taken as it is, by digest", () => {
    assert.match(services.server.image, /@sha256:[0-9a-f]{64}$/);
  });

  it("T6: the node port leads to nginx, which passes /api/ on without its prefix", () => {
    const { data } = only(resources, "kubernetes:core/v1:ConfigMap").inputs as {
      data: Record<string, string>;
    };
    assert.match(data["default.conf"] ?? "", /location \/api\/ \{\s+proxy_pass http:\/\/server:5000\/;/);
    const client = pod(resources, "Deployment", "client");
    const mount = client.containers[0].volumeMounts.find(
      (m: { mountPath: string }) => m.mountPath === "/etc/nginx/conf.d",
    );
    assert.equal(mount.readOnly, true);
  });

  // T7 (which driver needs which command) is test/components/cluster/endpoint.test.ts.

  it("T8: there is one worker, no autoscaler on it, and a roll starts the new one first", () => {
    const worker = spec(only(resources, "kubernetes:apps/v1:Deployment", "worker"));
    assert.equal(worker.replicas, 1);
    assert.deepEqual(worker.strategy, {
      type: "RollingUpdate",
      rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    });
    assert.equal(resources.filter(({ type }) => type.includes("HorizontalPodAutoscaler")).length, 0);
  });

  it("T8: a worker is ready when it has both its connections to redis, and no earlier", () => {
    const [worker] = pod(resources, "Deployment", "worker").containers;
    const port = services.redis.port.toString(16).toUpperCase().padStart(4, "0");
    assert.match(worker.readinessProbe.exec.command.join(" "), new RegExp(`:${port} 01`));
  });

  it("T8: a second worker is refused", async () => {
    const run = runStack("dev", { services: { worker: { scale: { replicas: 2 } } } });
    await assert.rejects(run, /multi-client:services\.worker\.scale[\s\S]*every worker hears every message/);
  });

  it("T9: a crash of the worker is answered by a restart alone: no probe restarts it", () => {
    const [worker] = pod(resources, "Deployment", "worker").containers;
    assert.deepEqual(
      [worker.livenessProbe, worker.startupProbe, worker.ports],
      [undefined, undefined, undefined],
    );
  });

  it("T10: redis keeps its data on a claim, as an append-only file, and drains before it stops", () => {
    const redis = pod(resources, "StatefulSet", "redis").containers[0];
    assert.deepEqual(redis.args, ["redis-server", "--appendonly", "yes"]);
    assert.ok(redis.volumeMounts.some((m: { mountPath: string }) => m.mountPath === "/data"));
    assert.equal(
      spec(only(resources, "kubernetes:core/v1:PersistentVolumeClaim", "redis-data")).resources.requests
        .storage,
      "1Gi",
    );
    assert.deepEqual(redis.lifecycle, { preStop: { sleep: { seconds: 5 } } });
  });

  it("T11: the server's / is asked for readiness only; liveness is a connection", () => {
    const [server] = pod(resources, "Deployment", "server").containers;
    assert.deepEqual(server.readinessProbe.httpGet, { path: "/", port: 5000 });
    assert.deepEqual(server.livenessProbe.tcpSocket, { port: 5000 });
    assert.equal(server.livenessProbe.httpGet, undefined);
  });

  it("every pod is fit for Pod Security restricted, and the namespace enforces it", () => {
    const { labels } = only(resources, "kubernetes:core/v1:Namespace").inputs.metadata as {
      labels: Record<string, string>;
    };
    assert.equal(labels["pod-security.kubernetes.io/enforce"], "restricted");
    for (const workload of resources.filter(({ type }) => /:(Deployment|StatefulSet)$/.test(type))) {
      const {
        containers,
        initContainers = [],
        securityContext,
        automountServiceAccountToken,
      } = spec(workload).template.spec;
      assert.equal(automountServiceAccountToken, false, workload.name);
      assert.equal(securityContext.runAsNonRoot, true, workload.name);
      assert.ok(securityContext.runAsUser > 0, workload.name);
      for (const { name, securityContext: own } of [...containers, ...initContainers]) {
        assert.equal(own.allowPrivilegeEscalation, false, name as string);
        assert.equal(own.readOnlyRootFilesystem, true, name as string);
        assert.deepEqual(own.capabilities, { drop: ["ALL"] }, name as string);
        assert.deepEqual(own.seccompProfile, { type: "RuntimeDefault" }, name as string);
      }
    }
  });
});
