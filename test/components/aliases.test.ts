import assert from "node:assert/strict";
import { Application } from "../../components/application.ts";
import { ExistingCluster } from "../../components/cluster/existing.ts";
import type { ServiceDefinition, Services } from "../../components/service.ts";
import type { Recorded } from "../../render/recorder.ts";
import { only, recordComponents, runStack } from "../support/pulumi.ts";

const base: ServiceDefinition = { image: "a", port: 80, user: 1, resources: {}, gracePeriodSeconds: 1 };
const storage = { size: "1Gi", mountPath: "/data" };
const services: Services = {
  web: { ...base, edge: { upstream: "api" }, formerly: ["client"] },
  api: { ...base, formerly: ["server", "backend"] },
  store: { ...base, storage, password: "PASSWORD", formerly: ["database"] },
  plain: { ...base, storage },
};

function make(local: boolean): Promise<Recorded[]> {
  return recordComponents(() => {
    const cluster = new ExistingCluster("cluster", { context: { name: "here" }, local });
    const exposure = { type: "nodePort" as const };
    const namespace = "ns";
    new Application("multi-client", { cluster, namespace, services, overrides: {}, images: {}, exposure });
  });
}

/** The type tokens of released versions that are other ones now. */
const formerTypes: Readonly<Record<string, string>> = {
  "app:StatelessService": "app:Microservice",
  "app:EdgeNginx": "app:Edge",
  "cluster:AutoModeIngressClass": "cluster:EksEdge",
  "cluster:EksIam": "cluster:EksRoles",
  "cluster:AksIam": "cluster:AksAccess",
  "cluster:GkeIam": "cluster:GkeAccess",
};
/** The type tokens of released versions that are the same now. */
const keptTypes = [
  ...["Application", "StatefulService", "Password", "EdgeGateway"].map((type) => `app:${type}`),
  ...["Minikube", "Existing", "Eks", "Aks", "Gke"].map((type) => `cluster:${type}Cluster`),
  ...["EksNetwork", "EksFlowLog", "AksNetwork", "GkeNetwork", "GkeKey"].map((type) => `cluster:${type}`),
  "app:EdgeIngress",
];
const stacks = ["dev", "sandbox", "prod", "prod-aks", "prod-gke"];
const nameOf = (urn: string) => urn.slice(urn.lastIndexOf("::") + 2);
const releasedUrn = (urn: string) =>
  urn
    .replaceAll(/multi-client:(\w+:\w+)/g, (_, type: string) => `multi-client:${formerTypes[type] ?? type}`)
    .replace(/::immutable-settings$/, "::cluster-fixed");

describe("the aliases of a stack that a released version deployed", () => {
  for (const stack of stacks)
    it(`know every resource of ${stack} by its former URN`, async () => {
      for (const { urn, formerUrns } of (await runStack(stack)).resources)
        assert.ok([urn, ...formerUrns].includes(releasedUrn(urn)), `${releasedUrn(urn)} is lost`);
    });

  it("leave no type of component out that a released version had", async () => {
    const found = await Promise.all(stacks.map((stack) => runStack(stack)));
    const text = JSON.stringify(found.flatMap(({ resources }) => resources.map(({ type }) => type)));
    const types = [...keptTypes, ...Object.keys(formerTypes)];
    assert.deepEqual(
      types.filter((type) => !text.includes(`"multi-client:${type}"`)),
      [],
    );
  });
});

describe("the aliases of a service with former keys", () => {
  let seen: Recorded[];
  before(async () => {
    seen = await make(true);
  });

  it("know every resource of it by a name derived from each former key", () => {
    let renamed = 0;
    for (const { name, urn, formerUrns } of seen) {
      const key = Object.keys(services).find((each) => name === each || name.startsWith(`${each}-`));
      if (key === undefined) continue;
      const names = (services[key]?.formerly ?? []).map((former) => former + name.slice(key.length));
      assert.deepEqual(new Set(formerUrns.map(nameOf).filter((each) => each !== name)), new Set(names), urn);
      for (const former of names)
        assert.ok(formerUrns.includes(releasedUrn(urn).slice(0, -name.length) + former), `${urn}, ${former}`);
      renamed += names.length;
    }
    assert.ok(renamed > 0);
  });

  it("are of components: an object has the new name, and the engine knows it by its component", () => {
    const claim = only(seen, "kubernetes:core/v1:PersistentVolumeClaim", "store-data");
    assert.match(claim.parent, /multi-client:app:StatefulService::store$/);
    assert.equal((claim.inputs.metadata as { name: string }).name, "store-data");
  });

  it("come with a deletion under the old name first, where two at once are refused or do harm", () => {
    const first = seen.filter(({ deleteBeforeReplace }) => deleteBeforeReplace);
    assert.deepEqual(first.map(({ type, name }) => `${type.split(":")[2] ?? ""} ${name}`).sort(), [
      "Service web",
      "StatefulSet plain",
      "StatefulSet store",
    ]);
  });

  it("let a StatefulSet be replaced where data is protected, but neither its claim nor its password", async () => {
    const held = (await make(false))
      .filter(({ protect }) => protect)
      .map(({ type, name }) => `${type.split(":")[2] ?? ""} ${name}`);
    assert.deepEqual(held.sort(), [
      "Namespace ns",
      "PersistentVolumeClaim plain-data",
      "PersistentVolumeClaim store-data",
      "Stash store-password",
      "StatefulSet plain",
    ]);
  });
});
