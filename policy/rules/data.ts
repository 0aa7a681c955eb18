// Rules about what holds data: it is not deleted by an accident, and stays when the stack goes.
import { all, byType, expect, field, managedOnly, mandatory, read, types, type Rule } from "./rule.ts";

const claimType = "kubernetes:core/v1:PersistentVolumeClaim";
const gcpBucket = "gcp:storage/bucket:Bucket";
const bucketTypes = ["aws:s3/bucket:Bucket", gcpBucket];
const groupType = "azure-native:resources:ResourceGroup";

/** Protected against deletion by the engine. */
const isProtected: Rule["check"] = ({ protect }) =>
  expect("protect", protect, Boolean, "may be deleted by an update");
/** Left in the cluster or cloud when the program no longer has it. */
const isRetained: Rule["check"] = ({ retainOnDelete }) =>
  expect("retainOnDelete", retainOnDelete, Boolean, "goes with the stack");
/** Asks this of resource groups that hold disks only: those that are tagged so that nobody removes them. */
const ifKept =
  (check: Rule["check"]): Rule["check"] =>
  (resource, stack) =>
    read(resource.inputs, "tags.keep") === undefined ? [] : check(resource, stack);

/** The rules about data. */
export const dataRules: readonly Rule[] = [
  {
    name: "data-protected",
    scope: "resource",
    level: managedOnly,
    ...byType({
      ...Object.fromEntries(
        [
          claimType,
          "kubernetes:apps/v1:StatefulSet",
          "kubernetes:core/v1:Namespace",
          "pulumi:index:Stash",
          "aws:eks/cluster:Cluster",
          "aws:kms/key:Key",
          ...bucketTypes,
          "azure-native:containerservice:ManagedCluster",
          "gcp:container/cluster:Cluster",
          "gcp:kms/cryptoKey:CryptoKey",
          "gcp:kms/keyRing:KeyRing",
        ].map((type) => [type, isProtected]),
      ),
      [groupType]: ifKept(isProtected),
    }),
    why: "An update that would delete or replace it stops instead: with it, data or the way to it would be gone.",
    source: "https://www.pulumi.com/docs/iac/concepts/resources/options/protect/",
  },
  {
    name: "data-retained",
    scope: "resource",
    level: managedOnly,
    ...byType({
      ...Object.fromEntries([claimType, ...bucketTypes].map((type) => [type, isRetained])),
      [groupType]: ifKept(isRetained),
    }),
    why: "A stack can be made again, its data cannot.",
    source: "https://www.pulumi.com/docs/iac/concepts/resources/options/retainondelete/",
  },
  {
    name: "bucket-private",
    scope: "resource",
    level: mandatory,
    ...byType({
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": all(
        ...["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"].map((path) =>
          field(path, (blocked) => blocked === true, "lets the bucket be public"),
        ),
      ),
      [gcpBucket]: all(
        field("publicAccessPrevention", (mode) => mode === "enforced", "lets the bucket be public"),
        field("uniformBucketLevelAccess", (uniform) => uniform === true, "has rights of single objects"),
      ),
    }),
    why: "A copy of a backup is the whole of the data.",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
  },
  {
    name: "bucket-versions",
    scope: "resource",
    level: mandatory,
    ...byType({
      "aws:s3/bucketVersioning:BucketVersioning": field(
        "versioningConfiguration.status",
        (status) => status === "Enabled",
        "keeps nothing of what is overwritten or deleted",
      ),
      [gcpBucket]: field(
        "versioning.enabled",
        (enabled) => enabled === true,
        "keeps nothing of what is overwritten or deleted",
      ),
    }),
    why: "Who may write could else replace every copy by nothing.",
    source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html",
  },
  {
    name: "durable-storage",
    scope: "resource",
    level: mandatory,
    applies: types("kubernetes:storage.k8s.io/v1:StorageClass"),
    check: all(
      field("reclaimPolicy", (policy) => policy === "Retain", "deletes the disk with its claim"),
      field("allowVolumeExpansion", (allowed) => allowed === true, "has disks that cannot grow"),
      field(
        "volumeBindingMode",
        (mode) => mode === "WaitForFirstConsumer",
        "may make a disk where no pod can go",
      ),
      // The other clouds encrypt every disk.
      (resource) =>
        String(read(resource.inputs, "provisioner")).includes("ebs")
          ? expect(
              "parameters.encrypted",
              read(resource.inputs, "parameters.encrypted"),
              (encrypted) => encrypted === "true",
              "has disks that are not encrypted",
            )
          : [],
    ),
    why: "A claim that is deleted by hand must not take the disk with it, and a full disk must be able to grow.",
    source: "https://kubernetes.io/docs/concepts/storage/storage-classes/",
  },
];
