import { Network } from "@pulumi/gcp/compute/network.js";
import { Router } from "@pulumi/gcp/compute/router.js";
import { RouterNat } from "@pulumi/gcp/compute/routerNat.js";
import { Subnetwork } from "@pulumi/gcp/compute/subnetwork.js";
import * as pulumi from "@pulumi/pulumi";
import { networkTimeouts } from "../managed.ts";
import type { GkeArgs } from "./args.ts";

/** The arguments of a {@link GkeNetwork}. */
export type GkeNetworkArgs = Pick<GkeArgs, "project" | "region"> &
  GkeArgs["network"] & {
    /** The API that makes networks: everything here waits for it. */
    readonly api: pulumi.Resource;
  };

const options = { customTimeouts: networkTimeouts };

/** A network whose nodes have no public address: what they send out leaves by one NAT gateway. It has flow logs, unless told otherwise. */
export class GkeNetwork extends pulumi.ComponentResource {
  readonly networkId: pulumi.Output<string>;
  readonly subnetworkId: pulumi.Output<string>;
  /** The name of the subnetwork's range for pods. */
  readonly podRange = "pods";
  /** The name of the subnetwork's range for Services. */
  readonly serviceRange = "services";
  /** The NAT gateway: a cluster without it gets no image from outside of Google. */
  readonly natGateway: pulumi.Resource;

  constructor(name: string, args: GkeNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:GkeNetwork", name, {}, opts);
    const network = new Network(
      name,
      { project: args.project, autoCreateSubnetworks: false },
      { ...options, parent: this, dependsOn: args.api },
    );
    this.networkId = network.id;
    this.subnetworkId = this.createSubnetwork(name, args, network).id;
    this.natGateway = this.createNat(name, args, network);
    this.registerOutputs({ networkId: this.networkId, subnetworkId: this.subnetworkId });
  }

  private createSubnetwork(name: string, args: GkeNetworkArgs, network: Network): Subnetwork {
    return new Subnetwork(
      name,
      {
        project: args.project,
        region: args.region,
        network: network.id,
        ipCidrRange: args.cidr,
        // The cluster is native to the network: GKE has a range for its pods and one for its Services here.
        secondaryIpRanges: [
          { rangeName: this.podRange, ipCidrRange: args.podCidr },
          { rangeName: this.serviceRange, ipCidrRange: args.serviceCidr },
        ],
        // Registries and logs of Google are reached without the NAT.
        privateIpGoogleAccess: true,
        ...(args.flowLog !== "none" && {
          logConfig: {
            aggregationInterval: "INTERVAL_10_MIN",
            flowSampling: args.flowLog === "all" ? 1 : 0.5,
            metadata: "INCLUDE_ALL_METADATA",
          },
        }),
      },
      { ...options, parent: this },
    );
  }

  private createNat(name: string, { project, region }: GkeNetworkArgs, network: Network): RouterNat {
    const router = new Router(name, { project, region, network: network.id }, { parent: this });
    return new RouterNat(
      name,
      {
        project,
        region,
        router: router.name,
        natIpAllocateOption: "AUTO_ONLY",
        sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
        // Ports that ran out, mostly; every connection is in the flow logs of the subnetwork.
        logConfig: { enable: true, filter: "ERRORS_ONLY" },
      },
      { parent: this },
    );
  }
}
