import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { createCluster, type Cluster, type ClusterArgs } from "../../../components/cluster/index.ts";
import { redacted, record, type Recorded } from "../../../render/recorder.ts";
import { base as aks } from "../../support/aks.ts";
import { base as eks } from "../../support/eks.ts";
import { base as gke, value } from "../../support/gke.ts";
import { only } from "../../support/pulumi.ts";

const context = { name: "here", server: "https://192.168.49.2:8443", minikube: true };
/** A target; `local` says that it is on this computer, and `managed` that the program creates it. */
type Target = readonly [name: string, args: ClusterArgs, is: { local: boolean; managed: boolean }];
const targets: readonly Target[] = [
  ["minikube", { provider: "minikube", profile: "here", context }, { local: true, managed: false }],
  ["existing, local", { provider: "existing", context, local: true }, { local: true, managed: false }],
  ["existing, far", { provider: "existing", context, local: false }, { local: false, managed: false }],
  ["eks", { provider: "eks", ...eks }, { local: false, managed: true }],
  ["aks", { provider: "aks", ...aks }, { local: false, managed: true }],
  ["gke", { provider: "gke", ...gke }, { local: false, managed: true }],
];

interface Made {
  readonly cluster: Cluster;
  readonly resources: readonly Recorded[];
}

async function make(args: ClusterArgs): Promise<Made> {
  const { KUBECONFIG } = process.env;
  process.env.KUBECONFIG = "/home/me/one:/home/me/other"; // which the SDK would pass on
  const { resources, result } = await record({ project: "multi-client", stack: "test" }, () =>
    createCluster("cluster", args),
  );
  if (KUBECONFIG === undefined) delete process.env.KUBECONFIG;
  else process.env.KUBECONFIG = KUBECONFIG;
  return { resources, cluster: result as Cluster };
}

const kubernetes = "pulumi:providers:kubernetes";
const storageClass = "kubernetes:storage.k8s.io/v1:StorageClass";

