import type { ClusterArgs } from "@pulumi/gcp/container/cluster.js";
import type { Input } from "@pulumi/pulumi";
import type { GkeNetwork } from "./network.ts";
import type { GkeArgs } from "./args.ts";

/** What the cluster is told of the things around it. */
export interface GkeDependencies {
  readonly network: GkeNetwork;
  readonly nodeAccount: Input<string>;
  readonly keyId: Input<string>;
}

/**
 * Everything that a cluster is asked for. Autopilot: Google runs the nodes, and has Workload Identity, enforced network
 * policies, disks and Gateways built in.
 *
 * `nodeConfig` and `dnsConfig` are Autopilot's own: set here, they would differ from its answer for ever
 * (pulumi-gcp#2247, #1170). How long logs are kept is no setting of a cluster: they are in the `_Default` bucket of the
 * whole project.
 */
export function controlPlane(
  args: GkeArgs,
  { network, nodeAccount, keyId }: GkeDependencies,
): Omit<ClusterArgs, "name"> {
  return {
    project: args.project,
    location: args.region,
    enableAutopilot: true,
    minMasterVersion: args.kubernetesVersion,
    releaseChannel: { channel: "REGULAR" },
    // Refused by the provider, not by Google: gcloud deletes a cluster of it all the same.
    deletionProtection: args.deletionProtection,
    resourceLabels: args.labels,
    network: network.networkId,
    subnetwork: network.subnetworkId,
    ipAllocationPolicy: {
      clusterSecondaryRangeName: network.podRange,
      servicesSecondaryRangeName: network.serviceRange,
    },
    privateClusterConfig: { enablePrivateNodes: true },
    ...endpoints(args.authorizedCidrs),
    databaseEncryption: { state: "ENCRYPTED", keyName: keyId },
    anonymousAuthenticationConfig: { mode: "LIMITED" },
    securityPostureConfig: { mode: "BASIC" },
    clusterAutoscaling: { autoProvisioningDefaults: { serviceAccount: nodeAccount } },
    gatewayApiConfig: { channel: "CHANNEL_STANDARD" },
    loggingConfig: {
      enableComponents: ["SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER", "SCHEDULER", "CONTROLLER_MANAGER"],
    },
    // The provider sends a list that is left out as an empty one, which means no metrics at all.
    monitoringConfig: { enableComponents: ["SYSTEM_COMPONENTS"], managedPrometheus: { enabled: true } },
    maintenancePolicy: { recurringWindow: weekends },
    costManagementConfig: { enabled: true },
  };
}

/**
 * The first Saturday, and how it goes on. GKE wants 48 hours in any 32 days, in windows of 4 or more:
 * https://cloud.google.com/kubernetes-engine/docs/concepts/maintenance-windows-and-exclusions
 */
const weekends = {
  startTime: "2026-01-03T00:00:00Z",
  endTime: "2026-01-03T08:00:00Z",
  recurrence: "FREQ=WEEKLY;BYDAY=SA,SU",
};

/**
 * The DNS endpoint answers everywhere, and IAM decides who comes through. The IP endpoint is there for listed networks
 * only; where it is off, the provider sends no networks with it, so it is given none.
 */
function endpoints(
  authorizedCidrs: readonly string[],
): Pick<ClusterArgs, "controlPlaneEndpointsConfig" | "masterAuthorizedNetworksConfig"> {
  const enabled = authorizedCidrs.length > 0;
  return {
    controlPlaneEndpointsConfig: {
      dnsEndpointConfig: { allowExternalTraffic: true },
      ipEndpointsConfig: { enabled },
    },
    ...(enabled && {
      masterAuthorizedNetworksConfig: {
        cidrBlocks: authorizedCidrs.map((cidrBlock) => ({ cidrBlock })),
        // Otherwise every machine that anybody rents from Google is let in.
        gcpPublicCidrsAccessEnabled: false,
      },
    }),
  };
}
