import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { coreDnsPeers } from "../../../components/cluster/cluster.ts";
import {
  agentPool,
  after,
  aks,
  assertOrder,
  azure,
  base,
  inputs,
  makeAks,
  managedCluster,
  roleAssignment,
  subnet,
  value,
} from "../../support/aks.ts";
import { only } from "../../support/pulumi.ts";

describe("AksCluster", () => {
  it("lets in the listed CIDRs and its own nodes, nobody else", async () => {
    const { apiServerAccessProfile } = inputs(only(await aks(), managedCluster));
    assert.deepEqual(apiServerAccessProfile, {
      disableRunCommand: true,
      enablePrivateCluster: false,
      authorizedIPRanges: ["203.0.113.0/24", "<shop-outbound.ipAddress>/32"],
    });
  });

  it("has no public endpoint without a CIDR: the API server is in a subnet of its own", async () => {
    const resources = await aks({ authorizedCidrs: [] });
    const own = only(resources, subnet, "shop-api-server");
    const cluster = only(resources, managedCluster);
    assert.deepEqual(inputs(cluster).apiServerAccessProfile, {
      disableRunCommand: true,
      enablePrivateCluster: true,
      enablePrivateClusterPublicFQDN: false,
      enableVnetIntegration: true,
      subnetId: "shop-api-server-id",
    });
    const { addressPrefix, delegations } = inputs(own);
    assert.deepEqual(
      [addressPrefix, delegations],
      ["10.1.128.0/28", [{ name: "aks", serviceName: "Microsoft.ContainerService/managedClusters" }]],
    );
    // A network takes one change of its subnets at a time.
    assertOrder(resources, only(resources, subnet, "shop-nodes"), own, cluster);
  });

  it("sends everything out by the NAT gateway: nodes have no public address", async () => {
    const resources = await aks();
    const { addressPrefix, natGateway, defaultOutboundAccess } = inputs(only(resources, subnet));
    assert.deepEqual([addressPrefix, natGateway], ["10.1.0.0/17", { id: "shop-outbound-id" }]);
    assert.equal(defaultOutboundAccess, false);
    const { networkProfile, agentPoolProfiles } = inputs(only(resources, managedCluster));
    assert.equal(networkProfile.outboundType, "userAssignedNATGateway");
    for (const pool of [agentPoolProfiles[0], inputs(only(resources, agentPool))])
      assert.deepEqual([pool.vnetSubnetID, pool.enableNodePublicIP], ["shop-nodes-id", false]);
  });

  it("enforces network policies, with pods and services in ranges of their own", async () => {
    const { networkProfile } = inputs(only(await aks(), managedCluster));
    const { podCidr, serviceCidr, dnsServiceIP, networkDataplane, networkPolicy } = networkProfile;
    assert.deepEqual([podCidr, serviceCidr, dnsServiceIP], ["10.244.0.0/16", "10.2.0.0/16", "10.2.0.10"]);
    assert.deepEqual([networkDataplane, networkPolicy], ["cilium", "cilium"]);
  });

  it("knows people of one directory only: no local accounts, Azure decides who may do what", async () => {
    const { disableLocalAccounts, enableRBAC, aadProfile } = inputs(only(await aks(), managedCluster));
    assert.deepEqual([disableLocalAccounts, enableRBAC], [true, true]);
    assert.deepEqual(aadProfile, {
      managed: true,
      enableAzureRBAC: true,
      adminGroupObjectIDs: base.admins,
      tenantID: base.tenantId,
    });
  });

  it("makes each admin group administrator, where a lock on the cluster does not keep the grant", async () => {
    const resources = await aks();
    const role = (id: string) =>
      `/subscriptions/${base.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${id}`;
    for (const admin of base.admins)
      for (const [kind, id] of [
        ["admin", "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"],
        ["user", "4abbcc35-e782-43d8-92c5-2d3f1bd2253f"],
      ] as const)
        assert.deepEqual(inputs(only(resources, roleAssignment, `shop-${kind}-${admin}`)), {
          principalId: admin,
          principalType: "Group",
          roleDefinitionId: role(id),
          scope: "shop-id",
        });
    const cluster = only(resources, managedCluster);
    for (const grant of resources.filter(({ type }) => type === roleAssignment))
      assert.ok(!after(resources, grant, cluster), grant.name);
  });

  it("lets the cluster's identity, and no more than it, change the network", async () => {
    const resources = await aks();
    const { principalId, principalType, scope, roleDefinitionId } = inputs(
      only(resources, roleAssignment, "shop-network"),
    );
    assert.deepEqual(
      [principalId, principalType, scope],
      ["<shop-identity.principalId>", "ServicePrincipal", "shop-network-id"],
    );
    assert.match(roleDefinitionId as string, /\/4d97b98b-1d4f-4787-a291-c67834d212e7$/);
    const { identity } = inputs(only(resources, managedCluster));
    assert.deepEqual(identity, { type: "UserAssigned", userAssignedIdentities: ["shop-identity-id"] });
  });

  it("keeps the nodes of the system to the system, and gives the application a pool that grows", async () => {
    const resources = await aks();
    const [system, ...others] = inputs(only(resources, managedCluster)).agentPoolProfiles;
    assert.deepEqual(others, []);
    assert.deepEqual([system.mode, system.nodeTaints], ["System", ["CriticalAddonsOnly=true:NoSchedule"]]);
    const user = inputs(only(resources, agentPool));
    assert.deepEqual(
      [user.mode, user.enableAutoScaling, user.count, user.minCount, user.maxCount],
      ["User", true, 2, 2, 6],
    );
    for (const pool of [system, user]) {
      assert.deepEqual(pool.availabilityZones, ["1", "2", "3"]);
      assert.equal(pool.enableEncryptionAtHost, true);
      assert.equal(pool.orchestratorVersion, "1.36");
      assert.equal(pool.securityProfile.sshAccess, "Disabled");
    }
  });

  it("names the pool of the application by its size: another size is another pool", async () => {
    const name = async (vmSize: string) =>
      inputs(only(await aks({ nodes: { ...base.nodes, vmSize } }), agentPool)).agentPoolName as string;
    const names = [await name("Standard_D4ds_v5"), await name("Standard_D8ds_v5")];
    assert.notEqual(names[0], names[1]);
    for (const one of names) assert.match(one, /^[a-z][a-z0-9]{0,11}$/);
  });

  it("is upgraded at the weekend: nodes and cluster on different days", async () => {
    const resources = await aks();
    const { autoUpgradeProfile, kubernetesVersion } = inputs(only(resources, managedCluster));
    assert.deepEqual(
      [kubernetesVersion, autoUpgradeProfile],
      ["1.36", { upgradeChannel: "patch", nodeOSUpgradeChannel: "NodeImage" }],
    );
    const days = resources
      .filter(({ type }) => type === azure("containerservice:MaintenanceConfiguration"))
      .map(inputs)
      .map(({ configName, maintenanceWindow }) => [configName, maintenanceWindow.schedule.weekly.dayOfWeek])
      .sort();
    assert.deepEqual(days, [
      ["aksManagedAutoUpgradeSchedule", "Sunday"],
      ["aksManagedNodeOSUpgradeSchedule", "Saturday"],
    ]);
  });

  it("writes who did what to a log, as long as the stack says", async () => {
    const resources = await aks();
    const { retentionInDays, sku } = inputs(only(resources, azure("operationalinsights:Workspace")));
    assert.deepEqual([retentionInDays, sku], [90, { name: "PerGB2018" }]);
    const { resourceUri, workspaceId, logs } = inputs(only(resources, azure("monitor:DiagnosticSetting")));
    assert.deepEqual([resourceUri, workspaceId], ["shop-id", "shop-log-id"]);
    assert.deepEqual(logs, [
      { category: "kube-audit-admin", enabled: true },
      { category: "kube-apiserver", enabled: true },
      { category: "guard", enabled: true },
      { category: "cluster-autoscaler", enabled: true },
    ]);
  });

  it("gives a kubeconfig that is secret, and in which nothing is: everyone logs in themselves", async () => {
    const { cluster } = await makeAks();
    assert.equal(await pulumi.isSecret(cluster.kubeconfig), true);
    const kubeconfig = JSON.parse(await value(cluster.kubeconfig)) as Record<string, unknown>;
    assert.deepEqual(kubeconfig.clusters, [
      {
        name: "<shop.name>",
        cluster: { server: "<shop.server>", "certificate-authority-data": "<shop.certificateAuthority>" },
      },
    ]);
    const [user] = kubeconfig.users as { user: { exec: { command: string; args: string[] } } }[];
    assert.deepEqual(Object.keys(user?.user ?? {}), ["exec"]);
    assert.equal(user?.user.exec.command, "kubelogin");
    assert.deepEqual(user.user.exec.args.slice(0, 3), ["get-token", "--login", "azurecli"]);
  });

  it("keeps disks when claims go, in any zone, and lets them grow", async () => {
    const { resources, cluster } = await makeAks();
    const storage = inputs(only(resources, "kubernetes:storage.k8s.io/v1:StorageClass"));
    const { provisioner, parameters, reclaimPolicy, allowVolumeExpansion, volumeBindingMode } = storage;
    const expected = { skuName: "Premium_ZRS", resourceGroup: "<shop-disks.name>" };
    assert.deepEqual([provisioner, parameters], ["disk.csi.azure.com", expected]);
    assert.deepEqual(
      [reclaimPolicy, allowVolumeExpansion, volumeBindingMode],
      ["Retain", true, "WaitForFirstConsumer"],
    );
    assert.match(await value(cluster.storageClassName), /^shop-[0-9a-f]{8}$/);
  });

  it("keeps disks in a group that outlives the cluster: Azure deletes the group of the nodes with it", async () => {
    const group = only(await aks(), azure("resources:ResourceGroup"), "shop-disks");
    assert.ok(group.retainOnDelete && group.protect);
    assert.equal(inputs(group).tags.keep, "disks");
    const { principalType, scope } = inputs(only(await aks(), roleAssignment, "shop-disks"));
    assert.deepEqual([principalType, scope], ["ServicePrincipal", "shop-disks-id"]);
  });

  it("tells the application that addresses come, who answers DNS, and that it is not local", async () => {
    const { cluster } = await makeAks();
    assert.deepEqual([cluster.awaitsAddress, cluster.protectData], [true, true]);
    assert.equal(cluster.dnsPeers, coreDnsPeers);
  });

  it("says how a Service is reached, by the address that it got", async () => {
    const { cluster } = await makeAks();
    const target = {
      type: "loadBalancer",
      namespace: "ns",
      service: "client",
      port: 80,
      tls: false,
    } as const;
    assert.equal((await value(cluster.endpoint(target, "198.51.100.7"))).url, "http://198.51.100.7:80/");
  });
});
