import { z } from "zod";
import { collectEach } from "../poisoned.ts";
import { problem } from "../problems.ts";
import { enumOf, list, object, string } from "../schema-types.ts";
import {
  managedCluster,
  networkSettings,
  region,
  type Account,
  type CloudCheck,
  type CloudTarget,
} from "./cloud-target.ts";

/** The account that AWS uses in its examples: https://docs.aws.amazon.com/general/latest/gr/docconventions.html */
const placeholderAccount = "111122223333";
const exampleZones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];
const exampleRole = `arn:aws:iam::${placeholderAccount}:role/platform`;

const account = {
  // The partition `aws`: those of China and of governments have other ARNs.
  region: region("aws:region", /^(?!cn-|us-gov-|us-iso)[a-z]{2}(-[a-z]+)+-\d$/, "eu-central-1"),
  account: {
    key: "aws:allowedAccountIds",
    pattern: /^\d{12}$/,
    title: "a list with the one account of this stack",
    example: '["<12 digits>"]',
    list: true,
    placeholder: placeholderAccount,
  },
} as const;

const cluster = managedCluster(
  "eks",
  { protectedBy: "EKS" },
  {
    admins: list(
      string(
        /^arn:aws:iam::\d{12}:role\/([\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/,
        "the ARN of an IAM role",
        exampleRole,
        "arn:aws:iam::<account>:role/<role>",
      ),
      "a list of role ARNs, at least the deployer's",
      [exampleRole],
    ).describe("The IAM roles that administer the cluster. The deployer's must be one of them."),
    network: object(
      {
        cidr: networkSettings.cidr("10.0.0.0/16"),
        serviceCidr: networkSettings.serviceCidr("172.20.0.0/16"),
        zones: list(
          string(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, "an availability zone", "eu-central-1a"),
          "three availability zones of the region",
          exampleZones,
        )
          .length(3)
          .describe("The availability zones of nodes and API server. Fixed at creation."),
        nat: enumOf(["zone", "single"])
          .default("zone")
          .describe(
            "A NAT gateway in each zone, or a single one for all: cheaper, but when its zone fails, no zone reaches the internet.",
          ),
        flowLog: enumOf(["all", "rejected", "none"])
          .default("all")
          .describe(
            "The connections that CloudWatch keeps, which charges by volume. `all` by default: connections that were " +
              "accepted are the ones that show what a pod that was taken over spoke to. For the others, the policy asks " +
              "for an exemption from `flow-log`.",
          ),
      },
      { zones: exampleZones },
    ),
    // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
    logRetentionDays: z
      .literal([30, 60, 90, 120, 150, 180, 365, 400, 545, 731])
      .meta({ title: "30, 60, 90, 120, 150, 180, 365, 400, 545 or 731", examples: [90] })
      .default(90)
      .describe("The days for which audit logs are kept."),
  },
);

type Check = CloudCheck<z.infer<typeof cluster>, Account<typeof account>>;

const checkZones: Check = ({ network: { zones } }, { account: { region: of } }) => {
  const elsewhere = zones.filter((zone) => zone.slice(0, -1) !== of);
  if (elsewhere.length === 0 && new Set(zones).size === zones.length) return [];
  const expected = `three different zones of aws:region, ${of}`;
  const example = ["a", "b", "c"].map((letter) => of + letter);
  return [problem(["cluster", "network", "zones"], zones, expected, example)];
};

const checkAdmins: Check = ({ admins }, { account: { account: own } }) =>
  collectEach(admins, (admin, index) => {
    const [, , , , of] = admin.split(":");
    // Where a placeholder is wrong, it is refused as such already.
    if (of === own || of === placeholderAccount) return [];
    const expected = `a role of the account in aws:allowedAccountIds, ${own}`;
    return [problem(["cluster", "admins", index], admin, expected, `arn:aws:iam::${own}:role/<role>`)];
  });

/** Amazon EKS in Auto Mode. */
export const eks = {
  cluster,
  account,
  placeholderAdmin: new RegExp(`::${placeholderAccount}:`),
  adminKey: (arn) => arn,
  versions: {
    // 14 months; then 12 months more at six times the price, which this program's clusters do not enter.
    source: "https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html",
    // As of 2026-11-23.
    versions: {
      "1.34": { end: "2026-12-02", exact: true },
      "1.35": { end: "2027-03-27", exact: true },
      "1.36": { end: "2027-08-02", exact: true },
    },
  },
  networks: {
    sizes: {
      // AWS takes /16 to /28; six subnets are cut of it.
      cidr: {
        largest: 16,
        smallest: 20,
        source: "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html",
      },
      serviceCidr: {
        largest: 12,
        smallest: 24,
        source: "https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html",
      },
    },
    reserved: undefined,
    authorizesPrivateCidrs: false,
    authorizedCidrs: {
      most: 40,
      source: "https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html",
    },
  },
  bucket: true,
  edge: {
    type: "ingress",
    certificate: {
      form: /arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate\/[\w-]+/,
      title: "the ARN of an ACM certificate",
      problem(certificate, { region: of, account: own }) {
        const prefix = `arn:aws:acm:${of}:${own}:certificate/`;
        if (certificate.startsWith(prefix)) return undefined;
        return {
          title: `an ACM certificate of this account and region: ${prefix}...`,
          example: `${prefix}<id>`,
        };
      },
    },
  },
  checks: [checkZones, checkAdmins],
  toArgs: ({ cluster: settings, account: { region: of }, tags, certificate }) => ({
    ...settings,
    region: of,
    tags,
    certificate,
  }),
  immutableSettings: ({ network: { zones } }) => ({ "network.zones": `[${zones.join(", ")}]` }),
} satisfies CloudTarget<"eks", typeof cluster, typeof account>;
