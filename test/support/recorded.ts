import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { record, type Recorded } from "../../render/recorder.ts";

/** A cluster, and everything it registered. */
export interface Made<T> {
  readonly resources: readonly Recorded[];
  readonly cluster: T;
}

export async function recorded<T>(make: () => T): Promise<Made<T>> {
  const { resources, result } = await record({ project: "multi-client", stack: "test" }, make);
  return { resources, cluster: result as T };
}

/** Makes each cluster once for the same change of its arguments: no test changes what it gets. */
export function once<A extends object, T>(make: (change: A) => Promise<T>): (change?: A) => Promise<T> {
  const made = new Map<string, Promise<T>>();
  return (change = {} as A) => {
    const key = JSON.stringify(change);
    const result = made.get(key) ?? make(change);
    made.set(key, result);
    return result;
  };
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
