import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { AksCluster } from "../../../components/cluster/aks/index.ts";
import type { Recorded } from "../../../render/recorder.ts";
import {
  agentPool,
  aks,
  assertOrder,
  azure,
  base,
  inputs,
  kubernetes,
  lock,
  managedCluster,
  roleAssignment,
} from "../../support/aks.ts";
import { only } from "../../support/pulumi.ts";

describe("the order of AksCluster", () => {
  it("protects and locks the cluster only where deletionProtection is on", async () => {
    const [guarded, free] = [await aks(), await aks({ deletionProtection: false })];
    const { level, scope } = inputs(only(guarded, lock));
    assert.deepEqual([level, scope], ["CanNotDelete", "shop-id"]);
    const isProtected = (resources: readonly Recorded[]) =>
      resources.filter(({ protect }) => protect).map(({ type }) => type);
    assert.deepEqual(isProtected(guarded).sort(), [managedCluster, azure("resources:ResourceGroup")]);
    assert.deepEqual(isProtected(free), []);
    assert.deepEqual(
      free.filter(({ type }) => type === lock),
      [],
    );
  });

  it("creates the lock last and deletes it first, because everything in the cluster inherits it", async () => {
    const resources = await aks();
    const cluster = only(resources, managedCluster);
    for (const type of ["containerservice:AgentPool", "monitor:DiagnosticSetting"])
      assertOrder(resources, cluster, only(resources, azure(type)), only(resources, lock));
    const [nodes, all] = ["NodeOSUpgrade", "AutoUpgrade"].map((of) =>
      only(resources, azure("containerservice:MaintenanceConfiguration"), `shop-aksManaged${of}Schedule`),
    );
    assert.ok(nodes && all);
    // AKS takes one change of a cluster at a time.
    assertOrder(resources, only(resources, agentPool), nodes, all, only(resources, lock));
  });

  it("creates the cluster after network, NAT gateway and identity, and deletes it before them", async () => {
    const resources = await aks();
    const cluster = only(resources, managedCluster);
    const of = (token: string, name?: string) => only(resources, azure(token), name);
    assertOrder(
      resources,
      ...[of("resources:ResourceGroup", "shop"), of("network:PublicIPAddress"), of("network:NatGateway")],
      ...[of("network:Subnet"), cluster, only(resources, agentPool)],
    );
    assertOrder(resources, of("network:VirtualNetwork"), of("network:Subnet"));
    assertOrder(
      resources,
      ...[
        of("managedidentity:UserAssignedIdentity"),
        only(resources, roleAssignment, "shop-network"),
        cluster,
      ],
    );
    const disks = of("resources:ResourceGroup", "shop-disks");
    assertOrder(resources, disks, only(resources, roleAssignment, "shop-disks"), cluster);
  });

  it("keeps grants and nodes until the last object of the cluster is deleted", async () => {
    const resources = await aks();
    const provider = only(resources, kubernetes);
    for (const admin of base.admins)
      for (const kind of ["admin", "user"])
        assertOrder(resources, only(resources, roleAssignment, `shop-${kind}-${admin}`), provider);
    assertOrder(resources, only(resources, managedCluster), only(resources, agentPool), provider);
    const storage = only(resources, "kubernetes:storage.k8s.io/v1:StorageClass");
    assert.match(storage.provider, /::kubernetes::kubernetes-id$/);
  });

  it("identifies the cluster by its id, so that another cluster has other objects", async () => {
    const { context, clusterIdentifier } = inputs(only(await aks(), kubernetes));
    assert.deepEqual([context, clusterIdentifier], ["<shop.name>", "shop-id"]);
  });

  it("tags everything that Azure lets it tag", async () => {
    const resources = await aks();
    const untagged = resources
      .filter(({ type, inputs: { tags } }) => type.startsWith("azure-native:") && tags === undefined)
      .map(({ type }) => type.split(":")[2]);
    assert.deepEqual([...new Set(untagged)].sort(), [
      "DiagnosticSetting",
      "MaintenanceConfiguration",
      "ManagementLockByScope",
      "RoleAssignment",
      "Subnet",
    ]);
    const [system] = inputs(only(resources, managedCluster)).agentPoolProfiles;
    assert.deepEqual(system.tags, base.tags);
  });

  it("asks Azure nothing in the first preview, which shows every resource", async () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"; // on the wire: sdk/nodejs/runtime/rpc.ts
    const asked: string[] = [];
    const names: string[] = [];
    await pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs: given }) => {
          names.push(`${type} ${name}`);
          const outputs = { name: unknown, principalId: unknown, ipAddress: unknown };
          const made = type.startsWith("azure-native:") ? outputs : {};
          return { id: unknown, state: { ...(given as object), ...made } };
        },
        call: ({ token }) => {
          asked.push(token);
          return {};
        },
      },
      ...(["multi-client", "test", true] as const),
    );
    const { kubeconfig } = new AksCluster("cluster", base);
    await pulumi.runtime.disconnect();
    assert.deepEqual(asked, []);
    const later = (await aks()).map(({ type, name }) => `${type} ${name}`);
    assert.deepEqual(names.sort(), later.sort());
    assert.equal(await (kubeconfig as unknown as { isKnown: Promise<boolean> }).isKnown, false);
  });
});
