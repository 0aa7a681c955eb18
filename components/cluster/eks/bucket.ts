import type { Cluster as ControlPlane } from "@pulumi/aws/eks/cluster.js";
import { PodIdentityAssociation } from "@pulumi/aws/eks/podIdentityAssociation.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import { Bucket as S3Bucket } from "@pulumi/aws/s3/bucket.js";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration.js";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock.js";
import { BucketServerSideEncryptionConfiguration } from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning.js";
import * as pulumi from "@pulumi/pulumi";
import type { Bucket, BucketWriter } from "../../bucket-copy.ts";
import { internet, port } from "../../network-policies.ts";
import { remoteOptions, s3WriteOnly } from "../../s3-bucket.ts";
import { COPIES_KEPT_DAYS, REPLACED_KEPT_DAYS } from "../managed.ts";
import type { EksArgs } from "./args.ts";

/** The agent of EKS Pod Identity on each node. @see https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html */
const identityAgent = { ipBlock: { cidr: "169.254.170.23/32" } };

/** The arguments of an {@link EksBucket}. */
export interface EksBucketArgs extends Pick<EksArgs, "region" | "tags" | "deletionProtection"> {
  readonly cluster: ControlPlane;
  readonly writer: BucketWriter;
}

/**
 * The bucket for copies of backups, and the role that may write to it, which EKS Pod Identity gives to one ServiceAccount. The
 * bucket outlives the stack with all that protects it.
 */
export class EksBucket extends pulumi.ComponentResource implements Bucket {
  readonly env: Bucket["env"];
  readonly egress = [
    { to: [internet], ports: [port(443)] },
    { to: [identityAgent], ports: [port(80)] },
  ];

  constructor(name: string, args: EksBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:EksBucket", name, {}, opts);
    const { cluster, writer, region, tags, deletionProtection: protect } = args;
    const parent = { parent: this };
    const kept = { parent: this, protect, retainOnDelete: true };
    const of = `${name}-backups`;
    const bucket = new S3Bucket(of, { tags }, kept);
    const { bucket: bucketName } = bucket;
    const isPrivate = { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true };
    new BucketPublicAccessBlock(of, { bucket: bucketName, ...isPrivate, restrictPublicBuckets: true }, kept);
    const versioning = new BucketVersioning(
      of,
      { bucket: bucketName, versioningConfiguration: { status: "Enabled" } },
      kept,
    );
    // With S3's own key the answer to an upload has the MD5 of what arrived, which rclone compares.
    new BucketServerSideEncryptionConfiguration(
      of,
      {
        bucket: bucketName,
        rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
      },
      kept,
    );
    new BucketLifecycleConfiguration(
      of,
      {
        bucket: bucketName,
        rules: [
          {
            id: "copies",
            status: "Enabled",
            filter: {},
            expiration: { days: COPIES_KEPT_DAYS },
            noncurrentVersionExpiration: { noncurrentDays: REPLACED_KEPT_DAYS },
            abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
          },
        ],
      },
      { ...kept, dependsOn: versioning },
    );
    const role = new Role(of, { assumeRolePolicy: trust, tags }, parent);
    const policy = new RolePolicy(of, { role: role.name, policy: writing(bucket) }, parent);
    new PodIdentityAssociation(
      of,
      { clusterName: cluster.name, ...writer, roleArn: role.arn, tags },
      { parent: this, dependsOn: policy },
    );
    this.env = {
      BUCKET: bucketName,
      ...remoteOptions({ ...s3WriteOnly, provider: "AWS", env_auth: "true", region }),
    };
    this.registerOutputs({});
  }
}

/** @see https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html */
const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Service: "pods.eks.amazonaws.com" },
      Action: ["sts:AssumeRole", "sts:TagSession"],
    },
  ],
});

/** The rights of an upload: see {@link s3WriteOnly}. Nothing can be read, listed or deleted with them. */
function writing({ arn }: S3Bucket): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
        Resource: pulumi.interpolate`${arn}/*`,
      },
    ],
  });
}
