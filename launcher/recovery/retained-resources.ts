import type { CloudOperations } from "../clouds/cloud-operations.ts";
import type { Resource, State } from "./pending-operations.ts";

/** Volumes of a cluster, as its API lists them. */
export interface Volumes {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: {
      readonly persistentVolumeReclaimPolicy?: string;
      readonly capacity?: { readonly storage?: string };
      readonly csi?: { readonly driver: string; readonly volumeHandle: string };
      readonly claimRef?: { readonly namespace: string; readonly name: string };
    };
  }[];
}

/** The contents of the snapshots of volumes, as the API of a cluster lists them. */
export interface SnapshotContents {
  readonly items: readonly {
    readonly spec: {
      readonly deletionPolicy: string;
      readonly driver: string;
      readonly volumeSnapshotRef: { readonly namespace?: string; readonly name?: string };
    };
    readonly status?: { readonly snapshotHandle?: string };
  }[];
}

/** Names the snapshots in the account that outlive their objects in the cluster, a line for each. */
export function retainedSnapshots({ items }: SnapshotContents, namespace: string): string[] {
  return items
    .filter(({ spec }) => spec.deletionPolicy === "Retain" && spec.volumeSnapshotRef.namespace === namespace)
    .map(
      ({
        spec: {
          driver,
          volumeSnapshotRef: { name = "?" },
        },
        status,
      }) => `snapshot ${status?.snapshotHandle ?? "without a handle"} (${driver}), ${name}`,
    )
    .sort();
}

/** Names the disks that the deletion of their claims leaves in the account, a line for each. */
export function retainedDisks({ items }: Volumes, namespace: string): string[] {
  return items
    .filter(
      ({ spec }) => spec.persistentVolumeReclaimPolicy === "Retain" && spec.claimRef?.namespace === namespace,
    )
    .map(({ metadata, spec: { csi, claimRef, capacity } }) => {
      const disk = csi === undefined ? `volume ${metadata.name}` : `disk ${csi.volumeHandle} (${csi.driver})`;
      return `${disk}, ${capacity?.storage ?? "?"}, of claim ${claimRef?.name ?? "?"}`;
    })
    .sort();
}

/**
 * The lines about objects that outlive the stack in a namespace that is not its own: claims, and the Secret without which
 * nobody reads the data of one. Elsewhere they end with the namespace.
 *
 * @param kubectl the command with its context and namespace.
 */
export function retainedObjects(state: State | undefined, kubectl: string): string[] {
  const names = (state?.deployment.resources ?? [])
    .filter(({ type, retainOnDelete }) => retainOnDelete === true && type.startsWith("kubernetes:"))
    .map(
      ({ type, id = "" }) => `${(type.split(":").at(-1) ?? "").toLowerCase()}/${id.split("/").at(-1) ?? ""}`,
    )
    .sort();
  return names.length === 0
    ? []
    : [
        "These stay in the namespace, with their data; to delete them:",
        `  ${kubectl} delete ${names.join(" ")}`,
      ];
}

/** Names the cloud's own resources that outlive the stack, for a while or for good, a line for each. */
export function retainedResources({ retained }: CloudOperations, state: State | undefined): string[] {
  return resourcesOf(state).flatMap((resource) => {
    const why = retained(resource);
    return why === undefined ? [] : [`${resource.type.split(":").at(-1) ?? ""} ${resource.id ?? ""}: ${why}`];
  });
}

/** Gives the URNs of the clusters that the cloud itself refuses to delete. */
export function protectedClusters({ clusterType }: CloudOperations, state: State | undefined): string[] {
  return resourcesOf(state)
    .filter(({ type, inputs }) => type === clusterType && inputs?.deletionProtection === true)
    .map(({ urn }) => urn);
}

/** Gives the commands that list what the stack may leave, by the names that its state has before it is destroyed. */
export function leftoverCommands(
  cloud: CloudOperations,
  stack: string,
  state: State | undefined,
  account: Readonly<Record<string, string>>,
): readonly string[] {
  const names = (type: string) =>
    resourcesOf(state)
      .filter((resource) => resource.type === type)
      .map(({ id = "" }) => id.split("/").at(-1) ?? "");
  return cloud.leftoverCommands(stack, names, account);
}

const resourcesOf = (state: State | undefined): readonly Resource[] => state?.deployment.resources ?? [];
