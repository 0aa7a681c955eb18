import { cloudsWith } from "./clouds/index.ts";
import { boolean, cidr, object, PORT, string } from "./schema-types.ts";

/** The settings of `multi-client:backup`. */

const example = {
  endpoint: "https://s3.example.com",
  bucket: "multi-client-backups",
  secret: "backup-bucket",
};

const s3 = object(
  {
    endpoint: string(
      new RegExp(`^https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:${PORT})?$`),
      "the URL of an endpoint, without a path",
      example.endpoint,
      "https://<host>",
    ).describe("The endpoint that speaks S3."),
    bucket: string(
      /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      "the name of a bucket: 3 to 63 lower-case letters, digits, '.' and '-'",
      example.bucket,
      "<bucket>",
    ).describe("The bucket, which is there already, for this stack alone."),
    region: string(/^[a-z0-9-]+$/, "a region", "eu-central-1")
      .exactOptional()
      .describe(
        "The region of the bucket. Without it, us-east-1, which endpoints other than those of AWS take.",
      ),
    secret: string(
      /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
      "the name of a Secret: a DNS name in lower case",
      example.secret,
    ).describe(
      "The Secret of the namespace with the keys `access-key-id` and `secret-access-key`, which you create. They need the " +
        "right to write objects, and no other.",
    ),
    network: cidr("10.1.0.0/16", "<network of the endpoint>")
      .exactOptional()
      .describe(
        "The network in which the endpoint is, where it has no public address: the network policy lets the copy reach it. " +
          "An address in the URL needs none.",
      ),
  },
  example,
);

export const backup = object(
  {
    bucket: boolean(true)
      .exactOptional()
      .describe(
        "Makes a bucket in the cloud of the cluster, to which a job copies one more verified backup a day. It needs no key, and " +
          `outlives the stack. On ${cloudsWith(({ bucket }) => bucket)}.`,
      ),
    s3: s3
      .exactOptional()
      .describe("A bucket that is there, to which the job copies instead, from any cluster."),
  },
  { s3: example },
);
