import { advise, step } from "../hints/hint.ts";
import type { CloudOperations } from "./cloud-operations.ts";

const clusterType = "aws:eks/cluster:Cluster";

const retained: Readonly<Record<string, string>> = {
  "aws:kms/key:Key": "AWS deletes it 30 days after this; until then: aws kms cancel-key-deletion",
  "aws:s3/bucket:Bucket": "the copies of the backups are in it",
};

/** EKS, seen by the launcher. */
export const eks = {
  title: "AWS",
  login: {
    command: "aws sso login",
    alternatives: "AWS_PROFILE=..., or the keys of a role",
    identity: "aws sts get-caller-identity",
  },
  loginEnded: {
    seen: "api error ExpiredToken: The security token included in the request is expired",
    // Common errors of AWS's APIs; aws-sdk-go-v2 for a session that a login opened (pulumi-aws, provider/resources.go).
    pattern:
      /api error (?:ExpiredToken(?:Exception)?|RequestExpired)|SSO session has expired|refresh cached SSO token failed/,
  },
  loginMissing: {
    seen: "No valid credential sources found",
    // hashicorp/aws-sdk-go-base; pulumi-aws passes it on (provider/resources.go, validateCredentials).
    pattern: /[Nn]o valid credential sources/,
  },
  loginElsewhere: {
    seen: "AWS account ID not allowed: 111122223333",
    // hashicorp/aws-sdk-go-base (VerifyAccountIDAllowed).
    pattern: /AWS account ID not allowed: (\d+)/,
    found: ([, account = ""]) => `of account ${account}`,
    settings: ["aws:allowedAccountIds"],
  },
  hints: [
    {
      seen: "waiting for EKS Add-On (CLUSTER:ADDON) create: timeout while waiting for state to become 'ACTIVE' (last state: 'DEGRADED', timeout: 20m0s)",
      // terraform-provider-aws, internal/service/eks/addon.go: it waits 20 minutes for ACTIVE.
      pattern: /EKS Add-On \((\w[\w-]*):(\w[\w-]*)\)[\s\S]{0,200}?last state: '(\w+)'/,
      advice: ({ again }, [, cluster = "", addon = "", state = ""]) =>
        advise(
          `The add-on ${addon} of cluster ${cluster} is ${state} after 20 minutes; the objects of the cluster wait for it.`,
          step(
            "This shows why:",
            `aws eks describe-addon --cluster-name ${cluster} --addon-name ${addon} --query addon.health`,
          ),
          step("Then continue from there:", again),
        ),
    },
  ],
  inUse: undefined,
  clusterType,
  version: { output: "version" },
  retained: ({ type }) => retained[type],
  leftoverCommands: (stack, names, { region = "REGION" }) =>
    [`stack,Values=${stack}`, ...names(clusterType).map((name) => `eks:eks-cluster-name,Values=${name}`)].map(
      (tag) => `aws resourcegroupstaggingapi get-resources --region ${region} --tag-filters Key=${tag}`,
    ),
} as const satisfies CloudOperations;
