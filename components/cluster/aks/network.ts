import { NatGateway } from "@pulumi/azure-native/network/natGateway.js";
import { PublicIPAddress } from "@pulumi/azure-native/network/publicIPAddress.js";
import { Subnet } from "@pulumi/azure-native/network/subnet.js";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork.js";
import * as pulumi from "@pulumi/pulumi";
import { addressOf } from "../cidr.ts";
import { networkTimeouts } from "../managed.ts";
import type { AzureScope } from "./args.ts";

/** The arguments of an {@link AksNetwork}. */
export interface AksNetworkArgs extends AzureScope {
  /** The network's addresses: IPv4, /27 or larger. Half of them are for the nodes. */
  readonly cidr: string;
  /** `true` gives the API server a subnet of its own in this network. */
  readonly apiServer: boolean;
}

/** A network whose nodes have no public address: what they send out leaves by one NAT gateway, from one address. */
export class AksNetwork extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;
  readonly nodeSubnetId: pulumi.Output<string>;
  /** The API server's subnet; none where the API server is not in this network. */
  readonly apiServerSubnetId: pulumi.Output<string> | undefined;
  /** The address that requests from inside appear to come from. */
  readonly outboundAddress: pulumi.Output<string>;

  constructor(name: string, args: AksNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:AksNetwork", name, {}, opts);
    const { resourceGroupName, location, cidr, tags } = args;
    const common = { resourceGroupName, location, tags };
    const options = { parent: this, customTimeouts: networkTimeouts };
    const network = new VirtualNetwork(
      `${name}-network`,
      { ...common, addressSpace: { addressPrefixes: [cidr] } },
      // The subnets are resources of their own; an update must not take them for removed.
      { ...options, ignoreChanges: ["subnets"] },
    );
    const address = new PublicIPAddress(
      `${name}-outbound`,
      {
        ...common,
        sku: { name: "Standard" },
        publicIPAllocationMethod: "Static",
        zones: ["1", "2", "3"],
      },
      // Azure shows here who uses it, and a refresh takes that for a setting.
      { ...options, ignoreChanges: ["natGateway"] },
    );
    const nat = new NatGateway(
      `${name}-outbound`,
      { ...common, sku: { name: "Standard" }, publicIpAddresses: [{ id: address.id }] },
      options,
    );
    const subnet = { resourceGroupName, virtualNetworkName: network.name, defaultOutboundAccess: false };
    const blocks = subnetBlocks(cidr);
    const nodes = new Subnet(
      `${name}-nodes`,
      { ...subnet, addressPrefix: blocks.nodes, natGateway: { id: nat.id } },
      options,
    );
    this.id = network.id;
    this.nodeSubnetId = nodes.id;
    this.apiServerSubnetId = args.apiServer
      ? new Subnet(
          `${name}-api-server`,
          {
            ...subnet,
            addressPrefix: blocks.apiServer,
            delegations: [{ name: "aks", serviceName: "Microsoft.ContainerService/managedClusters" }],
          },
          // One after the other: a network takes one change at a time.
          { ...options, dependsOn: nodes },
        ).id
      : undefined;
    this.outboundAddress = address.ipAddress.apply((known) => known ?? "");
    this.registerOutputs({ id: this.id, outboundAddress: this.outboundAddress });
  }
}

/**
 * The addresses of the subnets. The lower half is for the nodes: pods have addresses of their own. The API server needs
 * 9 addresses, and a /28 at least.
 *
 * @see https://learn.microsoft.com/azure/aks/api-server-vnet-integration
 */
function subnetBlocks(cidr: string): { nodes: string; apiServer: string } {
  const half = Number(cidr.split("/")[1]) + 1;
  return {
    nodes: `${addressOf(cidr, 0)}/${half.toString()}`,
    apiServer: `${addressOf(cidr, 2 ** (32 - half))}/28`,
  };
}
