import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { get, list, patch, until } from "../e2e/cluster.ts";
import { deployment, map, Project, rule, ruleSince, runnable, type Listed } from "./project.ts";

const service = (name: string, spec: object, annotations = {}): Listed => ({
  type: "core/v1:Service",
  name,
  props: { metadata: { name, annotations }, spec: { ports: [{ port: 80 }], ...spec } },
});
const claim = (name: string, spec: object = {}): Listed => ({
  type: "core/v1:PersistentVolumeClaim",
  name,
  props: {
    metadata: { name },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } }, ...spec },
  },
});
const set = (spec: object = {}): Listed => {
  const { type, ...rest } = deployment("set", spec);
  return { ...rest, type: type.replace("Deployment", "StatefulSet") };
};
/** The class of claims that name none. */
const defaultClass = async () =>
  (await list("StorageClass")).find(
    ({ metadata }) => metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true",
  );
const broken = "registry.pull.invalid/app:1";
const limited = { customTimeouts: { create: "8s", update: "8s", delete: "8s" } };

describe("kubernetes plugin: replacement, waits", () => {
  let project: Project;
  before(async () => {
    project = await Project.open("waits");
  });
  after(() => project.close());

  rule(
    "a Deployment is awaited until it is available; a changed image does not replace it",
    "provider/pkg/await/deployment.go, provider/diff.go @ 94977969",
    async () => {
      await project.up(deployment("web"), set({ serviceName: "set" }));
      assert.equal((await get("Deployment", "web", project.name))?.status.availableReplicas, 1);
      assert.equal((await get("StatefulSet", "set", project.name))?.status.readyReplicas, 1);
      assert.deepEqual(
        (
          await project.plan(
            deployment("web", { image: `${runnable}x` }),
            set({ serviceName: "set", replicas: 2 }),
          )
        ).sort(),
        ["update set", "update web"],
      );
    },
  );

  // A preview of a replacement under the same name asks the API server as a creation does: until 4.29 as an update.
  ruleSince(
    "4.29.0",
    "a changed selector replaces a Deployment, and another revisionHistoryLimit a StatefulSet",
    "provider/pkg/provider/diff.go @ 94977969",
    async () => {
      const other = { matchLabels: { app: "web", b: "1" } };
      const template = {
        metadata: { labels: other.matchLabels },
        spec: { containers: [{ name: "main", image: runnable }] },
      };
      const plan = await project.plan(
        deployment("web", { selector: other, template }),
        set({ serviceName: "set", revisionHistoryLimit: 3 }),
      );
      for (const name of ["web", "set"]) assert.ok(plan.includes(`replace ${name}`), plan.join());
    },
  );

  for (const [property, spec] of [
    ["serviceName", { serviceName: "other" }],
    ["podManagementPolicy", { serviceName: "set", podManagementPolicy: "Parallel" }],
    [
      "volumeClaimTemplates",
      {
        serviceName: "set",
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
          },
        ],
      },
    ],
  ] as const) {
    ruleSince(
      "4.29.0",
      `another ${property} replaces a StatefulSet`,
      "provider/pkg/provider/diff.go @ 94977969",
      async () => {
        const plan = await project.plan(deployment("web"), set(spec));
        assert.deepEqual(plan, ["replace set"]);
      },
    );
  }

  rule(
    "a claim whose class waits for the first consumer is not awaited",
    "provider/pkg/await/awaiters.go untilCoreV1PersistentVolumeClaimReady @ 94977969",
    async () => {
      await project.up(deployment("web"), set({ serviceName: "set" }), claim("data"));
      const waits = (await defaultClass())?.volumeBindingMode === "WaitForFirstConsumer";
      const phase = (await get("PersistentVolumeClaim", "data", project.name))?.status.phase as string;
      assert.equal(phase, waits ? "Pending" : "Bound");
    },
  );

  ruleSince(
    "4.29.0",
    "class and access modes replace a claim, its size never",
    "provider/pkg/provider/diff.go @ 94977969",
    async () => {
      const others = [deployment("web"), set({ serviceName: "set" })];
      const modes = { accessModes: ["ReadWriteOncePod"] };
      assert.deepEqual(await project.plan(...others, claim("data", modes)), ["replace data"]);
      // Whether it may grow is the API server's to say, by dry-run.
      const larger = claim("data", { resources: { requests: { storage: "2Mi" } } });
      const { code, output } = await project.pulumi([...others, larger], ["preview"]);
      if (code === 0) assert.deepEqual(await project.plan(...others, larger), ["update data"]);
      else assert.match(output, /is forbidden|Forbidden: spec is immutable/);
      assert.deepEqual(await project.plan(...others, claim("data", { storageClassName: "other" })), [
        "replace data",
      ]);
    },
  );

  rule(
    "a Deployment that does not become ready fails at its time-out with the pod's reason; the state keeps it, and the next update goes on",
    "provider/pkg/await/deployment.go, checker/pod/check.go @ 94977969",
    async () => {
      const said = await project.fails(deployment("slow", { image: broken, options: limited }));
      assert.match(said, /timed out waiting to be Ready|did not become live|Minimum number of live Pods/);
      assert.match(said, /ImagePullBackOff|ErrImagePull|containers with unready status/);
      assert.equal((await project.stated("slow")).id, `${project.name}/slow`);
      assert.deepEqual(await project.plan(deployment("slow", { options: limited })), ["update slow"]);
      await project.up(deployment("slow", { options: { customTimeouts: { update: "2m" } } }));
    },
  );

  rule(
    "`pulumi.com/skipAwait` does not wait; `pulumi.com/timeoutSeconds` limits a wait",
    "provider/pkg/await/awaiters.go, metadata/overrides.go @ 94977969",
    async () => {
      await project.up(
        deployment("slow", { image: broken, metadata: { annotations: { "pulumi.com/skipAwait": "true" } } }),
      );
      const annotations = { "pulumi.com/timeoutSeconds": "5" };
      const said = await project.fails(deployment("short", { image: broken, metadata: { annotations } }));
      assert.match(said, /'short' timed out|timed out waiting to be Ready/);
    },
  );

  rule(
    "a Service is awaited until its pods are ready; a headless one, and one without a selector, are not",
    "provider/pkg/await/service.go @ 94977969",
    async () => {
      const headless = service("headless", { clusterIP: "None", selector: { app: "nobody" } });
      await project.up(
        deployment("web"),
        service("web", { selector: { app: "web" } }),
        headless,
        service("bare", {}),
      );
    },
  );

  ruleSince(
    "4.29.0",
    "another clusterIP replaces a Service",
    "provider/pkg/provider/diff.go @ 94977969",
    async () => {
      const headless = service("web", { selector: { app: "web" }, clusterIP: "None" });
      assert.deepEqual(await project.plan(deployment("web"), headless), ["replace web"]);
    },
  );

  rule(
    "a LoadBalancer is awaited until it has an address",
    "provider/pkg/await/service.go @ 94977969",
    async () => {
      const balanced = service("balanced", { type: "LoadBalancer", selector: { app: "web" } });
      const up = project.up(deployment("web"), balanced);
      await until(
        "the Service is there",
        async () => (await get("Service", "balanced", project.name)) !== undefined,
      );
      const address = { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } };
      await patch("Service", "balanced", project.name, { status: address }, "status");
      await up;
      const { outputs } = await project.stated("balanced");
      assert.equal(outputs?.status.loadBalancer.ingress[0].ip, "192.0.2.1");
    },
  );

  rule(
    "an Ingress is awaited until it has an address",
    "provider/pkg/await/ingress.go @ 94977969",
    async () => {
      const backend = { service: { name: "web", port: { number: 80 } } };
      const ingress: Listed = {
        type: "networking.k8s.io/v1:Ingress",
        name: "door",
        props: { metadata: { name: "door" }, spec: { defaultBackend: backend } },
        after: ["web"],
      };
      const up = project.up(deployment("web"), service("web", { selector: { app: "web" } }), ingress);
      await until(
        "the Ingress is there",
        async () => (await get("Ingress", "door", project.name)) !== undefined,
      );
      const address = { loadBalancer: { ingress: [{ hostname: "lb.example.com" }] } };
      await patch("Ingress", "door", project.name, { status: address }, "status");
      await up;
    },
  );

  rule(
    "`pulumi.com/waitFor` with a JSONPath waits until there is a value, on kinds that are not awaited otherwise too",
    "provider/pkg/metadata/overrides.go ReadyCondition, pkg/await/condition @ 94977969",
    async () => {
      const annotations = { "pulumi.com/waitFor": "jsonpath={.data.ready}" };
      const props = { metadata: { name: "gate", annotations }, data: { open: "no" } };
      const gate: Listed = { type: "core/v1:ConfigMap", name: "gate", props };
      const up = project.up(gate);
      await until("it is there", async () => (await get("ConfigMap", "gate", project.name)) !== undefined);
      const before = await Promise.race([up.then(() => "up"), sleep(3000, "waiting")]);
      assert.equal(before, "waiting");
      await patch("ConfigMap", "gate", project.name, { data: { ready: "yes" } });
      await up;
    },
  );

  rule(
    "a NetworkPolicy is not awaited; another selector, peer or port updates it, and only another name replaces it",
    "provider/pkg/provider/diff.go, pkg/await/awaiters.go @ 94977969",
    async () => {
      const policy = (name: string, app: string, port: number): Listed => ({
        type: "networking.k8s.io/v1:NetworkPolicy",
        name: "policy",
        props: {
          metadata: { name },
          spec: {
            podSelector: { matchLabels: { app } },
            policyTypes: ["Ingress", "Egress"],
            ingress: [
              { from: [{ podSelector: { matchLabels: { app } } }], ports: [{ port, protocol: "TCP" }] },
            ],
          },
        },
      });
      await project.up(policy("one", "a", 80));
      assert.deepEqual(await project.plan(policy("one", "a", 80)), []);
      assert.deepEqual(await project.plan(policy("one", "b", 81)), ["update policy"]);
      assert.ok((await project.plan(policy("two", "a", 80))).includes("replace policy"));
    },
  );

  rule(
    "an interrupted wait keeps the object in the state, and the next update goes on",
    "provider/pkg/provider/provider.go Cancel @ 94977969",
    async () => {
      let pid = 0;
      const waiting = deployment("waiting", { image: broken });
      const up = project.pulumi([waiting], ["up", "--yes", "--skip-preview"], {}, (id) => (pid = id));
      await until("it is awaited", async () =>
        (await list("ReplicaSet", project.name)).some(({ metadata }) => metadata.name.startsWith("waiting-")),
      );
      process.kill(pid, "SIGINT");
      assert.notEqual((await up).code, 0);
      assert.equal((await project.stated("waiting")).id, `${project.name}/waiting`);
      await project.up(deployment("waiting"), map("last", {}));
    },
  );
});
