import { Bucket as StorageBucket } from "@pulumi/gcp/storage/bucket.js";
import { BucketIAMMember } from "@pulumi/gcp/storage/bucketIAMMember.js";
import * as pulumi from "@pulumi/pulumi";
import type { Bucket, BucketWriter } from "../../bucket-copy.ts";
import { internet, port } from "../../network-policies.ts";
import { remoteOptions } from "../../s3-bucket.ts";
import { COPIES_KEPT_DAYS, REPLACED_KEPT_DAYS } from "../managed.ts";
import type { GkeArgs } from "./args.ts";

/**
 * The metadata server, which gives a pod its identity.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity (network policies, Dataplane V2)
 */
const metadataServer = { ipBlock: { cidr: "169.254.169.254/32" } };

/** The arguments of a {@link GkeBucket}. */
export interface GkeBucketArgs extends Pick<GkeArgs, "project" | "region" | "labels" | "deletionProtection"> {
  readonly writer: BucketWriter;
  /** The API of buckets: everything here waits for it. */
  readonly api: pulumi.Resource;
  /** The cluster, whose workload identity pool a grant may name only when there is one. */
  readonly cluster: pulumi.Resource;
}

/** The bucket for copies of backups, which one ServiceAccount may write to, without an account of Google's. It outlives the stack. */
export class GkeBucket extends pulumi.ComponentResource implements Bucket {
  readonly env: Bucket["env"];
  readonly egress = [
    { to: [internet], ports: [port(443)] },
    { to: [metadataServer], ports: [port(80)] },
  ];

  constructor(name: string, args: GkeBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:GkeBucket", name, {}, opts);
    const { project, region, labels, deletionProtection: protect, writer, api, cluster } = args;
    const of = `${name}-backups`;
    const remove = { type: "Delete" };
    const bucket = new StorageBucket(
      of,
      {
        project,
        location: region,
        uniformBucketLevelAccess: true,
        publicAccessPrevention: "enforced",
        versioning: { enabled: true },
        lifecycleRules: [
          { action: remove, condition: { age: COPIES_KEPT_DAYS, withState: "LIVE" } },
          {
            action: remove,
            condition: { daysSinceNoncurrentTime: REPLACED_KEPT_DAYS, withState: "ARCHIVED" },
          },
        ],
        labels,
      },
      { parent: this, protect, retainOnDelete: true, dependsOn: api },
    );
    const pool = pulumi.interpolate`projects/${bucket.projectNumber}/locations/global/workloadIdentityPools/${project}.svc.id.goog`;
    // An upload is one insertion of an object, which needs storage.objects.create alone: Update in
    // backend/googlecloudstorage/googlecloudstorage.go of rclone v1.75.1. To overwrite one would need more.
    new BucketIAMMember(
      of,
      {
        bucket: bucket.name,
        role: "roles/storage.objectCreator",
        member: pulumi.interpolate`principal://iam.googleapis.com/${pool}/subject/ns/${writer.namespace}/sa/${writer.serviceAccount}`,
      },
      { parent: this, dependsOn: cluster },
    );
    this.env = {
      BUCKET: bucket.name,
      ...remoteOptions({
        type: "google cloud storage",
        env_auth: "true",
        no_check_bucket: "true",
        bucket_policy_only: "true",
      }),
    };
    this.registerOutputs({});
  }
}
