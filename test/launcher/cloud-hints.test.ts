import assert from "node:assert/strict";
import { hintFor } from "../../launcher/hints/hints.ts";

const facts = {
  stack: "prod",
  namespace: "multi-client",
  context: "prod",
  kubectl: "kubectl --context prod",
  backend: "s3://state",
  pulumi: "pulumi",
};

/** What clouds and providers say, from their sources and from reports, and what must be in the message made of it. */
const cases: Readonly<Record<string, { said: string; hint: readonly RegExp[] }>> = {
  // pulumi/pulumi-aws#2560
  "an AWS session that ended": {
    said: "error: operation error EKS: CreateCluster, https response error StatusCode: 403, RequestID: 87fe, api error ExpiredToken: The security token included in the request is expired",
    hint: [
      /login to AWS ended/,
      /state of stack prod; nothing is lost/,
      /aws sso login/,
      /make up STACK=prod: it goes on/,
    ],
  },
  "an AWS session that ended, as other services say it": {
    said: "api error ExpiredTokenException: The security token included in the request is expired",
    hint: [/login to AWS ended/],
  },
  // hashicorp/terraform-provider-azurerm#20867
  "an Azure token that ended": {
    said: `Code="ExpiredAuthenticationToken" Message="The access token expiry UTC time '3/19/2023 8:55:46 AM' is earlier than current UTC time '3/19/2023 8:59:27 AM'."`,
    hint: [/login to Azure ended/, /az login --tenant TENANT/],
  },
  "an Azure refresh token that ended": {
    said: "ERROR: AADSTS700082: The refresh token has expired due to inactivity.",
    hint: [/login to Azure ended/],
  },
  // pulumi/pulumi-gcp#479
  "a Google session that ended": {
    said: 'oauth2: cannot fetch token: 400 Bad Request\nResponse: {\n  "error": "invalid_grant",\n  "error_description": "reauth related error (rapt_required)",\n  "error_subtype": "rapt_required"\n}',
    hint: [/login to Google Cloud ended/, /gcloud auth login --update-adc/],
  },
  "nobody logged in to AWS": {
    said: "error: rpc error: code = Unknown desc = No valid credential sources found",
    hint: [/Nobody is logged in to AWS/, /aws sts get-caller-identity/],
  },
  "nobody logged in to Azure": {
    said: "AzureCLICredential: ERROR: Please run 'az login' to setup account.",
    hint: [/Nobody is logged in to Azure/],
  },
  "nobody logged in to Google Cloud": {
    said: "failed to load application credentials.\nTo use your default gcloud credentials, run:",
    hint: [/Nobody is logged in to Google Cloud/],
  },
  // gcloud, called by gke-gcloud-auth-plugin
  "nobody logged in to gcloud itself": {
    said: "ERROR: (gcloud.config.config-helper) You do not currently have an active account selected.\nPlease run: gcloud auth login",
    hint: [/Nobody is logged in to Google Cloud/, /--update-adc/],
  },
  // awslabs/ai-on-eks#302
  "an add-on of EKS that does not come up": {
    said: "error: waiting for EKS Add-On (multi-client:metrics-server) create: timeout while waiting for state to become 'ACTIVE' (last state: 'DEGRADED', timeout: 20m0s)",
    hint: [
      /add-on metrics-server of cluster multi-client is DEGRADED/,
      /describe-addon --cluster-name multi-client/,
    ],
  },
  // hashicorp/terraform-provider-google#24094
  "an API of Google that is not on yet": {
    said: "Error 403: Compute Engine API has not been used in project example-project before or it is disabled. Enable it by visiting ...",
    hint: [/that the Compute Engine API is on/, /make up STACK=prod again in a few minutes/],
  },
  "a lock of Azure": {
    said: 'Code="ScopeLocked" Message="The scope cannot perform delete operation because following scope(s) are locked"',
    hint: [/cluster\.deletionProtection sets it/, /deletionProtection false --stack prod/],
  },
  "another account of AWS": {
    said: "error: AWS account ID not allowed: 999999999999",
    hint: [
      /of account 999999999999/,
      /Pulumi\.prod\.yaml names another place \(aws:allowedAccountIds\)/,
      /Fix: log in to/,
    ],
  },
  "another tenant of Azure": {
    said: "InvalidAuthenticationTokenTenant: The access token is from the wrong issuer.",
    hint: [/of another tenant/, /azure-native:tenantId/],
  },
  "another project of Google Cloud": {
    said: "googleapi: Error 403: Permission denied on resource project other-project., forbidden",
    hint: [/not of project other-project, and/, /gcp:project/],
  },
};

describe("what is said of a cloud's refusal", () => {
  for (const [what, { said, hint }] of Object.entries(cases)) {
    it(`names the way on: ${what}`, () => {
      const message = hintFor(said, facts) ?? "";
      for (const part of hint) assert.match(message, part);
      assert.ok(message.split("\n").length <= 4, "a few lines");
    });
  }

  it("is left to the cloud's own words where it is none of these", () => {
    for (const said of [
      "api error InvalidParameterException: unsupported",
      "Code=QuotaExceeded",
      "invalid_grant_type",
    ])
      assert.equal(hintFor(said, facts), undefined);
  });
});
