import type { CustomResourceOptions } from "@pulumi/pulumi";
import type { Services } from "./service.ts";

/** The seconds after which the engine gives up on an object that does not become ready, and says why it is not. */
export interface Timeouts {
  /** The limit for pods, and for the Services in front of them. */
  readonly pods: number;
  /** The limit for the address of a load balancer or Ingress. */
  readonly address: number;
}

/**
 * The contract's `nodeStartSeconds` where nodes come when pods ask for them. The figure is ours, and generous: clouds
 * take one to five minutes for a node, and more where a zone has none to give.
 */
export const managedNodeStartSeconds = 600;

/**
 * The limits where a stack sets none. The provider's own is 600 s. For a claim it is 300 s, and nothing changes that:
 * provider/pkg/await/awaiters.go @ 94977969 (untilCoreV1PersistentVolumeClaimReady).
 */
const defaults: Timeouts = { pods: 300, address: 900 };

/**
 * The limits for a service: what the stack sets, else the defaults. Pods get the longest start-up window besides, their
 * own or that of a service they use (a database may be at work on its recovery), and the time for a node to come.
 *
 * @param asked seconds that the stack sets for everything. @default the defaults
 * @param nodeStart seconds that pods may wait for a node.
 */
export function timeoutsOf(
  services: Services,
  key: string,
  asked: number | undefined,
  nodeStart: number,
): Timeouts {
  if (asked !== undefined) return { pods: asked, address: asked };
  const windows = [key, ...(services[key]?.uses ?? [])].map(
    (name) => services[name]?.probes?.startup?.seconds ?? 0,
  );
  return { ...defaults, pods: defaults.pods + Math.max(...windows) + nodeStart };
}

/**
 * The option of an object that a cloud's load balancer is made of. It is gone only when that is, which takes longer than
 * the 10 minutes that the provider waits (provider/pkg/await/await.go @ 94977969, Deletion).
 */
export function addressTimeouts(seconds: number | undefined): Pick<CustomResourceOptions, "customTimeouts"> {
  return { customTimeouts: { ...rolloutTimeouts(seconds).customTimeouts, delete: "20m" } };
}

/** The option of a resource that the engine awaits for a number of seconds. @default the provider's own limit */
export function rolloutTimeouts(seconds: number | undefined): Pick<CustomResourceOptions, "customTimeouts"> {
  if (seconds === undefined) return {};
  const text = `${seconds.toString()}s`;
  return { customTimeouts: { create: text, update: text } };
}
