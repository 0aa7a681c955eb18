import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { GkeCluster, type GkeArgs } from "../../components/cluster/gke.ts";
import { record, type Recorded } from "../../render/recorder.ts";

export const base: GkeArgs = {
  name: "shop",
  project: "example-project",
  region: "europe-west3",
  kubernetesVersion: "1.36",
  admins: ["group:platform@example.com", "serviceAccount:deploy@example-project.iam.gserviceaccount.com"],
  network: { cidr: "10.0.0.0/20", podCidr: "10.4.0.0/14", serviceCidr: "10.8.0.0/20" },
  authorizedCidrs: ["203.0.113.0/24"],
  deletionProtection: true,
  labels: { application: "multi-client" },
};
export const gcp = (token: string): string => {
  const [service = "", type = ""] = token.split(":");
  return `gcp:${service}/${type.charAt(0).toLowerCase()}${type.slice(1)}:${type}`;
};
export const controlPlane = gcp("container:Cluster");
export const iamMember = gcp("projects:IAMMember");
export const provider = "pulumi:providers:kubernetes";

export interface Made {
  readonly resources: readonly Recorded[];
  readonly cluster: GkeCluster;
}

export async function makeGke(change: Partial<GkeArgs> = {}): Promise<Made> {
  const { resources, result } = await record(
    { project: "multi-client", stack: "test" },
    () => new GkeCluster("cluster", { ...base, ...change }),
  );
  return { resources, cluster: result as GkeCluster };
}

export async function gke(change: Partial<GkeArgs> = {}): Promise<readonly Recorded[]> {
  return (await makeGke(change)).resources;
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

/** Each of them is made after the one before it. */
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
