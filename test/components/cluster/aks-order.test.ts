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

const [first = "", second = ""] = base.admins;
const inventory = [
  "azure-native:authorization:ManagementLockByScope shop-lock",
  `azure-native:authorization:RoleAssignment shop-admin-${first}`,
  `azure-native:authorization:RoleAssignment shop-admin-${second}`,
  "azure-native:authorization:RoleAssignment shop-disks",
  "azure-native:authorization:RoleAssignment shop-network",
  `azure-native:authorization:RoleAssignment shop-user-${first}`,
  `azure-native:authorization:RoleAssignment shop-user-${second}`,
  "azure-native:containerservice:AgentPool shop-user",
  "azure-native:containerservice:MaintenanceConfiguration shop-aksManagedAutoUpgradeSchedule",
  "azure-native:containerservice:MaintenanceConfiguration shop-aksManagedNodeOSUpgradeSchedule",
  "azure-native:containerservice:ManagedCluster shop",
  "azure-native:managedidentity:UserAssignedIdentity shop-identity",
  "azure-native:monitor:DiagnosticSetting shop-log",
  "azure-native:network:NatGateway shop-outbound",
  "azure-native:network:PublicIPAddress shop-outbound",
  "azure-native:network:Subnet shop-nodes",
  "azure-native:network:VirtualNetwork shop-network",
  "azure-native:operationalinsights:Workspace shop-log",
  "azure-native:resources:ResourceGroup shop",
  "azure-native:resources:ResourceGroup shop-disks",
  "kubernetes:storage.k8s.io/v1:StorageClass shop",
  "multi-client:cluster:AksCluster cluster",
  "multi-client:cluster:AksIam shop",
  "multi-client:cluster:AksNetwork shop",
  "pulumi:providers:kubernetes kubernetes",
];

describe("AksCluster", () => {
  it("is made of these resources, and no others", async () => {
    const names = (await aks()).map(({ type, name }) => `${type} ${name}`);
    assert.deepEqual(names.sort(), inventory);
  });

  it("leaves counts to the autoscaler, and to Azure what it shows of one resource in another", async () => {
    const resources = await aks();
    assert.deepEqual(only(resources, managedCluster).ignoreChanges, ["agentPoolProfiles"]);
    assert.deepEqual(only(resources, agentPool).ignoreChanges, ["count"]);
    assert.deepEqual(only(resources, azure("network:VirtualNetwork")).ignoreChanges, ["subnets"]);
    assert.deepEqual(only(resources, azure("network:PublicIPAddress")).ignoreChanges, ["natGateway"]);
  });

  it("is protected and locked where the stack says so, else neither", async () => {
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

  it("has its lock come last and go first: what is in the cluster inherits it", async () => {
    const resources = await aks();
    const cluster = only(resources, managedCluster);
    for (const type of ["containerservice:AgentPool", "monitor:DiagnosticSetting"])
      assertOrder(resources, cluster, only(resources, azure(type)), only(resources, lock));
    for (const name of ["aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule"]) {
      const window = only(resources, azure("containerservice:MaintenanceConfiguration"), `shop-${name}`);
      assertOrder(resources, cluster, window, only(resources, lock));
    }
  });

  it("comes after network, way out and identity, and goes before them", async () => {
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

  it("keeps access and nodes until the last object of the cluster is gone", async () => {
    const resources = await aks();
    const provider = only(resources, kubernetes);
    for (const admin of base.admins)
      for (const kind of ["admin", "user"])
        assertOrder(resources, only(resources, roleAssignment, `shop-${kind}-${admin}`), provider);
    assertOrder(resources, only(resources, managedCluster), only(resources, agentPool), provider);
    const storage = only(resources, "kubernetes:storage.k8s.io/v1:StorageClass");
    assert.match(storage.provider, /::kubernetes::kubernetes-id$/);
  });

  it("gives slow things time", async () => {
    const resources = await aks();
    assert.deepEqual(
      [only(resources, managedCluster).timeouts.create, only(resources, agentPool).timeouts.create],
      ["40m", "30m"],
    );
  });

  it("knows the cluster again by its id: another one means other objects", async () => {
    const { context, clusterIdentifier } = inputs(only(await aks(), kubernetes));
    assert.deepEqual([context, clusterIdentifier], ["<shop.name>", "shop-id"]);
  });

  it("is tagged wherever Azure takes tags", async () => {
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

  it("asks Azure nothing before there is a cluster: the first preview shows what it can", async () => {
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
    assert.deepEqual(names.sort(), inventory);
    assert.equal(await (kubeconfig as unknown as { isKnown: Promise<boolean> }).isKnown, false);
  });
});
