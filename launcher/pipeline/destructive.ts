import type { StepEvent } from "../engine/events.ts";

/** A step of a plan that deletes or replaces what cannot be made again as it was. */
export interface DestructiveStep {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** The reason of the step, and what would be lost. */
  readonly why: string;
}

/**
 * What is lost with a resource: by the end of the types in its URN, parents before children, as `Parent$type`. A type that
 * is not here can be made again from the program alone.
 */
const losses: Readonly<Record<string, string>> = {
  "kubernetes:core/v1:Namespace": "everything in the namespace, its claims and their data among it",
  "kubernetes:core/v1:PersistentVolumeClaim": "the data on the volume, unless its class retains it",
  "kubernetes:apps/v1:StatefulSet":
    "the database or cache itself until its pod is Ready again; its data is on the claim",
  "multi-client:app:Password$pulumi:index:Stash":
    "the password: a new one does not open the database that was made with it",
  "multi-client:app:Password$kubernetes:core/v1:Secret":
    "the password that pods read: they cannot start without it",
  "multi-client:app:Login$pulumi:index:Stash": "the login with which the services reach the database",
  "pulumi:index:Stash": "a value that is fixed since the stack was made, and what it guards",
  "aws:eks/cluster:Cluster": "the cluster, with all that runs in it",
  "azure-native:containerservice:ManagedCluster": "the cluster, with all that runs in it",
  "gcp:container/cluster:Cluster": "the cluster, with all that runs in it",
  "azure-native:resources:ResourceGroup": "everything in the group, its disks among it",
  "aws:kms/key:Key": "the key: nobody can read what it encrypted",
  "aws:s3/bucket:Bucket": "the copies of the backups",
  "gcp:storage/bucket:Bucket": "the copies of the backups",
  "gcp:kms/keyRing:KeyRing": "the keys in it: nobody can read what they encrypted",
  "gcp:kms/cryptoKey:CryptoKey": "the key: nobody can read what it encrypted",
  "aws:cloudwatch/logGroup:LogGroup": "the logs in it, of the audit for example",
  "azure-native:operationalinsights:Workspace": "the logs in it, of the audit for example",
};

/** The kind of a resource, by the end of its type: `PersistentVolumeClaim`. */
export const kindOf = (type: string): string => type.split(":").at(-1) ?? "";
/** The name that the program gives a resource. */
export const nameOf = (urn: string): string => urn.split("::").at(-1) ?? "";

/** The steps of a plan that lose something. What only leaves the state, and stays where it is, is not among them. */
export function destructiveSteps(steps: readonly StepEvent["metadata"][]): DestructiveStep[] {
  return steps.flatMap((step) => {
    const { op, urn, type, old } = step;
    const isKept = op === "delete" && old?.retainOnDelete === true;
    const lost = lossOf(urn, old?.protect === true);
    if (isKept || lost === undefined) return [];
    const cause = causeOf(step);
    if (cause === undefined) return [];
    return [{ op, urn, type, name: nameOf(urn), why: `${cause}; lost: ${lost}` }];
  });
}

/** The reason why a step loses something; undefined where it does not. */
function causeOf({ op, keys = [], old, new: wanted }: StepEvent["metadata"]): string | undefined {
  if (op === "delete") return "is deleted";
  if (op === "replace") return `is replaced${keys.length > 0 ? `, because of ${keys.join(", ")}` : ""}`;
  const [before = NaN, after = NaN] = [old, wanted].map((state) => {
    const days = Number((state?.inputs as Readonly<Record<string, unknown>> | undefined)?.[RETENTION]);
    return days === 0 ? Infinity : days; // AWS: for ever
  });
  return op === "update" && after < before
    ? `keeps ${String(after)} days instead of ${String(before)}`
    : undefined;
}

/** The setting of logs that says for how many days they are kept: what is older goes at once. */
const RETENTION = "retentionInDays";

function lossOf(urn: string, isProtected: boolean): string | undefined {
  const types = urn.split("::").at(2) ?? "";
  const [, lost] = Object.entries(losses).find(([end]) => types === end || types.endsWith(`$${end}`)) ?? [];
  return lost ?? (isProtected ? "what somebody protected in the state" : undefined);
}
