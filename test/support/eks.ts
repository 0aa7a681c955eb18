import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { EksCluster, type EksArgs } from "../../components/cluster/eks.ts";
import { record, type Recorded } from "../../render/recorder.ts";

export const base: EksArgs = {
  name: "shop",
  region: "eu-central-1",
  kubernetesVersion: "1.36",
  admins: ["arn:aws:iam::111122223333:role/platform", "arn:aws:iam::111122223333:role/ops/deploy"],
  network: {
    cidr: "10.0.0.0/16",
    serviceCidr: "172.20.0.0/16",
    zones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
    nat: "zone",
  },
  authorizedCidrs: ["203.0.113.0/24"],
  logRetentionDays: 90,
  deletionProtection: true,
  tags: { application: "multi-client" },
};

export interface Made {
  readonly resources: readonly Recorded[];
  readonly cluster: EksCluster;
}

export async function makeEks(change: Partial<EksArgs> = {}): Promise<Made> {
  const { resources, result } = await record(
    { project: "multi-client", stack: "test" },
    () => new EksCluster("cluster", { ...base, ...change }),
  );
  return { resources, cluster: result as EksCluster };
}

export async function eks(change: Partial<EksArgs> = {}): Promise<readonly Recorded[]> {
  return (await makeEks(change)).resources;
}

/** `ec2/subnet` -> `aws:ec2/subnet:Subnet`. */
export function aws(path: string): string {
  const [, name = ""] = path.split("/");
  return `aws:${path}:${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

export const all = (resources: readonly Recorded[], type: string): Recorded[] =>
  resources.filter((resource) => resource.type === type);

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

/** Each waits for the one before it. */
export function assertOrder(resources: readonly Recorded[], ...order: readonly Recorded[]): void {
  for (const [index, later] of order.slice(1).entries()) {
    const earlier = order[index];
    assert.ok(
      earlier && after(resources, later, earlier),
      `${later.urn} does not wait for ${earlier?.urn ?? ""}`,
    );
  }
}

export const value = <T>(output: pulumi.Output<T>) => new Promise<T>((done) => void output.apply(done));
