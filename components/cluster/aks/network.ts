import { NatGateway } from "@pulumi/azure-native/network/natGateway.js";
import { PublicIPAddress } from "@pulumi/azure-native/network/publicIPAddress.js";
import { Subnet } from "@pulumi/azure-native/network/subnet.js";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork.js";
import * as pulumi from "@pulumi/pulumi";
import { addressOf } from "../cidr.ts";

/** What an {@link AksNetwork} is made of. */
export interface AksNetworkArgs {
  readonly resourceGroupName: pulumi.Input<string>;
  readonly location: string;
  /** IPv4, /27 or larger: half of it is for the nodes. */
  readonly cidr: string;
  /** Whether the API server gets a subnet of its own in here. */
  readonly apiServer: boolean;
  readonly tags: Readonly<Record<string, string>>;
}

/** A network whose nodes have no public address: what they send out leaves by one NAT gateway, from one address. */
export class AksNetwork extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;
  readonly nodeSubnetId: pulumi.Output<string>;
  /** None where the API server is not in here. */
  readonly apiServerSubnetId: pulumi.Output<string> | undefined;
  /** Where requests from inside appear to come from. */
  readonly outboundAddress: pulumi.Output<string>;

  constructor(name: string, args: AksNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:AksNetwork", name, {}, opts);
    const { resourceGroupName, location, cidr, tags } = args;
    const common = { resourceGroupName, location, tags };
    // AKS leaves its load balancers and network interfaces only when it is gone, and Azure refuses until then.
    const options = { parent: this, customTimeouts: { delete: "45m" } };
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
 * The lower half is for the nodes: pods have addresses of their own. The API server needs 9, and a /28 at least:
 * https://learn.microsoft.com/azure/aks/api-server-vnet-integration
 */
function subnetBlocks(cidr: string): { nodes: string; apiServer: string } {
  const half = Number(cidr.split("/")[1]) + 1;
  return {
    nodes: `${addressOf(cidr, 0)}/${half.toString()}`,
    apiServer: `${addressOf(cidr, 2 ** (32 - half))}/28`,
  };
}
