import assert from "node:assert/strict";
import { services } from "../../services.ts";
import { inventory, only, runStack, spec } from "../support/pulumi.ts";

describe("the settings of a service", () => {
  it("replace single values of the default resources, in init containers too", async () => {
    const limits = { memory: "300Mi" };
    const { resources } = await runStack("dev", { services: { server: { resources: { limits } } } });
    const pod = spec(only(resources, "kubernetes:apps/v1:Deployment", "server")).template.spec;
    const disk = { "ephemeral-storage": "256Mi" };
    const expected = { requests: { cpu: "50m", memory: "96Mi", ...disk }, limits: { ...limits, ...disk } };
    assert.deepEqual(pod.containers[0].resources, expected);
    assert.deepEqual(pod.initContainers[0].resources, expected);
  });

  it("give the claim its size", async () => {
    const { resources } = await runStack("dev", { services: { postgres: { storage: { size: "9Gi" } } } });
    const claim = only(resources, "kubernetes:core/v1:PersistentVolumeClaim", "postgres-data");
    assert.equal(spec(claim).resources.requests.storage, "9Gi");
  });

  it("leave all sidecars on: a logger that reads the log of postgres, a backup-manager with its claim", async () => {
    const { resources } = await runStack("dev");
    const { containers } = spec(only(resources, "kubernetes:apps/v1:StatefulSet", "postgres")).template.spec;
    assert.deepEqual(
      containers.map((c: { name: string }) => c.name),
      ["postgres", "logger", "backup-manager"],
    );
    const mounts = (i: number) =>
      containers[i].volumeMounts.map((m: { mountPath: string }) => m.mountPath) as string[];
    assert.ok(mounts(0).includes("/var/log/postgresql") && mounts(1).includes("/var/log/postgresql"));
    assert.ok(containers[0].args.includes("log_directory=/var/log/postgresql"));
    assert.ok(mounts(2).includes("/backup") && !mounts(0).includes("/backup"));
  });

  it("switch a sidecar off: its container and arguments go, and its claim stays", async () => {
    const sidecars = { logger: false, "backup-manager": false };
    const rendered = await runStack("dev", { services: { postgres: { sidecars } } });
    const { containers } = spec(only(rendered.resources, "kubernetes:apps/v1:StatefulSet", "postgres"))
      .template.spec;
    assert.equal(containers.length, 1);
    assert.equal(containers[0].args, undefined);
    assert.ok(inventory(rendered).includes("PersistentVolumeClaim postgres-backup-manager"));
  });

  it("leave a service to nodes of its image's architecture, unless the stack names the image", async () => {
    const selectors = async (stack: string, sections = {}) => {
      const { resources } = await runStack(stack, sections);
      const workloads = [
        only(resources, "kubernetes:apps/v1:Deployment", "client"),
        only(resources, "kubernetes:apps/v1:Deployment", "server"),
        only(resources, "kubernetes:apps/v1:StatefulSet", "redis"),
      ];
      return workloads.map((each): unknown => spec(each).template.spec.nodeSelector);
    };
    const amd64 = { "kubernetes.io/arch": "amd64" };
    const own = { client: `mine:1@sha256:${"0".repeat(64)}` };
    assert.deepEqual(await selectors("dev"), [amd64, amd64, undefined]);
    assert.deepEqual(await selectors("prod", { images: { registry: "r.example.com" } }), [
      amd64,
      amd64,
      undefined,
    ]);
    assert.deepEqual(await selectors("prod", { images: own }), [undefined, amd64, undefined]);
  });

  it("keep the only pod of a service from being moved, where the cluster moves pods to save nodes", async () => {
    const annotations = async (stack: string) => {
      const { resources } = await runStack(stack);
      const workloads = [
        only(resources, "kubernetes:apps/v1:Deployment", "server"),
        only(resources, "kubernetes:apps/v1:Deployment", "worker"),
        only(resources, "kubernetes:apps/v1:StatefulSet", "redis"),
        only(resources, "kubernetes:apps/v1:StatefulSet", "postgres"),
      ];
      return workloads.map((each): unknown => spec(each).template.metadata.annotations);
    };
    const eks = { "karpenter.sh/do-not-disrupt": "true" };
    const aks = { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" };
    assert.deepEqual(await annotations("prod"), [undefined, eks, eks, eks]);
    assert.deepEqual(await annotations("prod-aks"), [undefined, aks, aks, aks]);
    for (const stack of ["prod-gke", "dev", "sandbox"])
      assert.deepEqual(await annotations(stack), [undefined, undefined, undefined, undefined]);
  });

  it("give the claim of the backups the size of the data's, or its own", async () => {
    const size = async (postgres: object) => {
      const { resources } = await runStack("dev", { services: { postgres } });
      const claim = only(resources, "kubernetes:core/v1:PersistentVolumeClaim", "postgres-backup-manager");
      return spec(claim).resources.requests.storage as string;
    };
    assert.equal(await size({}), "2Gi");
    assert.equal(await size({ storage: { size: "9Gi" } }), "9Gi");
    assert.equal(await size({ storage: { size: "9Gi" }, backups: { size: "20Gi" } }), "20Gi");
  });

  it("pull with the Secret that the stack names, each of them, and with none unless it does", async () => {
    const secrets = async (images: object) => {
      const { resources } = await runStack("dev", { images });
      const workloads = resources.filter(({ type }) => /:(Deployment|StatefulSet)$/.test(type));
      assert.equal(workloads.length, Object.keys(services).length);
      return workloads.map((each): unknown => spec(each).template.spec.imagePullSecrets);
    };
    for (const each of await secrets({ pullSecret: "login" })) assert.deepEqual(each, [{ name: "login" }]);
    for (const each of await secrets({})) assert.equal(each, undefined);
  });

  it("replace images wherever they run, in waits and sidecars too", async () => {
    const { resources } = await runStack("dev", {
      images: { postgres: "mine:1", registry: "r.example.com" },
    });
    const set = spec(only(resources, "kubernetes:apps/v1:StatefulSet", "postgres")).template.spec;
    const server = spec(only(resources, "kubernetes:apps/v1:Deployment", "server")).template.spec;
    assert.deepEqual([...new Set(set.containers.map((c: { image: string }) => c.image))], ["mine:1"]);
    assert.equal(server.initContainers[0].image, "mine:1");
    assert.match(server.containers[0].image as string, /^r\.example\.com\/cygnetops\//);
  });
});
