import assert from "node:assert/strict";
import { Application } from "../../components/application.ts";
import { ExistingCluster } from "../../components/cluster/existing.ts";
import type { ServiceDefinition, Services } from "../../components/service.ts";
import type { Recorded } from "../../render/recorder.ts";
import { only, recordComponents } from "../support/pulumi.ts";

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
    const cluster = new ExistingCluster("cluster", { context: "here", name: "here", local });
    const exposure = { type: "nodePort" as const };
    const namespace = "ns";
    new Application("multi-client", { cluster, namespace, services, overrides: {}, images: {}, exposure });
  });
}

describe("a service with former keys", () => {
  let seen: Recorded[];
  before(async () => {
    seen = await make(true);
  });

  for (const [type, name, aliases] of [
    ["Microservice", "web", ["client"]],
    ["Edge", "web-nginx", ["client-nginx"]],
    ["Microservice", "api", ["server", "backend"]],
    ["StatefulService", "store", ["database"]],
    ["Password", "store-password", ["database-password"]],
    ["StatefulService", "plain", []],
  ] as const) {
    it(`${type} ${name} is known as ${aliases.join(" and ") || "itself alone"}`, () => {
      assert.deepEqual(only(seen, `multi-client:app:${type}`, name).aliases, aliases);
    });
  }

  it("has objects of the new name, which the engine knows by their component", () => {
    const claim = only(seen, "kubernetes:core/v1:PersistentVolumeClaim", "store-data");
    assert.match(claim.parent, /multi-client:app:StatefulService::store$/);
    assert.equal((claim.inputs.metadata as { name: string }).name, "store-data");
  });

  it("gives way under its old name first, where two at once are refused or harm", () => {
    const first = seen.filter(({ deleteBeforeReplace }) => deleteBeforeReplace);
    assert.deepEqual(first.map(({ type, name }) => `${type.split(":")[2] ?? ""} ${name}`).sort(), [
      "Service web",
      "StatefulSet plain",
      "StatefulSet store",
    ]);
  });

  it("may be replaced on a cluster that is not local; its claim and its password may not", async () => {
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
