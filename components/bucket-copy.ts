import { CronJob } from "@pulumi/kubernetes/batch/v1/cronJob.js";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import type { networking } from "@pulumi/kubernetes/types/input.js";
import * as pulumi from "@pulumi/pulumi";
import type { EnvValue } from "./kubernetes/env.ts";
import { derivedName, objectLabels } from "./kubernetes/labels.ts";
import { podSpec, type ContainerArgs } from "./kubernetes/pod.ts";
import type { BucketCopy } from "./service.ts";
import { metadata } from "./workload.ts";

/** The bucket that copies of backups go to, as the pod that copies knows it. */
export interface Bucket {
  /** `BUCKET`, which is its name, and the options of rclone's remote `bucket` (https://rclone.org/docs/#environment-variables). */
  readonly env: Readonly<Record<string, EnvValue>>;
  /** What the pod must reach: the bucket, and what tells the bucket who it is. */
  readonly egress: readonly networking.v1.NetworkPolicyEgressRule[];
}

/** The ServiceAccount, in the namespace of the application, that may write to a bucket. */
export interface BucketWriter {
  readonly namespace: pulumi.Input<string>;
  readonly serviceAccount: string;
}

/** The arguments of a {@link BucketCopyJob}. */
export interface BucketCopyArgs {
  readonly namespace: pulumi.Input<string>;
  readonly copy: BucketCopy;
  readonly bucket: Bucket;
  /** The image of the service, which makes the dump. */
  readonly image: string;
  /** The image of the copy's own definition, or what stands in for it. */
  readonly uploadImage: string;
  /** The environment of the dump, its references resolved. */
  readonly dumpEnv: ContainerArgs["env"];
  readonly pullSecret?: string | undefined;
  readonly user: number;
  readonly group?: number | undefined;
  readonly architecture?: string | undefined;
  readonly podAnnotations?: Readonly<Record<string, string>> | undefined;
  /** The network policies: they are there before the first pod. @default none */
  readonly after?: pulumi.Resource | undefined;
}

/**
 * The job that makes a backup of a service once a day and copies it to a bucket. It has a ServiceAccount of its own, by which
 * a cloud knows it; no other pod of the stack may write to the bucket.
 */
export class BucketCopyJob extends pulumi.ComponentResource {
  constructor(service: string, args: BucketCopyArgs, opts?: pulumi.ComponentResourceOptions) {
    const name = derivedName.bucketCopy(service);
    super("multi-client:app:BucketCopyJob", name, {}, opts);
    const labels = objectLabels(name);
    const { podAnnotations, copy, bucket } = args;
    const shared = { reportsFailure: true, writable: [copy.folder, "/tmp"] };
    const account = new ServiceAccount(
      name,
      { metadata: metadata(name, args), automountServiceAccountToken: false },
      { parent: this },
    );
    const pod = podSpec({
      serviceAccountName: account.metadata.name,
      pullSecret: args.pullSecret,
      user: args.user,
      group: args.group ?? args.user,
      architecture: args.architecture,
      gracePeriodSeconds: 30,
      initContainers: [{ ...copy.dump, ...shared, name: "dump", image: args.image, env: args.dumpEnv }],
      containers: [{ ...copy.upload, ...shared, name: "upload", image: args.uploadImage, env: bucket.env }],
    });
    new CronJob(
      name,
      {
        metadata: metadata(name, args),
        spec: {
          schedule: copy.schedule,
          timeZone: "Etc/UTC",
          concurrencyPolicy: "Forbid",
          // Where nothing could start it in time, a late copy is better than none.
          startingDeadlineSeconds: 6 * 3600,
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 2,
          jobTemplate: {
            metadata: { labels },
            spec: {
              // Each attempt makes a dump of its own: what a failed one left half there has another name.
              backoffLimit: 2,
              activeDeadlineSeconds: 6 * 3600,
              template: {
                metadata: { labels, ...(podAnnotations && { annotations: { ...podAnnotations } }) },
                spec: { ...pod, restartPolicy: "Never" },
              },
            },
          },
        },
      },
      { parent: this, ...(args.after && { dependsOn: args.after }) },
    );
    this.registerOutputs({});
  }
}
