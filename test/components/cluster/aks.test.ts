import assert from "node:assert/strict";
import { coreDnsPeers } from "../../../components/cluster/cluster.ts";
import {
  agentPool,
  after,
  aks,
  assertOrder,
  azure,
  base,
  inputs,
  kubernetes,
  makeAks,
  managedCluster,
  roleAssignment,
  subnet,
  value,
} from "../../support/aks.ts";
import { only } from "../../support/pulumi.ts";

describe("AksCluster", () => {
  it("admits the listed CIDRs and its own nodes only", async () => {
    const { apiServerAccessProfile } = inputs(only(await aks(), managedCluster));
    assert.deepEqual(apiServerAccessProfile, {
      disableRunCommand: true,
      enablePrivateCluster: false,
      authorizedIPRanges: ["203.0.113.0/24", "<shop-outbound.ipAddress>/32"],
    });
  });

  it("has no public endpoint without a CIDR, but a subnet for the API server", async () => {
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

  it("sends everything out through the NAT gateway, because nodes have no public address", async () => {
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

  it("admits one Entra tenant only, without local accounts", async () => {
    const { disableLocalAccounts, enableRBAC, aadProfile } = inputs(only(await aks(), managedCluster));
    assert.deepEqual([disableLocalAccounts, enableRBAC], [true, true]);
    assert.deepEqual(aadProfile, {
      managed: true,
      enableAzureRBAC: true,
      adminGroupObjectIDs: base.admins,
      tenantID: base.tenantId,
    });
  });

  it("grants each admin group administration on the resource group, which the lock does not cover", async () => {
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

  it("lets the cluster's identity alone change the network", async () => {
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

  it("reserves the system pool for the system, and gives the application a pool that scales", async () => {
    const resources = await aks();
    const [system, ...others] = inputs(only(resources, managedCluster)).agentPoolProfiles;
    assert.deepEqual(others, []);
    assert.deepEqual([system.mode, system.nodeTaints], ["System", ["CriticalAddonsOnly=true:NoSchedule"]]);
    assert.equal(system.vmSize, base.nodes.systemVmSize);
    const user = inputs(only(resources, agentPool));
    assert.equal(user.vmSize, base.nodes.vmSize);
    assert.deepEqual(
      [user.mode, user.enableAutoScaling, user.count, user.minCount, user.maxCount],
      ["User", true, 2, 2, 6],
    );
    for (const pool of [system, user]) {
      assert.deepEqual(pool.availabilityZones, ["1", "2", "3"]);
      assert.equal(pool.enableEncryptionAtHost, true);
      assert.equal(pool.orchestratorVersion, "1.36");
      // `sshAccess` is a preview: https://learn.microsoft.com/azure/aks/manage-ssh-node-access
      assert.deepEqual(pool.securityProfile, { enableSecureBoot: true, enableVTPM: true });
    }
  });

  it("names the pool of the application after its size, so that another size is another pool", async () => {
    const name = async (vmSize: string) =>
      inputs(only(await aks({ nodes: { ...base.nodes, vmSize } }), agentPool)).agentPoolName as string;
    const names = [await name("Standard_D4ds_v5"), await name("Standard_D8ds_v5")];
    assert.notEqual(names[0], names[1]);
    for (const one of names) assert.match(one, /^[a-z][a-z0-9]{0,11}$/);
  });

  it("upgrades nodes and cluster on different days of the weekend", async () => {
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

  it("keeps an audit log for as long as the settings say", async () => {
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

  it("gives a kubeconfig in which kubelogin asks for the token", async () => {
    const { clusters, users } = JSON.parse(await value((await makeAks()).cluster.kubeconfig));
    assert.deepEqual(clusters, [
      {
        name: "<shop.name>",
        cluster: { server: "<shop.server>", "certificate-authority-data": "<shop.certificateAuthority>" },
      },
    ]);
    const { command, args } = users[0].user.exec;
    assert.deepEqual([command, ...args.slice(0, 3)], ["kubelogin", "get-token", "--login", "azurecli"]);
    assert.deepEqual(args.slice(3, 5), ["--tenant-id", base.tenantId]);
  });

  it("has disks in all zones", async () => {
    const { provisioner, parameters } = inputs(
      only(await aks(), "kubernetes:storage.k8s.io/v1:StorageClass"),
    );
    const expected = { skuName: "Premium_ZRS", resourceGroup: "<shop-disks.name>" };
    assert.deepEqual([provisioner, parameters], ["disk.csi.azure.com", expected]);
  });

  it("keeps disks in a group that outlives the cluster, unlike the group of the nodes", async () => {
    const group = only(await aks(), azure("resources:ResourceGroup"), "shop-disks");
    assert.ok(group.retainOnDelete && group.protect);
    assert.equal(inputs(group).tags.keep, "disks");
    const { principalType, scope } = inputs(only(await aks(), roleAssignment, "shop-disks"));
    assert.deepEqual([principalType, scope], ["ServicePrincipal", "shop-disks-id"]);
  });

  it("lets pods ask CoreDNS for names", async () => {
    assert.equal((await makeAks()).cluster.dnsPeers, coreDnsPeers);
  });

  it("lets its nodes pull from a container registry before there are pods, by a grant whose name tells what it grants", async () => {
    const registry =
      "/subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/shared/providers/Microsoft.ContainerRegistry/registries/mirror";
    const resources = await aks({ containerRegistry: registry });
    const grant = only(resources, roleAssignment, "shop-registry");
    const { roleAssignmentName, ...rest } = inputs(grant);
    assert.deepEqual(rest, {
      principalId: "<shop.kubeletidentity.objectId>",
      principalType: "ServicePrincipal",
      scope: registry,
      roleDefinitionId:
        "/subscriptions/33333333-3333-3333-3333-333333333333/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d",
    });
    const nameOf = async (containerRegistry: string): Promise<unknown> =>
      inputs(only(await aks({ containerRegistry }), roleAssignment, "shop-registry")).roleAssignmentName;
    assert.match(String(roleAssignmentName), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.equal(await nameOf(registry.toLowerCase()), roleAssignmentName);
    assert.notEqual(await nameOf(`${registry}2`), roleAssignmentName);
    assertOrder(resources, only(resources, managedCluster), grant, only(resources, kubernetes));
  });
});
