import assert from "node:assert/strict";
import { Application, type ApplicationArgs } from "../../components/application.ts";
import { ExistingCluster } from "../../components/cluster/existing.ts";
import { objectLabels } from "../../components/kubernetes/labels.ts";
import type { ServiceDefinition, Services } from "../../components/service.ts";
import { mayConnect, portsOf } from "../../docs/generate/network.ts";
import { record, type Recorded } from "../../render/recorder.ts";
import { services } from "../../services.ts";
import { allows, type End } from "../support/policy-evaluator.ts";
import { kindOf, runStack } from "../support/pulumi.ts";
import { after } from "../support/recorded.ts";

const list: Services = services;
const address = "10.244.0.7";
const pod = (key: string, namespace = "multi-client"): End => ({
  labels: objectLabels(key),
  namespace,
  address,
});
const unlisted: End = { labels: { app: "job" }, namespace: "multi-client", address };
const foreign: End = { labels: { app: "shop" }, namespace: "shop", address };
const dns: End = { labels: { "k8s-app": "kube-dns" }, namespace: "kube-system", address: "10.244.0.2" };
const outside: End = { address: "198.51.100.9" };
const metadataServer: End = { address: "169.254.169.254" };
const policiesOf = (resources: readonly Recorded[]) =>
  resources.filter((resource) => kindOf(resource) === "NetworkPolicy").map(({ inputs }) => inputs);
/** Those who connect: each service, and pods that are none of its. */
const everyone: readonly (readonly [string, End])[] = [
  ...Object.keys(list).map((key) => [key, pod(key)] as const),
  ["a pod that is not in the list", unlisted],
  ["another namespace", foreign],
  ["a pod of another namespace with the labels of the server", pod("server", "shop")],
];
const ports = [...new Set([53, 80, 443, ...Object.values(list).flatMap(portsOf)])];

const base: ServiceDefinition = {
  image: `a@sha256:${"0".repeat(64)}`,
  port: 80,
  user: 1,
  resources: {},
  gracePeriodSeconds: 5,
};

/** What a list of services registers on a cluster of the user's own. */
async function application(
  of: Services,
  change: Partial<ApplicationArgs> & { existingNamespace?: boolean } = {},
) {
  const { resources } = await record({ project: "multi-client", stack: "test" }, () => {
    const { existingNamespace = false } = change;
    const cluster = new ExistingCluster("cluster", {
      context: { name: "here" },
      local: true,
      existingNamespace,
    });
    const exposure = { type: "nodePort" } as const;
    const fixed = { cluster, namespace: "multi-client", overrides: {}, images: {}, exposure };
    new Application("multi-client", { ...fixed, services: of, ...change });
  });
  return resources;
}

