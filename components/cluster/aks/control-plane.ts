import * as pulumi from "@pulumi/pulumi";
import { addressOf } from "../cidr.ts";
import type { AksNetwork } from "./network.ts";
import { nodes, systemNodes } from "./nodes.ts";
import type { AksArgs } from "./args.ts";

/** Everything that a cluster is asked for, but its place: no local accounts, no keys, nodes without public addresses. */
export function controlPlane(args: AksArgs, network: AksNetwork, identityId: pulumi.Input<string>) {
  const { kubernetesVersion, network: ranges } = args;
  return {
    dnsPrefix: args.name,
    sku: { name: "Base", tier: "Standard" },
    kubernetesVersion,
    autoUpgradeProfile: { upgradeChannel: "patch", nodeOSUpgradeChannel: "NodeImage" },
    identity: { type: "UserAssigned" as const, userAssignedIdentities: [identityId] },
    enableRBAC: true,
    disableLocalAccounts: true,
    aadProfile: {
      managed: true,
      enableAzureRBAC: true,
      adminGroupObjectIDs: [...args.admins],
      tenantID: args.tenantId,
    },
    apiServerAccessProfile: apiServerAccess(args.authorizedCidrs, network),
    networkProfile: {
      networkPlugin: "azure",
      networkPluginMode: "overlay",
      networkDataplane: "cilium",
      networkPolicy: "cilium",
      podCidr: ranges.podCidr,
      serviceCidr: ranges.serviceCidr,
      dnsServiceIP: addressOf(ranges.serviceCidr, 10),
      outboundType: "userAssignedNATGateway",
      loadBalancerSku: "standard",
    },
    oidcIssuerProfile: { enabled: true },
    securityProfile: {
      workloadIdentity: { enabled: true },
      imageCleaner: { enabled: true, intervalHours: 168 },
    },
    nodeResourceGroupProfile: { restrictionLevel: "ReadOnly" },
    metricsProfile: { costAnalysis: { enabled: true } },
    // The pool of the system only. Others are resources of their own: a change of this list sets all of them to work.
    agentPoolProfiles: [
      {
        ...nodes(kubernetesVersion, args.nodes.vmSize, systemNodes),
        name: "system",
        mode: "System",
        vnetSubnetID: network.nodeSubnetId,
        nodeTaints: ["CriticalAddonsOnly=true:NoSchedule"],
        tags: args.tags,
      },
    ],
  };
}

/**
 * Nodes reach a public endpoint from the outside, by their way out, whose address therefore has to be let in:
 * https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges
 */
function apiServerAccess(authorizedCidrs: readonly string[], network: AksNetwork) {
  const { apiServerSubnetId, outboundAddress } = network;
  if (apiServerSubnetId === undefined) {
    const authorizedIPRanges = [...authorizedCidrs, pulumi.interpolate`${outboundAddress}/32`];
    return { disableRunCommand: true, enablePrivateCluster: false, authorizedIPRanges };
  }
  return {
    disableRunCommand: true,
    enablePrivateCluster: true,
    enablePrivateClusterPublicFQDN: false,
    enableVnetIntegration: true,
    subnetId: apiServerSubnetId,
  };
}
