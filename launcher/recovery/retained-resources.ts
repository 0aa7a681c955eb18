import type { State } from "./pending-operations.ts";
import type { Stack } from "../stack/stack-file.ts";

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

/** Disks that the deletion of their claims leaves in the account, a line for each. */
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

const KEYS: Readonly<Record<string, string>> = {
  "aws:kms/key:Key": "AWS deletes it 30 days after this; until then: aws kms cancel-key-deletion",
  "gcp:kms/keyRing:KeyRing": "Google deletes no key ring, ever; it costs nothing",
  "gcp:kms/cryptoKey:CryptoKey": "its versions are destroyed after 30 days; its name stays taken",
};

/** Keys that stay for a while or for good, a line for each. */
export function retainedKeys(state: State | undefined): string[] {
  return (state?.deployment.resources ?? []).flatMap(({ type, id }) => {
    const why = KEYS[type];
    return why === undefined ? [] : [`${type.split(":").at(-1) ?? ""} ${id ?? ""}: ${why}`];
  });
}

/** Resources of a cloud that the stack forgets and does not delete, a line for each: what holds its disks. */
export function retainedGroups(state: State | undefined): string[] {
  return (state?.deployment.resources ?? [])
    .filter(({ type, retainOnDelete }) => retainOnDelete === true && type.startsWith("azure-native:"))
    .map(({ type, id }) => `${type.split(":").at(-1) ?? ""} ${id ?? ""}: the disks above are in it`);
}

/** URNs of the clusters that the cloud itself refuses to delete. */
export function protectedClusters(state: State): string[] {
  return (state.deployment.resources ?? [])
    .filter(({ type, inputs }) => /^(aws|gcp):.*:Cluster$/.test(type) && inputs?.deletionProtection === true)
    .map(({ urn }) => urn);
}

/**
 * Commands that list what may be left: what carries the stack's tag or label, what the cluster itself made, which has its
 * cluster's instead, and what keeps a network from going. On AKS what the cluster made was in the group of the nodes, which
 * is gone, or is in the group of the disks.
 */
export function leftoverCommands({ name, target }: Stack, { clusters, networks }: CloudNames): string[] {
  switch (target.provider === "managed" ? target.cloud : undefined) {
    case "eks":
      return [`stack,Values=${name}`, ...clusters.map((each) => `eks:eks-cluster-name,Values=${each}`)].map(
        (tag) => `aws resourcegroupstaggingapi get-resources --tag-filters Key=${tag}`,
      );
    case "aks":
      return [`az resource list --tag stack=${name} --output table`];
    default:
      return [
        `gcloud asset search-all-resources --query=labels.stack=${name}`,
        ...clusters.map((each) => `gcloud compute disks list --filter=labels.goog-k8s-cluster-name=${each}`),
        // They carry no label: hashicorp/terraform-provider-google#5948.
        ...networks.flatMap((each) =>
          ["firewall-rules", "network-endpoint-groups"].map(
            (kind) => `gcloud compute ${kind} list --filter=network~/${each}$`,
          ),
        ),
      ];
  }
}

/** Names that a stack's clusters and networks have in their cloud. */
export interface CloudNames {
  readonly clusters: readonly string[];
  readonly networks: readonly string[];
}

/** By these the cloud is asked when the state no longer knows them. */
export function cloudNames(state: State | undefined): CloudNames {
  const names = (type: RegExp) =>
    (state?.deployment.resources ?? [])
      .filter((resource) => type.test(resource.type))
      .map(({ id = "" }) => id.split("/").at(-1) ?? "");
  return { clusters: names(/^(aws|gcp):.*:Cluster$/), networks: names(/^gcp:.*:Network$/) };
}
