import { contains } from "./cluster/cidr.ts";
import type { Bucket } from "./bucket-copy.ts";
import { internet, port } from "./network-policies.ts";

/** A bucket that somebody else made, at an endpoint that speaks S3. */
export interface S3Args {
  /** The URL of the endpoint. */
  readonly endpoint: string;
  readonly bucket: string;
  /** @default us-east-1, which endpoints other than those of AWS take */
  readonly region?: string | undefined;
  /** The Secret of the application's namespace with the keys `access-key-id` and `secret-access-key`. */
  readonly secret: string;
  /** The network in which the endpoint is. @default it is on the internet, or its address is in the URL */
  readonly network?: string | undefined;
}

/** The options of rclone's remote `bucket`, of whatever storage system, as the environment has them. */
export const remoteOptions = (options: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [`RCLONE_CONFIG_BUCKET_${name.toUpperCase()}`, value]),
  );

/**
 * The options with which rclone asks S3 for nothing but to take objects: PutObject, and from 200 MiB on an upload in parts
 * (CreateMultipartUpload, UploadPart, CompleteMultipartUpload, AbortMultipartUpload), all of which but the last are the right
 * s3:PutObject. Without them it would look for the bucket, make it, and read what it wrote (Update in backend/s3/s3.go @ v1.75.1).
 */
export const s3WriteOnly = { type: "s3", no_check_bucket: "true", no_head: "true", no_head_object: "true" };

/** The bucket at an endpoint of S3, whose keys are in a Secret. */
export function s3Bucket({ endpoint, bucket, region = "us-east-1", secret, network }: S3Args): Bucket {
  const { protocol, hostname, port: named } = new URL(endpoint);
  const own = /^\d+(\.\d+){3}$/.test(hostname) ? `${hostname}/32` : undefined;
  // The address of a Service is outside of the network of its pods, by which most plugins judge.
  const isInside = own !== undefined && network !== undefined && contains(network, own);
  const blocks = [isInside ? undefined : own, network].filter((cidr) => cidr !== undefined);
  const number = named === "" ? (protocol === "http:" ? 80 : 443) : Number(named);
  // Google changes a header that rclone signs elsewhere, and answers SignatureDoesNotMatch
  // (backend/s3/provider/GCS.yaml @ v1.75.1).
  const provider = hostname === "storage.googleapis.com" ? "GCS" : "Other";
  const key = (name: string) => ({ secretName: secret, key: name });
  return {
    env: {
      BUCKET: bucket,
      ...remoteOptions({ ...s3WriteOnly, provider, endpoint, region, force_path_style: "true" }),
      RCLONE_CONFIG_BUCKET_ACCESS_KEY_ID: key("access-key-id"),
      RCLONE_CONFIG_BUCKET_SECRET_ACCESS_KEY: key("secret-access-key"),
    },
    egress: [
      {
        to: blocks.length === 0 ? [internet] : blocks.map((cidr) => ({ ipBlock: { cidr } })),
        ports: [port(number)],
      },
    ],
  };
}
