import { DefaultSecurityGroup } from "@pulumi/aws/ec2/defaultSecurityGroup.js";
import { Eip } from "@pulumi/aws/ec2/eip.js";
import { InternetGateway } from "@pulumi/aws/ec2/internetGateway.js";
import { NatGateway } from "@pulumi/aws/ec2/natGateway.js";
import { Route } from "@pulumi/aws/ec2/route.js";
import { RouteTable } from "@pulumi/aws/ec2/routeTable.js";
import { RouteTableAssociation } from "@pulumi/aws/ec2/routeTableAssociation.js";
import { Subnet } from "@pulumi/aws/ec2/subnet.js";
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
import { VpcEndpoint } from "@pulumi/aws/ec2/vpcEndpoint.js";
import * as pulumi from "@pulumi/pulumi";
import { zoneSubnets } from "../cidr.ts";
import { networkTimeouts } from "../managed.ts";
import type { EksArgs } from "./args.ts";
import { EksFlowLog } from "./flow-log.ts";

/** The arguments of an {@link EksNetwork}, whose addresses {@link zoneSubnets} divides. */
export type EksNetworkArgs = Pick<EksArgs, "region" | "logRetentionDays" | "tags"> &
  Pick<EksArgs["network"], "cidr" | "zones" | "nat" | "flowLog">;

/**
 * The tags by which Auto Mode finds the subnets of its load balancers.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/tag-subnets-auto.html
 */
const publicRole = { "kubernetes.io/role/elb": "1" };
const privateRole = { "kubernetes.io/role/internal-elb": "1" };
const everywhere = "0.0.0.0/0";

/** A VPC with nodes in private subnets, load balancers in public ones, and NAT gateways between them. */
export class EksNetwork extends pulumi.ComponentResource {
  readonly privateSubnetIds: readonly pulumi.Output<string>[];
  /** The routes between subnets and internet: nodes are made after them, and are gone before they are. */
  readonly routes: readonly pulumi.Resource[];
  private readonly tags: EksNetworkArgs["tags"];

  constructor(name: string, args: EksNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:EksNetwork", name, {}, opts);
    const { region, cidr, nat, flowLog, logRetentionDays, tags } = args;
    this.tags = tags;
    const vpc = this.vpc(name, cidr);
    if (flowLog !== "none")
      new EksFlowLog(
        name,
        { vpc, traffic: flowLog, retentionDays: logRetentionDays, tags },
        { parent: this },
      );
    const open = this.publicTable(`${name}-public`, vpc);
    const [privateSubnets, tables, routes]: [Subnet[], RouteTable[], pulumi.Resource[]] = [[], [], []];
    let gateway: NatGateway | undefined;
    for (const { zone, privateCidr, publicCidr } of zoneSubnets(cidr, args.zones)) {
      const publicSubnet = this.subnet(`${name}-public-${zone}`, vpc, zone, publicCidr, publicRole);
      const ingress = this.associate(`${name}-public-${zone}`, publicSubnet, open.table);
      if (gateway === undefined || nat === "zone")
        gateway = this.natGateway(`${name}-${zone}`, publicSubnet, [open.route, ingress]);
      const subnet = this.subnet(`${name}-private-${zone}`, vpc, zone, privateCidr, privateRole);
      const { table, route } = this.privateTable(`${name}-private-${zone}`, vpc, gateway);
      privateSubnets.push(subnet);
      tables.push(table);
      routes.push(ingress, route, this.associate(`${name}-private-${zone}`, subnet, table));
    }
    this.storageEndpoint(`${name}-s3`, vpc, region, tables);
    this.privateSubnetIds = privateSubnets.map(({ id }) => id);
    this.routes = routes;
    this.registerOutputs({ privateSubnetIds: this.privateSubnetIds });
  }

  /** The VPC, and its default security group without any rule: nothing can come to use it by mistake. */
  private vpc(name: string, cidrBlock: string): Vpc {
    const vpc = new Vpc(
      name,
      // Both are needed to find the private endpoint of the API server by its name.
      { cidrBlock, enableDnsHostnames: true, enableDnsSupport: true, tags: this.named(name) },
      this.late,
    );
    const tags = this.named(`${name}-default`);
    new DefaultSecurityGroup(name, { vpcId: vpc.id, ingress: [], egress: [], tags }, this.late);
    return vpc;
  }

  private publicTable(name: string, { id: vpcId }: Vpc): { table: RouteTable; route: Route } {
    const tags = this.named(name);
    const gateway = new InternetGateway(name, { vpcId, tags }, this.late);
    const table = new RouteTable(name, { vpcId, tags }, { parent: this });
    const route = new Route(
      name,
      { routeTableId: table.id, destinationCidrBlock: everywhere, gatewayId: gateway.id },
      { parent: this },
    );
    return { table, route };
  }

  private privateTable(name: string, vpc: Vpc, gateway: NatGateway): { table: RouteTable; route: Route } {
    const table = new RouteTable(name, { vpcId: vpc.id, tags: this.named(name) }, { parent: this });
    const route = new Route(
      name,
      { routeTableId: table.id, destinationCidrBlock: everywhere, natGatewayId: gateway.id },
      { parent: this },
    );
    return { table, route };
  }

  private subnet(name: string, vpc: Vpc, zone: string, cidrBlock: string, role: object): Subnet {
    return new Subnet(
      name,
      {
        vpcId: vpc.id,
        availabilityZone: zone,
        cidrBlock,
        mapPublicIpOnLaunch: false,
        tags: { ...this.named(name), ...role },
      },
      this.late,
    );
  }

  private associate(name: string, subnet: Subnet, table: RouteTable): RouteTableAssociation {
    return new RouteTableAssociation(name, { subnetId: subnet.id, routeTableId: table.id }, { parent: this });
  }

  /** @param routes from the subnet to the internet: an address is in use until the gateway is gone. */
  private natGateway(name: string, subnet: Subnet, routes: readonly pulumi.Resource[]): NatGateway {
    const tags = this.named(name);
    const after = { parent: this, dependsOn: [...routes] };
    const address = new Eip(name, { domain: "vpc", tags }, after);
    return new NatGateway(name, { subnetId: subnet.id, allocationId: address.id, tags }, after);
  }

  /** Image layers come from S3. By this endpoint they cost nothing, and do not pass the NAT gateway. */
  private storageEndpoint(name: string, vpc: Vpc, region: string, tables: readonly RouteTable[]): void {
    new VpcEndpoint(
      name,
      {
        vpcId: vpc.id,
        vpcEndpointType: "Gateway",
        serviceName: `com.amazonaws.${region}.s3`,
        routeTableIds: tables.map(({ id }) => id),
        tags: this.named(name),
      },
      { parent: this },
    );
  }

  /** The stack's tags with `Name`, which is all that the console shows of what a resource is for. */
  private named(name: string): Record<string, string> {
    return { ...this.tags, Name: name };
  }

  /** The options of what AWS refuses to delete while EKS still has something in the network. */
  private get late(): pulumi.CustomResourceOptions {
    return { parent: this, customTimeouts: networkTimeouts };
  }
}
