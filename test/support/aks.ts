import type { AksArgs } from "../../components/cluster/aks/args.ts";
import { AksCluster } from "../../components/cluster/aks/index.ts";
import type { Recorded } from "../../render/recorder.ts";
import { once, recorded, type Made } from "./recorded.ts";

export { after, assertOrder, inputs, value } from "./recorded.ts";

export const base: AksArgs = {
  name: "shop",
  location: "westeurope",
  tenantId: "00000000-0000-0000-0000-00000000000a",
  subscriptionId: "00000000-0000-0000-0000-00000000000b",
  kubernetesVersion: "1.36",
  admins: ["11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"],
  network: { cidr: "10.1.0.0/16", podCidr: "10.244.0.0/16", serviceCidr: "10.2.0.0/16" },
  authorizedCidrs: ["203.0.113.0/24"],
  nodes: { vmSize: "Standard_D2ds_v5", systemVmSize: "Standard_D4ds_v5", min: 2, max: 6 },
  logRetentionDays: 90,
  deletionProtection: true,
  tags: { application: "multi-client" },
};
export const azure = (token: string) => `azure-native:${token}`;
export const managedCluster = azure("containerservice:ManagedCluster");
export const agentPool = azure("containerservice:AgentPool");
export const roleAssignment = azure("authorization:RoleAssignment");
export const lock = azure("authorization:ManagementLockByScope");
export const subnet = azure("network:Subnet");
export const kubernetes = "pulumi:providers:kubernetes";

export const makeAks = once<Partial<AksArgs>, Made<AksCluster>>((change) =>
  recorded(() => new AksCluster("cluster", { ...base, ...change })),
);

export async function aks(change: Partial<AksArgs> = {}): Promise<readonly Recorded[]> {
  return (await makeAks(change)).resources;
}
