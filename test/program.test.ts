import assert from "node:assert/strict";
import { isCloudType } from "../render/cloud-answers.ts";
import { committedStacks, type Rendered } from "../render/program.ts";
import type { Recorded } from "../render/recorder.ts";
import { inventory, kindOf, objects, only, remote, runStack, spec } from "./support/pulumi.ts";

/** The namespace is among them: with it, every claim would go. */
const holdsData = (resource: Recorded) =>
  ["Namespace", "PersistentVolumeClaim", "StatefulSet"].includes(kindOf(resource)) ||
  (kindOf(resource) === "Stash" && /-(password|login)$/.test(resource.name));
const cloudsOf = ({ resources }: Rendered) =>
  new Set(resources.filter(({ type }) => isCloudType(type)).map(({ type }) => type.split(":")[0]));
const isManaged = (rendered: Rendered) => cloudsOf(rendered).size > 0;
const servicesOf = (rendered: Rendered) => objects(rendered).filter((object) => kindOf(object) === "Service");

// Which resources each stack registers is in test/golden; here is what must hold whatever they are.
describe("the program", () => {
  for (const stack of committedStacks()) {
    describe(`on stack ${stack}`, () => {
      let rendered: Rendered;
      before(async () => {
        rendered = await runStack(stack);
      });

      it("sends every object to the provider of its cluster, which resources of at most one cloud precede", () => {
        const { urn } = only(rendered.resources, "pulumi:providers:kubernetes");
        for (const object of objects(rendered))
          assert.equal(object.provider, `${urn}::kubernetes-id`, object.urn);
        assert.ok(cloudsOf(rendered).size <= 1, [...cloudsOf(rendered)].join(" "));
      });

      it("protects what holds data on a managed cluster, and nothing on a local one: make down must work", () => {
        for (const object of objects(rendered))
          assert.equal(object.protect, isManaged(rendered) && holdsData(object), object.urn);
      });

      it("exports text, and a kubeconfig only as a secret without a credential in it", () => {
        const { kubeconfig, ...others } = rendered.outputs;
        assert.deepEqual(Object.keys(others).sort(), [
          "accessCommand",
          "clusterName",
          "namespace",
          "networkPolicies",
          "url",
        ]);
        for (const [name, value] of Object.entries(others)) assert.equal(typeof value, "string", name);
        if (!isManaged(rendered)) {
          assert.equal(kubeconfig, "", "not undefined: the SDK warns of that in every run");
          return;
        }
        assert.match(String(kubeconfig), /"exec":\{"apiVersion":"client\.authentication\.k8s\.io\/v1beta1"/);
        assert.doesNotMatch(String(kubeconfig), /"token"|password|client-key|AWS_PROFILE|\/home|\/root/);
      });

      it("opens a node port on a local cluster only", () => {
        const opens = servicesOf(rendered).some((service) => spec(service).ports[0].nodePort !== undefined);
        assert.equal(opens, !isManaged(rendered));
      });
    });
  }

  it("runs the same objects in sandbox as in dev", async () => {
    assert.deepEqual(inventory(await runStack("sandbox")), inventory(await runStack("dev")));
  });

  it("says how to reach dev", async () => {
    const { outputs } = await runStack("dev");
    assert.deepEqual(outputs, {
      url: "http://192.168.49.2:31515/",
      accessCommand: "echo http://$(minikube ip -p minikube):31515/",
      kubeconfig: "",
      namespace: "multi-client",
      networkPolicies: "unknown",
      clusterName: "minikube",
    });
  });

  it("exports the url at which the sandbox's real node answers", async () => {
    assert.equal((await runStack("sandbox")).outputs.url, "http://127.0.0.1:31515/");
  });

  it("identifies the cluster by its name, so that another port of its API server replaces nothing", async () => {
    const { inputs } = only((await runStack("dev")).resources, "pulumi:providers:kubernetes");
    const { kubeconfig, context, clusterIdentifier } = inputs;
    assert.deepEqual([kubeconfig, context, clusterIdentifier], ["", "minikube", "minikube"]);
  });

  it("creates no namespace where the stack says that it is there, and everything else in it", async () => {
    const cluster = { ...remote, existingNamespace: true };
    const { resources } = await runStack("sandbox", { cluster, exposure: undefined, namespace: "team" });
    assert.deepEqual(
      resources.filter((resource) => kindOf(resource) === "Namespace"),
      [],
    );
    for (const { inputs, urn } of resources.filter(({ type }) => type.startsWith("kubernetes:")))
      assert.equal((inputs.metadata as { namespace?: string }).namespace, "team", urn);
  });

  it("takes fields over from others on local clusters, and elsewhere where the stack says so", async () => {
    const takesOver = async (stack: string, sections = {}) =>
      only((await runStack(stack, sections)).resources, "pulumi:providers:kubernetes").inputs
        .enablePatchForce;
    assert.deepEqual(
      [
        await takesOver("dev"),
        await takesOver("dev", { rollout: { takeOver: false } }),
        await takesOver("sandbox", { cluster: remote, exposure: undefined }),
        await takesOver("sandbox", { cluster: remote, exposure: undefined, rollout: { takeOver: true } }),
        await takesOver("prod"),
      ],
      ["true", "false", "false", "true", "false"],
    );
  });

  describe("on a cluster that is not local", () => {
    const far = { cluster: remote, exposure: undefined };

    it("protects everything that holds data, and nothing else", async () => {
      for (const resource of (await runStack("sandbox", far)).resources)
        assert.equal(resource.protect, holdsData(resource), resource.urn);
    });

    it("exposes nothing by default: every Service is a ClusterIP without a node port", async () => {
      for (const service of servicesOf(await runStack("sandbox", far))) {
        assert.ok(["ClusterIP", undefined].includes(spec(service).type as string | undefined), service.name);
        assert.equal(spec(service).ports[0].nodePort, undefined, service.name);
      }
    });
  });

  it("keeps every setting that is fixed at creation in the state, and never writes it again", async () => {
    const { resources } = await runStack("sandbox");
    const stash = only(resources, "pulumi:index:Stash", "immutable-settings");
    assert.deepEqual(stash.inputs, {
      input: {
        "multi-client:cluster.provider": "existing",
        "multi-client:cluster.profile": "",
        "multi-client:cluster.context": "sandbox-multi-client",
        "multi-client:cluster.storageClass": "",
        "multi-client:cluster.existingNamespace": "",
        "multi-client:namespace": "multi-client",
      },
    });
    assert.deepEqual(stash.ignoreChanges, ["input"]);
    assert.equal(resources[0]?.urn, stash.urn, "everything else waits for the check");
  });

  it("gives the stack's time limit to everything that is awaited, an Ingress too", async () => {
    const exposure = { type: "ingress" };
    const limits = async (rollout: unknown) =>
      objects(await runStack("sandbox", { cluster: remote, exposure, rollout }))
        .filter(({ timeouts }) => timeouts.create !== undefined)
        .map((object) => [`${kindOf(object)} ${object.name}`, object.timeouts.create] as const);
    const byDefault = await limits(undefined);
    assert.ok(byDefault.some(([name]) => name === "Ingress client"));
    assert.deepEqual(
      await limits({ timeoutSeconds: 20 }),
      byDefault.map(([name]) => [name, "20s"]),
    );
  });

  it("puts everything into the namespace that the stack file names", async () => {
    for (const object of objects(await runStack("dev", { namespace: "elsewhere" }))) {
      const metadata = object.inputs.metadata as { name: string; namespace?: string };
      const { name, namespace } = metadata;
      assert.equal(kindOf(object) === "Namespace" ? name : namespace, "elsewhere", object.urn);
    }
  });
});