describe("the network policies", () => {
  for (const stack of ["dev", "sandbox", "prod", "prod-aks", "prod-gke"])
    describe(`of stack ${stack}`, () => {
      let policies: unknown[];
      before(async () => {
        policies = policiesOf((await runStack(stack)).resources);
      });

      it("allow exactly the connections of the list of services, of all pairs at all ports", () => {
        // The edge is open to others than pods on clouds that name them: that is its own case.
        const isNamed = ["prod", "prod-gke"].includes(stack);
        for (const [name, from] of everyone)
          for (const [to, target] of Object.entries(list))
            for (const port of ports) {
              const knocks = target.edge !== undefined && !isNamed && !(name in list) && from !== unlisted;
              const expected = portsOf(target).includes(port) && (mayConnect(list, name, to) || knocks);
              const title = `${name} -> ${to}:${port}`;
              assert.equal(allows(policies, from, pod(to), port), expected, title);
              assert.equal(allows(policies, from, pod(to), port, "UDP"), false, `${title}/UDP`);
            }
      });

      it("let pods of the list ask for names, and reach nothing else outside of the namespace", () => {
        const server = stack === "prod" ? { address: "172.20.0.10" } : dns;
        for (const [name, from] of everyone.filter(([, { namespace }]) => namespace === "multi-client"))
          for (const port of ports) {
            const isAllowed = name in list && port === 53;
            for (const protocol of ["UDP", "TCP"])
              assert.equal(allows(policies, from, server, port, protocol), isAllowed, `${name}:${port}`);
            const metadata = isAllowed && stack === "prod-gke"; // whose DNS answers there
            assert.equal(allows(policies, from, metadataServer, port), metadata, `${name}:${port}`);
            for (const other of [outside, foreign])
              assert.equal(allows(policies, from, other, port), false, `${name}:${port}`);
          }
      });
    });

  it("let those who knock reach the edge, and nobody where only a port-forward leads there", async () => {
    const knocks = async (stack: string, from: string, type?: string) => {
      const { resources } = await runStack(stack, type === undefined ? {} : { exposure: { type } });
      return allows(policiesOf(resources), { address: from }, pod("client"), 3000);
    };
    const load = { dev: "192.168.49.2", prod: "10.0.96.4", "prod-aks": "10.1.0.9", "prod-gke": "35.191.7.7" };
    for (const [stack, from] of Object.entries(load)) {
      assert.equal(await knocks(stack, from), true, stack);
      assert.equal(await knocks(stack, from, "clusterIP"), false, stack);
    }
    for (const type of ["loadBalancer", "ingress"])
      assert.equal(await knocks("dev", load.dev, type), true, type);
    // A private subnet's address, where pods are, and any other of the internet's.
    assert.deepEqual(
      [await knocks("prod", "10.0.1.1"), await knocks("prod-gke", "198.51.100.9")],
      [false, false],
    );
  });

  it("are for the pods of both names while a service is renamed, at either end", async () => {
    const renamed: Services = {
      web: { ...base, edge: { upstream: "store" }, uses: ["store"], formerly: ["client"] },
      store: { ...base, port: 90, formerly: ["cache", "redis"] },
      other: base,
    };
    const policies = policiesOf(await application(renamed));
    for (const from of ["web", "client"])
      for (const to of ["store", "cache", "redis"]) {
        assert.equal(allows(policies, pod(from), pod(to), 90), true, `${from} -> ${to}`);
        assert.equal(allows(policies, pod("other"), pod(to), 90), false, `other -> ${to}`);
      }
  });

  it("open public addresses to a service that may speak to the internet, and to no other", async () => {
    const mailing: Services = {
      web: { ...base, edge: { upstream: "web" } },
      mailer: { ...base, egress: "internet" },
    };
    const policies = policiesOf(await application(mailing));
    const reaches = (key: string, to: string) => allows(policies, pod(key), { address: to }, 465);
    assert.deepEqual([reaches("mailer", "198.51.100.9"), reaches("web", "198.51.100.9")], [true, false]);
    for (const inner of ["169.254.169.254", "10.96.0.1", "172.20.0.10", "192.168.49.2", "100.64.0.1"])
      assert.equal(reaches("mailer", inner), false, inner);
    assert.equal(allows(policies, pod("mailer"), pod("web"), 80), false);
  });

  it("are there before the first pod, and the one that denies the rest comes last", async () => {
    const { resources } = await runStack("sandbox");
    const all = resources.filter((resource) => kindOf(resource) === "NetworkPolicy");
    const workloads = resources.filter((each) => ["Deployment", "StatefulSet"].includes(kindOf(each)));
    assert.equal(workloads.length, Object.keys(list).length);
    for (const workload of workloads)
      for (const policy of all)
        assert.ok(after(resources, workload, policy), `${workload.urn}, ${policy.urn}`);
    const [deny, ...others] = [...all].sort((a) => (a.name === "default-deny" ? -1 : 1));
    for (const other of others) assert.ok(deny && after(resources, deny, other), other.urn);
  });

  it("leave the pods of others alone in a namespace that was there before", async () => {
    const two: Services = { web: { ...base, edge: { upstream: "web" } } };
    const policies = policiesOf(await application(two, { existingNamespace: true }));
    assert.equal(allows(policies, unlisted, foreign, 443), true);
    assert.equal(allows(policies, pod("web"), foreign, 443), false);
    const namesake: End = { ...unlisted, labels: { component: "web" } };
    assert.equal(allows(policies, namesake, foreign, 443), true);
  });

  it("take no pod of another application for a client of a service, whatever its component is called", async () => {
    for (const formerly of [[], ["front"]]) {
      const web = { ...base, edge: { upstream: "store" }, uses: ["store"], formerly };
      const two: Services = { web, store: { ...base, port: 90 } };
      const policies = policiesOf(await application(two, { existingNamespace: true }));
      for (const component of ["web", ...formerly]) {
        const namesake: End = { ...unlisted, labels: { component } };
        assert.equal(allows(policies, pod(component), pod("store"), 90), true, component);
        assert.equal(allows(policies, namesake, pod("store"), 90), false, component);
      }
    }
  });

  it("are not created where the stack says none", async () => {
    const cluster = { provider: "existing", context: "here", local: true, networkPolicies: "none" };
    const { resources, outputs } = await runStack("sandbox", { cluster });
    assert.deepEqual([policiesOf(resources), outputs.networkPolicies], [[], "none"]);
  });
});
