import assert from "node:assert/strict";
import { Application } from "../../components/application.ts";
import { ExistingCluster } from "../../components/cluster/existing.ts";
import type { ServiceDefinition, Services } from "../../components/service.ts";
import { timeoutsOf } from "../../components/timeouts.ts";
import type { Recorded } from "../../render/recorder.ts";
import { only, recordComponents, spec } from "../support/pulumi.ts";

const resources = { requests: { cpu: "50m" }, limits: { memory: "64Mi" } };
const base: ServiceDefinition = { image: "a:1", port: 80, user: 7, resources: {}, gracePeriodSeconds: 1 };
/** A service that says everything a definition can say, and the two that it needs. */
const services: Services = {
  web: {
    image: "web:1",
    command: ["run"],
    args: ["--fast"],
    port: 5000,
    env: {
      TEXT: "text",
      DB_HOST: { host: "db" },
      DB_PORT: { port: "db" },
      PASSWORD: { password: "db" },
    },
    uses: ["db"],
    waits: [{ name: "wait-for-db", imageOf: "db", command: ["until"] }],
    user: 1000,
    group: 2000,
    writable: ["/tmp", "/var/cache/web"],
    probes: {
      startup: { tcpSocket: true, seconds: 61 },
      readiness: { httpGet: "/ready" },
      liveness: { exec: ["check"] },
    },
    resources,
    gracePeriodSeconds: 15,
    drainSeconds: 5,
  },
  db: {
    ...base,
    servicePort: 8000,
    password: "PASSWORD",
    storage: { size: "1Gi", mountPath: "/data" },
    probes: { startup: { tcpSocket: true, seconds: 600 } },
    writable: ["/tmp"],
    sidecars: {
      reader: { command: ["read"], shared: ["/log", "/tmp"], resources: {} },
      sender: { command: ["send"], shared: ["/log"], resources: {} },
    },
  },
  edge: { ...base, edge: { upstream: "web" } },
};

describe("the pod of a service", () => {
  let seen: Recorded[];
  before(async () => {
    seen = await recordComponents(() => {
      const cluster = new ExistingCluster("cluster", { context: { name: "here" }, local: true });
      const exposure = { type: "clusterIP" as const };
      const args = { cluster, namespace: "ns", services, overrides: {}, images: {}, exposure };
      new Application("multi-client", args);
    });
  });

  it("has everything of the definition: image, command, environment, probes, user, disks, time to stop", () => {
    const { metadata } = only(seen, "kubernetes:core/v1:Secret").inputs as { metadata: { name: string } };
    const securityContext = {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    };
    const { topologySpreadConstraints, ...pod } = spec(only(seen, "kubernetes:apps/v1:Deployment", "web"))
      .template.spec;
    assert.equal(topologySpreadConstraints.length, 2);
    assert.deepEqual(pod, {
      serviceAccountName: "web",
      automountServiceAccountToken: false,
      enableServiceLinks: false, // else a Service called redis would set REDIS_PORT=tcp://...
      terminationGracePeriodSeconds: 15,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        runAsGroup: 2000,
        fsGroup: 2000,
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      },
      initContainers: [
        {
          name: "wait-for-db",
          image: "a:1",
          imagePullPolicy: "IfNotPresent",
          command: ["until"],
          resources,
          securityContext,
          volumeMounts: [],
        },
      ],
      containers: [
        {
          name: "web",
          image: "web:1",
          imagePullPolicy: "IfNotPresent",
          command: ["run"],
          args: ["--fast"],
          env: [
            { name: "TEXT", value: "text" },
            { name: "DB_HOST", value: "db" },
            { name: "DB_PORT", value: "8000" },
            { name: "PASSWORD", valueFrom: { secretKeyRef: { name: metadata.name, key: "PASSWORD" } } },
          ],
          ports: [{ name: "port-5000", containerPort: 5000, protocol: "TCP" }],
          startupProbe: { tcpSocket: { port: 5000 }, periodSeconds: 2, failureThreshold: 31 },
          readinessProbe: { httpGet: { path: "/ready", port: 5000 }, timeoutSeconds: 5, periodSeconds: 5 },
          livenessProbe: { exec: { command: ["check"] }, timeoutSeconds: 5, periodSeconds: 10 },
          lifecycle: { preStop: { sleep: { seconds: 5 } } },
          resources,
          securityContext,
          volumeMounts: [
            { name: "tmp", mountPath: "/tmp" },
            { name: "var-cache-web", mountPath: "/var/cache/web" },
          ],
        },
      ],
      volumes: [
        { name: "tmp", emptyDir: {} },
        { name: "var-cache-web", emptyDir: {} },
      ],
    });
  });

  it("mounts a directory once, also one that is writable anyway or that several sidecars share", () => {
    const { containers } = spec(only(seen, "kubernetes:apps/v1:StatefulSet", "db")).template.spec;
    const paths = (containers as { volumeMounts: { mountPath: string }[] }[]).map(({ volumeMounts }) =>
      volumeMounts.map(({ mountPath }) => mountPath),
    );
    assert.deepEqual(paths, [
      ["/tmp", "/log", "/data"],
      ["/tmp", "/log"],
      ["/tmp", "/log"],
    ]);
  });

  it("keeps its user's group where no other is named, and mounts no token", () => {
    const { securityContext } = spec(only(seen, "kubernetes:apps/v1:StatefulSet", "db")).template.spec;
    assert.deepEqual([securityContext.runAsGroup, securityContext.fsGroup], [7, 7]);
    for (const { type, inputs, name } of seen)
      if (type.endsWith(":ServiceAccount")) assert.equal(inputs.automountServiceAccountToken, false, name);
  });

  it("is awaited for 300 s, its own or a used service's start-up window, and the start of a node", () => {
    assert.deepEqual(timeoutsOf(services, "edge", undefined, 0), { pods: 300, address: 900 });
    assert.deepEqual(timeoutsOf(services, "web", undefined, 0), { pods: 900, address: 900 });
    assert.deepEqual(timeoutsOf(services, "db", undefined, 600), { pods: 1500, address: 900 });
    assert.deepEqual(timeoutsOf(services, "db", 20, 600), { pods: 20, address: 20 });
  });
});
