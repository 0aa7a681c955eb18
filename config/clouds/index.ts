import type { z } from "zod";
import type { ClusterArgs } from "../../components/cluster/index.ts";
import { aks } from "./aks.ts";
import type { CloudTarget } from "./cloud-target.ts";
import { eks } from "./eks.ts";
import { gke } from "./gke.ts";

export type { Account, CloudFacts, CloudTarget, Edge, Networks, Placeholders } from "./cloud-target.ts";

/** A cloud's name in `multi-client:cluster.provider`: one for every component that makes a cluster. */
export type ManagedProvider = Exclude<ClusterArgs["provider"], "minikube" | "existing">;

/** The clouds, by their name in `multi-client:cluster.provider`: the only list of them in the configuration. */
export const clouds = { eks, aks, gke } satisfies { readonly [P in ManagedProvider]: CloudTarget<P> };

/** `multi-client:cluster` of a cluster that the stack makes. */
export type ManagedConfig = z.infer<(typeof clouds)[ManagedProvider]["cluster"]>;

/** Tells whether a provider is the name of a cloud. */
export function isManagedProvider(provider: unknown): provider is ManagedProvider {
  return typeof provider === "string" && Object.hasOwn(clouds, provider);
}

/** The names of the clouds that have something, for messages: `eks and gke`. */
export function cloudsWith(has: (cloud: CloudTarget) => boolean): string {
  return Object.entries<CloudTarget>(clouds)
    .flatMap(([name, cloud]) => (has(cloud) ? [name] : []))
    .join(" and ");
}

/** The cloud of a name, for whatever treats all of them alike. */
export function cloudOf(provider: ManagedProvider): CloudTarget {
  return clouds[provider];
}
