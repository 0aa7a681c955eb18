import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { AksCluster, type AksArgs } from "../../components/cluster/aks.ts";
import { record, type Recorded } from "../../render/recorder.ts";

export const base: AksArgs = {
  name: "shop",
  location: "westeurope",
  tenantId: "00000000-0000-0000-0000-00000000000a",
  subscriptionId: "00000000-0000-0000-0000-00000000000b",
  kubernetesVersion: "1.36",
  admins: ["11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"],
  network: { cidr: "10.1.0.0/16", podCidr: "10.244.0.0/16", serviceCidr: "10.2.0.0/16" },
  authorizedCidrs: ["203.0.113.0/24"],
  nodes: { vmSize: "Standard_D4ds_v5", min: 2, max: 6 },
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

export interface Made {
  readonly resources: readonly Recorded[];
  readonly cluster: AksCluster;
}

export async function makeAks(change: Partial<AksArgs> = {}): Promise<Made> {
  const { resources, result } = await record(
    { project: "multi-client", stack: "test" },
    () => new AksCluster("cluster", { ...base, ...change }),
  );
  return { resources, cluster: result as AksCluster };
}

export async function aks(change: Partial<AksArgs> = {}): Promise<readonly Recorded[]> {
  return (await makeAks(change)).resources;
}

/** Inputs as deep and loose as the request they stand for. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export const inputs = (resource: Recorded): any => resource.inputs;

/** Whether one is made after the other, and so deleted before it. */
export function after(resources: readonly Recorded[], later: Recorded, earlier: Recorded): boolean {
  return later.dependsOn.some((urn) => {
    const next = resources.find((resource) => resource.urn === urn);
    return urn === earlier.urn || (next !== undefined && after(resources, next, earlier));
  });
}

export function assertOrder(resources: readonly Recorded[], ...order: Recorded[]): void {
  for (const [index, later] of order.slice(1).entries()) {
    const earlier = order[index];
    assert.ok(
      earlier && after(resources, later, earlier),
      `${later.urn} does not wait for ${earlier?.urn ?? ""}`,
    );
  }
}

export const value = <T>(output: pulumi.Output<T>) => new Promise<T>((done) => void output.apply(done));
