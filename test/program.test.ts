import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { inventory, only, remote, runStack, spec } from "./support/pulumi.ts";

const everywhere = [
  "ConfigMap client-nginx-*",
  "Deployment client",
  "Deployment server",
  "Deployment worker",
  "Namespace multi-client",
  "PersistentVolumeClaim postgres-backup-manager",
  "PersistentVolumeClaim postgres-data",
  "PersistentVolumeClaim redis-data",
  "Secret postgres-password-*",
  "Service client",
  "Service postgres",
  "Service postgres-headless",
  "Service redis",
  "Service redis-headless",
  "Service server",
  "ServiceAccount client",
  "ServiceAccount postgres",
  "ServiceAccount redis",
  "ServiceAccount server",
  "ServiceAccount worker",
  "StatefulSet postgres",
  "StatefulSet redis",
];
const stacks = readdirSync(".")
  .map((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1])
  .filter((stack) => stack !== undefined);

describe("the program", () => {
  it("has a stack file for each target it can run on", () => {
    assert.deepEqual(stacks.sort(), ["dev", "prod", "prod-aks", "prod-gke", "sandbox"]);
  });

  for (const stack of ["dev", "sandbox"]) {
    describe(`stack ${stack}`, () => {
      it("makes exactly these objects", async () => {
        assert.deepEqual(inventory(await runStack(stack)), everywhere);
      });

      it("sends every object to the one provider of its cluster", async () => {
        const { resources } = await runStack(stack);
        const provider = only(resources, "pulumi:providers:kubernetes");
        const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
        assert.equal(objects.length, everywhere.length);
        for (const object of objects)
          assert.equal(object.provider, `${provider.urn}::kubernetes-id`, object.urn);
      });

      it("registers nothing but Kubernetes objects, components, two stashes and a provider", async () => {
        const { resources } = await runStack(stack);
        const others = resources.filter(({ type, custom }) => custom && !type.startsWith("kubernetes:"));
        assert.deepEqual(others.map(({ type, name }) => `${type} ${name}`).sort(), [
          "pulumi:index:Stash cluster-fixed",
          "pulumi:index:Stash postgres-password",
          "pulumi:providers:kubernetes kubernetes",
        ]);
      });

      it("exports the four outputs as strings, and no kubeconfig", async () => {
        const { outputs } = await runStack(stack);
        assert.deepEqual(Object.keys(outputs).sort(), ["accessCommand", "clusterName", "namespace", "url"]);
        for (const [name, value] of Object.entries(outputs)) assert.equal(typeof value, "string", name);
      });

      it("gives every resource a parent, except what stands at the root", async () => {
        const { resources } = await runStack(stack);
        const roots = resources.filter(({ parent }) => parent === "").map(({ name }) => name);
        assert.deepEqual(roots.sort(), ["cluster", "cluster-fixed", "multi-client"]);
      });

      it("protects nothing: make down must work", async () => {
        const { resources } = await runStack(stack);
        assert.deepEqual(
          resources.filter(({ protect }) => protect),
          [],
        );
      });
    });
  }

  for (const [stack, own] of [
    ["prod", ["IngressClassParams multi-client-*", "IngressClass multi-client-*", "Ingress client"]],
    ["prod-aks", []],
    ["prod-gke", ["Gateway client", "HTTPRoute client", "HealthCheckPolicy client"]],
  ] as const) {
    describe(`stack ${stack}`, () => {
      it("runs dev's objects, autoscalers and budgets for two of them, a class of disks, and its own way in", async () => {
        const several = ["client", "server"].flatMap((name) => [
          `HorizontalPodAutoscaler ${name}`,
          `PodDisruptionBudget ${name}`,
        ]);
        const expected = [...everywhere, ...several, ...own, "StorageClass multi-client-*"];
        assert.deepEqual(inventory(await runStack(stack)), expected.sort());
      });

      it("runs them on the one provider of the cluster it makes, which only its own cloud's resources precede", async () => {
        const { resources } = await runStack(stack);
        const provider = only(resources, "pulumi:providers:kubernetes");
        for (const object of resources.filter(({ type }) => type.startsWith("kubernetes:")))
          assert.equal(object.provider, `${provider.urn}::kubernetes-id`, object.urn);
        const clouds = new Set(
          resources.map(({ type }) => /^(aws|azure-native|gcp):/.exec(type)?.[1]).filter(Boolean),
        );
        assert.equal(clouds.size, 1);
      });

      it("exports its kubeconfig as a secret, with no credential in it", async () => {
        const { outputs } = await runStack(stack);
        const kubeconfig = String(outputs.kubeconfig);
        assert.match(kubeconfig, /"exec":\{"apiVersion":"client\.authentication\.k8s\.io\/v1beta1"/);
        assert.doesNotMatch(kubeconfig, /"token"|password|client-key|AWS_PROFILE|\/home|\/root/);
      });

      it("opens no node port, and protects what holds data", async () => {
        const { resources } = await runStack(stack);
        for (const service of resources.filter(({ type }) => type === "kubernetes:core/v1:Service"))
          assert.equal(spec(service).ports[0].nodePort, undefined, service.name);
        for (const { type, name, protect } of resources)
          if (/:(Namespace|PersistentVolumeClaim|StatefulSet)$/.test(type)) assert.ok(protect, name);
      });
    });
  }

  it("makes no cloud resource for dev", async () => {
    const { resources } = await runStack("dev");
    assert.deepEqual(
      resources.filter(({ type }) => /^(aws|azure-native|gcp):/.test(type)),
      [],
    );
  });

  it("runs the same objects in sandbox as in dev", async () => {
    const [dev, sandbox] = [await runStack("dev"), await runStack("sandbox")];
    assert.deepEqual(inventory(sandbox), inventory(dev));
  });

  it("tells how to reach dev", async () => {
    const { outputs } = await runStack("dev");
    assert.deepEqual(outputs, {
      url: "http://192.168.49.2:31515/",
      accessCommand: "echo http://$(minikube ip -p minikube):31515/",
      namespace: "multi-client",
      clusterName: "minikube",
    });
  });

  it("exports no url for the sandbox, where nothing answers", async () => {
    assert.equal((await runStack("sandbox")).outputs.url, "");
  });

  describe("on a cluster that is not local", () => {
    const far = { cluster: remote, exposure: undefined };

    it("protects everything that holds data, and nothing else", async () => {
      const { resources } = await runStack("sandbox", far);
      const held = resources
        .filter(({ protect }) => protect)
        .map(({ type, name }) => `${type.split(":")[2] ?? ""} ${name}`);
      assert.deepEqual(held.sort(), [
        "Namespace multi-client",
        "PersistentVolumeClaim postgres-backup-manager",
        "PersistentVolumeClaim postgres-data",
        "PersistentVolumeClaim redis-data",
        "Stash postgres-password",
        "StatefulSet postgres",
        "StatefulSet redis",
      ]);
    });

    it("opens no door by default: every Service is a ClusterIP without a node port", async () => {
      const { resources } = await runStack("sandbox", far);
      const services = resources.filter(({ type }) => type === "kubernetes:core/v1:Service");
      assert.equal(services.length, 6);
      for (const service of services) {
        assert.ok(["ClusterIP", undefined].includes(spec(service).type as string | undefined), service.name);
        assert.equal(spec(service).ports[0].nodePort, undefined, service.name);
      }
    });
  });

  it("keeps every setting that is fixed at creation in the state, and offers it to no one again", async () => {
    const { resources } = await runStack("sandbox");
    const stash = only(resources, "pulumi:index:Stash", "cluster-fixed");
    assert.deepEqual(stash.inputs, {
      input: {
        "multi-client:cluster.provider": "existing",
        "multi-client:cluster.profile": "",
        "multi-client:cluster.context": "kwok-multi-client",
        "multi-client:cluster.storageClass": "",
        "multi-client:namespace": "multi-client",
      },
    });
    assert.deepEqual(stash.ignoreChanges, ["input"]);
    assert.equal(resources[0]?.urn, stash.urn, "everything else waits for the check");
  });

  describe("how long it waits", () => {
    const limits = async (sections: Record<string, unknown>, stack = "sandbox") =>
      (await runStack(stack, sections)).resources
        .filter(({ timeout, type }) => timeout !== "" && /kubernetes:(core|apps|networking)/.test(type))
        .map(({ type, name, timeout }) => `${type.split(":")[2] ?? ""} ${name} ${timeout}`)
        .sort();

    it("gives everything with pods a limit, a slow database and who waits for it a longer one", async () => {
      const exposure = { type: "loadBalancer" };
      assert.deepEqual(await limits({ cluster: remote, exposure }), [
        "Deployment client 360s",
        "Deployment server 900s",
        "Deployment worker 420s",
        "Service client 900s",
        "Service postgres 900s",
        "Service postgres-headless 900s",
        "Service redis 420s",
        "Service redis-headless 420s",
        "Service server 900s",
        "StatefulSet postgres 900s",
        "StatefulSet redis 420s",
      ]);
    });

    it("gives pods of a managed cluster the time for a node to come, and addresses no more than elsewhere", async () => {
      const found = await limits({}, "prod");
      for (const line of ["Deployment client 960s", "StatefulSet postgres 1500s", "Ingress client 900s"])
        assert.ok(found.includes(line), line);
    });

    it("takes the stack's limit for everything, an Ingress too", async () => {
      const found = await limits({ exposure: { type: "ingress" }, rollout: { timeoutSeconds: 20 } });
      assert.equal(found.length, 12);
      assert.deepEqual(
        found.filter((line) => !line.endsWith(" 20s")),
        [],
      );
      assert.ok(found.includes("Ingress client 20s"));
    });
  });

  it("puts everything into the namespace that the stack file names", async () => {
    const { resources } = await runStack("dev", { namespace: "elsewhere" });
    for (const { type, name, inputs } of resources.filter((r) => r.type.startsWith("kubernetes:"))) {
      const metadata = inputs.metadata as { name: string; namespace?: string };
      assert.equal(type.endsWith(":Namespace") ? metadata.name : metadata.namespace, "elsewhere", name);
    }
  });
});