for (const [name, args, { local, managed }] of targets) {
  describe(`the contract of a cluster (${name})`, () => {
    let made: Made;
    before(async () => {
      made = await make(args);
    });

    it("has a name, and one Kubernetes provider with an identifier of its own", async () => {
      const { inputs, urn } = only(made.resources, kubernetes);
      assert.equal(await value(made.cluster.provider.urn), urn);
      assert.notEqual(await value(pulumi.output(made.cluster.name)), "");
      // Neither address nor certificate: a kubeconfig that changes replaces nothing.
      assert.match(String(inputs.clusterIdentifier), managed ? /\bshop\b/ : /^here$/);
    });

    it("keeps no path of a user's kubeconfig in the state", () => {
      const { inputs } = only(made.resources, kubernetes);
      assert.doesNotMatch(String(inputs.kubeconfig), /home/);
      if (!managed)
        assert.equal(inputs.kubeconfig, "", "read by the plugin as kubectl does, not as one file");
    });

    it(local ? "protects no data, and awaits no address" : "protects data, and awaits an address", () => {
      assert.equal(made.cluster.protectData, !local);
      assert.equal(made.cluster.awaitsAddress, !local);
    });

    it(`has ${managed ? "nodes that come when pods ask for them" : "its nodes before any pod"}`, () => {
      assert.equal(made.cluster.nodeStartSeconds, managed ? 600 : 0);
    });

    it("names the peers that answer DNS, and no others", () => {
      const { dnsPeers } = made.cluster;
      assert.ok(dnsPeers.length > 0);
      for (const peer of dnsPeers) {
        const { ipBlock, namespaceSelector, podSelector } = peer as Record<
          string,
          { cidr?: string } | undefined
        >;
        if (ipBlock !== undefined) assert.match(ipBlock.cidr ?? "", /\/32$/);
        else
          assert.ok(namespaceSelector !== undefined && podSelector !== undefined, "a pod of one namespace");
      }
    });

    it(`says ${managed ? "that network policies are enforced" : "that nobody knows what enforces"}`, () => {
      assert.equal(made.cluster.networkPolicies, managed ? "enforced" : "unknown");
      assert.deepEqual(made.cluster.dnsPorts, [53]);
    });

    it("gives a port-forward to a ClusterIP, with the kubeconfig that has the cluster", async () => {
      const target = {
        type: "clusterIP",
        namespace: "shop",
        service: "client",
        port: 3050,
        tls: false,
      } as const;
      const { url, accessCommand } = await value(made.cluster.endpoint(target, ""));
      assert.equal(url, "");
      const known = await value(pulumi.output(made.cluster.name));
      const by = managed ? `--kubeconfig ${known}.kubeconfig` : `--context ${known}`;
      assert.ok(accessCommand.includes(`kubectl ${by} -n shop port-forward service/client 3050`));
    });

    it("creates everything under its own component", () => {
      const { resources } = made;
      const root = only(resources, resources.find(({ parent }) => parent === "")?.type ?? "");
      assert.match(root.type, /^multi-client:cluster:\w+Cluster$/);
      const parents = new Set(resources.map(({ urn }) => urn));
      for (const { parent, urn } of resources) assert.ok(urn === root.urn || parents.has(parent), urn);
    });

    if (!managed) {
      it("creates nothing but the provider", () => {
        assert.equal(made.resources.filter(({ custom }) => custom).length, 1);
        assert.equal(made.cluster.kubeconfig, undefined);
      });
      return;
    }

    it("gives a secret kubeconfig, in which a program asks the cloud for a token", async () => {
      const { kubeconfig } = made.cluster;
      assert.ok(kubeconfig !== undefined);
      assert.equal(await (kubeconfig as unknown as { isSecret: Promise<boolean> }).isSecret, true);
      const { users } = JSON.parse(await value(kubeconfig)) as { users: { user: object }[] };
      assert.deepEqual(
        users.map(({ user }) => Object.keys(user)),
        [["exec"]],
      );
    });

    it("has one storage class: disks are retained, may grow, and are created where their pod is", async () => {
      const { inputs, provider, name: of } = only(made.resources, storageClass);
      assert.equal(provider, `${only(made.resources, kubernetes).urn}::kubernetes-id`);
      assert.deepEqual(
        [inputs.reclaimPolicy, inputs.allowVolumeExpansion, inputs.volumeBindingMode],
        ["Retain", true, "WaitForFirstConsumer"],
      );
      assert.match(await value(pulumi.output(made.cluster.storageClassName ?? "")), new RegExp(`^${of}-`));
    });

    it("protects the cluster unless deletionProtection is off, and waits long enough for it", async () => {
      const control = ({ resources }: Made) =>
        resources.filter(({ type }) =>
          /:(eks\/cluster:Cluster|ManagedCluster|container\/cluster:Cluster)$/.test(type),
        );
      const [cluster, ...others] = control(made);
      assert.equal(others.length, 0);
      assert.equal(cluster?.protect, true);
      assert.match(String(cluster.timeouts.create), /^\d+m$/);
      const open = await make({ ...args, deletionProtection: false } as ClusterArgs);
      assert.deepEqual(
        open.resources.filter(({ protect }) => protect).map(({ urn }) => urn),
        [],
      );
    });

    it("creates the provider after the grants, and with it everything on the cluster", () => {
      const { dependsOn } = only(made.resources, kubernetes);
      const grants = /AccessPolicyAssociation|RoleAssignment|IAMMember/;
      assert.ok(dependsOn.some((urn) => grants.test(urn)));
      for (const { type, provider } of made.resources)
        if (type.startsWith("kubernetes:")) assert.match(provider, /kubernetes::kubernetes-id$/);
    });

    it("puts no secret into an input that is not one", () => {
      for (const { type, inputs } of made.resources)
        if (!type.startsWith("pulumi:providers:"))
          assert.ok(!JSON.stringify(inputs).includes(redacted), type);
    });
  });
}
