import { createHash } from "node:crypto";
import { AgentPool } from "@pulumi/azure-native/containerservice/agentPool.js";
import { MaintenanceConfiguration } from "@pulumi/azure-native/containerservice/maintenanceConfiguration.js";
import type * as pulumi from "@pulumi/pulumi";
import type { AksArgs, ClusterScope } from "./args.ts";
import { surgePercent } from "./node-count.ts";

/**
 * The inputs of either pool: nodes in three zones, encrypted on the host too, started from what is signed. Nobody has a key
 * for their SSH or a route to it; to switch it off (`sshAccess`) is a preview, which a subscription has to register.
 *
 * @see https://learn.microsoft.com/azure/aks/manage-ssh-node-access
 */
export function nodes(kubernetesVersion: string, vmSize: string, { min, max }: { min: number; max: number }) {
  return {
    type: "VirtualMachineScaleSets",
    orchestratorVersion: kubernetesVersion,
    vmSize,
    enableAutoScaling: true,
    count: min,
    minCount: min,
    maxCount: max,
    availabilityZones: ["1", "2", "3"],
    osType: "Linux",
    osSKU: "AzureLinux",
    osDiskType: "Ephemeral",
    // Else as much as the size's default, 128 GB at least, which not every local disk holds; it never changes later.
    osDiskSizeGB: 64,
    enableEncryptionAtHost: true,
    enableNodePublicIP: false,
    upgradeSettings: { maxSurge: `${surgePercent.toString()}%`, drainTimeoutInMinutes: 30 },
    securityProfile: { enableSecureBoot: true, enableVTPM: true },
  };
}

/**
 * The name of the application's pool, another one for each size: a pool cannot change its size, so the new one is made,
 * and only then the old one drained and deleted. Azure takes lower-case letters and digits, 12 at most.
 */
function userPoolName(vmSize: string): string {
  return `user${createHash("sha256").update(vmSize).digest("hex").slice(0, 8)}`;
}

/** Creates the pool that the application runs on. */
export function createUserPool(
  { name, kubernetesVersion, nodes: pool, tags }: AksArgs,
  scope: ClusterScope & { readonly vnetSubnetID: pulumi.Output<string> },
  parent: pulumi.CustomResourceOptions,
): AgentPool {
  return new AgentPool(
    `${name}-user`,
    {
      ...scope,
      ...nodes(kubernetesVersion, pool.vmSize, pool),
      agentPoolName: userPoolName(pool.vmSize),
      mode: "User",
      tags,
    },
    {
      ...parent,
      customTimeouts: { create: "30m", update: "60m", delete: "60m" },
      ignoreChanges: ["count"],
      // The provider would delete first whatever has a name of its own.
      deleteBeforeReplace: false,
    },
  );
}

/**
 * Creates the windows in which AKS may upgrade nodes and cluster: every week, outside of the working week. They come one
 * after the other, the first one after the pool: AKS refuses a change of a cluster while another one is in progress.
 *
 * @returns the last one.
 * @see https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/error-codes/operationnotallowed-another-operation-in-progress
 */
export function createMaintenance(
  name: string,
  scope: ClusterScope,
  pool: AgentPool,
  parent: pulumi.CustomResourceOptions,
): MaintenanceConfiguration {
  const window = (configName: string, dayOfWeek: string, after: pulumi.Resource) => {
    const schedule = { weekly: { intervalWeeks: 1, dayOfWeek } };
    const maintenanceWindow = { schedule, startTime: "01:00", utcOffset: "+00:00", durationHours: 6 };
    return new MaintenanceConfiguration(
      `${name}-${configName}`,
      { ...scope, configName, maintenanceWindow },
      { ...parent, dependsOn: after },
    );
  };
  // By the names that AKS gives to the windows.
  const nodes = window("aksManagedNodeOSUpgradeSchedule", "Saturday", pool);
  return window("aksManagedAutoUpgradeSchedule", "Sunday", nodes);
}
