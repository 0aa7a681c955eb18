import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { GkeCluster } from "../../../components/cluster/gke/index.ts";
import {
  after,
  assertOrder,
  base,
  controlPlane,
  gcp,
  gke,
  iamMember,
  inputs,
  provider,
} from "../../support/gke.ts";
import { only } from "../../support/pulumi.ts";

const storageClass = "kubernetes:storage.k8s.io/v1:StorageClass";
const ofType = async (token: string) => only(await gke(), gcp(token));

describe("the order of GkeCluster", () => {
  it("gives nothing a fixed name, because Google never frees some of them", async () => {
    for (const { type, name, inputs: asked } of await gke())
      if (type.startsWith("gcp:")) assert.ok(!("name" in asked || "accountId" in asked), `${type} ${name}`);
  });

  it("leaves Autopilot's own settings alone", async () => {
    const cluster = await ofType("container:Cluster");
    for (const own of ["nodeConfig", "dnsConfig", "binaryAuthorization"])
      assert.ok(!(own in cluster.inputs), own);
  });

  it("protects cluster and key only where deletionProtection is on", async () => {
    const [guarded, free] = [await gke(), await gke({ deletionProtection: false })];
    const isProtected = (resources: typeof guarded) =>
      resources.flatMap(({ type, protect }) => (protect ? [type] : [])).sort();
    assert.deepEqual(isProtected(guarded), [controlPlane, gcp("kms:CryptoKey"), gcp("kms:KeyRing")].sort());
    assert.deepEqual(isProtected(free), []);
    const asked = [guarded, free].map(
      (each) => inputs(only(each, controlPlane)).deletionProtection as boolean,
    );
    assert.deepEqual(asked, [true, false]);
  });

  it("labels everything that Google lets it label", async () => {
    const resources = await gke();
    assert.deepEqual(inputs(only(resources, controlPlane)).resourceLabels, base.labels);
    assert.deepEqual(inputs(only(resources, gcp("kms:CryptoKey"))).labels, base.labels);
  });

  it("turns its APIs on first, and leaves them on when it is deleted", async () => {
    const resources = await gke();
    const api = (name: string) => only(resources, gcp("projects:Service"), `shop-${name}`);
    const of = (token: string) => only(resources, gcp(token));
    for (const name of ["container", "compute", "cloudkms", "iam", "containersecurity"])
      assert.deepEqual(inputs(api(name)), {
        project: "example-project",
        service: `${name}.googleapis.com`,
        disableOnDestroy: false,
      });
    assertOrder(resources, api("compute"), of("compute:Network"), of("compute:Subnetwork"));
    assertOrder(resources, api("compute"), of("compute:Router"), of("compute:RouterNat"));
    assertOrder(resources, api("cloudkms"), of("kms:KeyRing"), of("kms:CryptoKey"));
    assertOrder(resources, api("container"), of("projects:ServiceIdentity"), of("container:Cluster"));
    assertOrder(resources, api("iam"), of("serviceaccount:Account"));
    for (const member of base.admins)
      assertOrder(resources, api("iam"), only(resources, iamMember, `shop-admin-${member}`));
  });

  it("creates the cluster after network, NAT gateway, node roles and key grant, and deletes it before them", async () => {
    const resources = await gke();
    const of = (token: string) => only(resources, gcp(token));
    const cluster = of("container:Cluster");
    assertOrder(resources, of("compute:Network"), of("compute:Subnetwork"), cluster);
    assertOrder(resources, of("compute:Router"), of("compute:RouterNat"), cluster);
    assertOrder(resources, of("projects:ServiceIdentity"), of("kms:CryptoKeyIAMMember"), cluster);
    assertOrder(resources, of("kms:KeyRing"), of("kms:CryptoKey"), of("kms:CryptoKeyIAMMember"));
    for (const role of ["artifactregistry.reader", "container.defaultNodeServiceAccount"]) {
      const grant = only(resources, iamMember, `shop-nodes-${role}`);
      assertOrder(resources, of("serviceaccount:Account"), grant, cluster);
    }
  });

  it("keeps grants until the last object is deleted, and makes them while the cluster is created", async () => {
    const resources = await gke();
    const cluster = only(resources, controlPlane);
    assertOrder(resources, cluster, only(resources, provider));
    const { provider: used } = only(resources, storageClass);
    assert.match(used, /::kubernetes::kubernetes-id$/);
    for (const member of base.admins) {
      const grant = only(resources, iamMember, `shop-admin-${member}`);
      assertOrder(resources, grant, only(resources, provider));
      assert.ok(
        !after(resources, grant, cluster),
        "a grant that waits for the cluster has no effect in time",
      );
    }
  });

  it("identifies the cluster by its id, so that another cluster has other objects", async () => {
    const { context, clusterIdentifier } = inputs(only(await gke(), provider));
    assert.deepEqual([context, clusterIdentifier], ["<shop.name>", "shop-id"]);
  });

  it("asks Google nothing in the first preview, which shows every resource", async () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"; // on the wire: sdk/nodejs/runtime/rpc.ts
    const names: string[] = [];
    await pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs: given }) => {
          names.push(`${type} ${name}`);
          const outputs = {
            name: unknown,
            email: unknown,
            member: unknown,
            controlPlaneEndpointsConfig: unknown,
          };
          return { id: unknown, state: { ...(given as object), ...(type.startsWith("gcp:") && outputs) } };
        },
        call: ({ token }) => assert.fail(token),
      },
      ...(["multi-client", "test", true] as const),
    );
    const { kubeconfig } = new GkeCluster("cluster", base);
    await pulumi.runtime.disconnect();
    const later = (await gke()).map(({ type, name }) => `${type} ${name}`);
    assert.deepEqual(names.sort(), later.sort());
    assert.equal(await (kubeconfig as unknown as { isKnown: Promise<boolean> }).isKnown, false);
  });
});
