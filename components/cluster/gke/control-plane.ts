import { Cluster as ControlPlane, type ClusterArgs } from "@pulumi/gcp/container/cluster.js";
import * as pulumi from "@pulumi/pulumi";
import { controlPlaneTimeouts, execKubeconfig, type ExecPlugin } from "../managed.ts";
import type { GkeArgs } from "./args.ts";
import type { GkeIam } from "./iam.ts";
import type { GkeKey } from "./key.ts";
import type { GkeNetwork } from "./network.ts";

/** The components that a control plane is made after. */
interface GkeDependencies {
  readonly network: GkeNetwork;
  readonly iam: GkeIam;
  readonly key: GkeKey;
  /** The API of clusters. */
  readonly api: pulumi.Resource;
}

/**
 * Creates the control plane. In Autopilot mode Google runs the nodes, and has Workload Identity, enforced network
 * policies, disks and Gateways built in.
 *
 * How long logs are kept is no setting of a cluster: they are in the `_Default` bucket of the whole project.
 */
export function createControlPlane(
  args: GkeArgs,
  { network, iam, key, api }: GkeDependencies,
  parent: pulumi.CustomResourceOptions,
): ControlPlane {
  return new ControlPlane(
    args.name,
    {
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
      databaseEncryption: { state: "ENCRYPTED", keyName: key.keyId },
      anonymousAuthenticationConfig: { mode: "LIMITED" },
      securityPostureConfig: { mode: "BASIC" },
      clusterAutoscaling: { autoProvisioningDefaults: { serviceAccount: iam.nodeAccount } },
      gatewayApiConfig: { channel: "CHANNEL_STANDARD" },
      loggingConfig: {
        enableComponents: ["SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER", "SCHEDULER", "CONTROLLER_MANAGER"],
      },
      // The provider sends a list that is left out as an empty one, which means no metrics at all.
      monitoringConfig: { enableComponents: ["SYSTEM_COMPONENTS"], managedPrometheus: { enabled: true } },
      maintenancePolicy: { recurringWindow: weekends },
      costManagementConfig: { enabled: true },
    },
    {
      ...parent,
      // Roles, key and NAT gateway stay until the cluster is gone.
      dependsOn: [api, ...iam.nodeGrants, key.grant, network.natGateway],
      protect: args.deletionProtection,
      customTimeouts: controlPlaneTimeouts,
      // They are Autopilot's own: set here, they would differ from its answer for ever (pulumi-gcp#2247, #1170), and a
      // change of the first would mean another cluster.
      ignoreChanges: ["nodeConfig", "dnsConfig"],
    },
  );
}

/**
 * The weekly maintenance window, by its first Saturday and its recurrence. GKE wants 48 hours in any 32 days, in windows
 * of 4 or more.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/concepts/maintenance-windows-and-exclusions
 */
const weekends = {
  startTime: "2026-01-03T00:00:00Z",
  endTime: "2026-01-03T08:00:00Z",
  recurrence: "FREQ=WEEKLY;BYDAY=SA,SU",
};

/**
 * The endpoints of the API server. The DNS endpoint answers everywhere, and IAM decides who comes through. The IP endpoint
 * is there for listed networks only; where it is off, the provider sends no networks with it, so it is given none.
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

/**
 * The kubeconfig of the cluster, in which gcloud's plugin asks for the token; secret. It names the DNS endpoint always,
 * whose certificate is one that every computer trusts.
 */
export function kubeconfigOf(cluster: ControlPlane): pulumi.Output<string> {
  const text = pulumi
    .all([cluster.name, cluster.controlPlaneEndpointsConfig.dnsEndpointConfig.endpoint])
    .apply(([name, endpoint]) => execKubeconfig({ name, server: `https://${endpoint}` }, gkePlugin));
  return pulumi.secret(text);
}

/** @see https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl#install_plugin */
const gkePlugin: ExecPlugin = {
  command: "gke-gcloud-auth-plugin",
  provideClusterInfo: true,
  installHint: "gcloud components install gke-gcloud-auth-plugin, and log in: gcloud auth login",
};
