import { createHash } from "node:crypto";

/** When AKS may upgrade nodes and cluster: every week, off the working week. By the names that AKS gives to the windows. */
export const maintenance = {
  aksManagedNodeOSUpgradeSchedule: window("Saturday"),
  aksManagedAutoUpgradeSchedule: window("Sunday"),
} as const;

function window(dayOfWeek: "Saturday" | "Sunday") {
  const schedule = { weekly: { intervalWeeks: 1, dayOfWeek } };
  return { schedule, startTime: "01:00", utcOffset: "+00:00", durationHours: 6 };
}

/** How many more nodes a pool has while it is upgraded, in percent; fractions are rounded up. */
const SURGE = 33;

/** Nodes of either pool: in three zones, encrypted on the host too, started from what is signed, and without SSH. */
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
    upgradeSettings: { maxSurge: `${SURGE.toString()}%`, drainTimeoutInMinutes: 30 },
    securityProfile: { enableSecureBoot: true, enableVTPM: true, sshAccess: "Disabled" },
  };
}

/** For what AKS itself runs. Two, so that one may go; a third while one is being replaced. */
export const systemNodes = { min: 2, max: 3 };

/** How many nodes there are at once, both pools at their largest and while both are upgraded. */
export function mostNodes(userMax: number): number {
  const withSurge = (max: number) => max + Math.ceil((max * SURGE) / 100);
  return withSurge(systemNodes.max) + withSurge(userMax);
}

/**
 * A name for each size: a pool cannot change its size, so the new one is made, and only then the old one drained and
 * deleted. Lower-case letters and digits, 12 at most.
 */
export function userPoolName(vmSize: string): string {
  return `user${createHash("sha256").update(vmSize).digest("hex").slice(0, 8)}`;
}
