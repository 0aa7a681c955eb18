import type { Facts, Hint } from "./hint.ts";

/** How one logs in to a cloud, and what shows as whom. */
const LOGIN = {
  AWS: "aws sso login (or AWS_PROFILE=..., or the keys of a role); who you are: aws sts get-caller-identity",
  Azure: "az login --tenant TENANT; who you are: az account show",
  // Both: the provider uses the application's default login, gke-gcloud-auth-plugin gcloud's own.
  "Google Cloud": "gcloud auth login --update-adc; who you are: gcloud auth list",
} as const;
type Cloud = keyof typeof LOGIN;

/** The login ended while the command ran: what was made is kept, and the same command goes on. */
const ended =
  (cloud: Cloud): Hint["message"] =>
  ({ stack }) =>
    `The login to ${cloud} ended while the command ran. What was made until then is in the state of stack ${stack}; nothing is lost.\n` +
    `Log in: ${LOGIN[cloud]}\n` +
    `Then make up STACK=${stack}: it goes on from there. In a pipeline, let the role's session last two hours: a cluster takes up to one.`;

const missing =
  (cloud: Cloud): Hint["message"] =>
  ({ stack }) =>
    `Nobody is logged in to ${cloud}.\nLog in: ${LOGIN[cloud]}\nThen make up STACK=${stack}`;

/** Settings that pin a stack to its place, by cloud. */
const wrongPlace = ({ stack }: Facts, cloud: Cloud, found: string, keys: string): string =>
  `The login is ${found}, and Pulumi.${stack}.yaml names another place (${keys}). Nothing was changed.\n` +
  `Fix: log in to that one: ${LOGIN[cloud]}\n` +
  "or, if the stack file is wrong and nothing is deployed yet, correct it there.";

/** What the clouds refuse, in the words of their APIs and of the providers. */
export const cloudHints: readonly Hint[] = [
  {
    // AWS: common errors of its APIs; aws-sdk-go-v2 for a session that a login opened (pulumi-aws, provider/resources.go)
    pattern:
      /api error (?:ExpiredToken(?:Exception)?|RequestExpired)|SSO session has expired|refresh cached SSO token failed/,
    message: ended("AWS"),
  },
  {
    // Azure Resource Manager; Microsoft Entra's codes for refresh tokens: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
    pattern: /ExpiredAuthenticationToken|AADSTS(?:70043|700082|50173|50078)\b/,
    message: ended("Azure"),
  },
  {
    // golang.org/x/oauth2, with the reason that Google gives: pulumi/pulumi-gcp#479
    pattern: /"?invalid_grant"?[\s\S]{0,200}?(?:rapt|expired or revoked)|reauth related error/,
    message: ended("Google Cloud"),
  },
  {
    // hashicorp/aws-sdk-go-base; pulumi-aws passes it on (provider/resources.go, validateCredentials)
    pattern: /[Nn]o valid credential sources/,
    message: missing("AWS"),
  },
  {
    // the az program, on which azidentity calls; pulumi-azure-native passes it on (provider/pkg/provider/azure_cli.go)
    pattern: /Please run:? '?az login|AzureCLICredential: /,
    message: missing("Azure"),
  },
  {
    // pulumi-gcp, provider/resources.go (preConfigureCallback); golang.org/x/oauth2/google
    pattern: /failed to load application credentials|could not find default credentials/,
    message: missing("Google Cloud"),
  },
  {
    // gcloud, which gke-gcloud-auth-plugin asks (cloud-provider-gcp, cmd/gke-gcloud-auth-plugin/cred.go)
    pattern: /do not currently have an active account selected/,
    message: missing("Google Cloud"),
  },
  {
    // terraform-provider-aws, internal/service/eks/addon.go: it waits 20 minutes for ACTIVE
    pattern: /EKS Add-On \(([^:)\s]+):([^)\s]+)\)[\s\S]{0,200}?last state: '(\w+)'/,
    message: ({ stack }, [, cluster = "", addon = "", state = ""]) =>
      `The add-on ${addon} of cluster ${cluster} is ${state} after 20 minutes; the objects of the cluster wait for it.\n` +
      `Why: aws eks describe-addon --cluster-name ${cluster} --addon-name ${addon} --query addon.health\n` +
      `Then make up STACK=${stack}: it goes on from there.`,
  },
  {
    // Google's APIs for some minutes after one was turned on (SERVICE_DISABLED): terraform-provider-google#24094
    pattern: /([\w ]+ API) has not been used in project \S+ before or it is disabled/,
    message: ({ stack }, [, api = ""]) =>
      `Google has not taken note yet that the ${api.trim()} is on: that takes minutes in a new project. Nothing is lost.\n` +
      `Fix: make up STACK=${stack} again in a few minutes: it goes on from there. Two APIs the stack does not turn on\n` +
      "itself: gcloud services enable cloudresourcemanager serviceusage",
  },
  {
    // Azure Resource Manager: https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
    pattern: /ScopeLocked/,
    message: ({ stack }) =>
      "A lock forbids to delete a part of the AKS cluster: cluster.deletionProtection sets it, and its parts inherit it.\n" +
      `Fix, if that part is to go: pulumi config set --path multi-client:cluster.deletionProtection false --stack ${stack};\n` +
      `make up STACK=${stack}; then set it to true again.`,
  },
  {
    // hashicorp/aws-sdk-go-base (VerifyAccountIDAllowed)
    pattern: /AWS account ID not allowed: (\d+)/,
    message: (facts, [, account = ""]) =>
      wrongPlace(facts, "AWS", `of account ${account}`, "aws:allowedAccountIds"),
  },
  {
    // Azure Resource Manager, to a token of another tenant
    pattern: /InvalidAuthenticationTokenTenant/,
    message: (facts) =>
      wrongPlace(facts, "Azure", "of another tenant", "azure-native:tenantId, azure-native:subscriptionId"),
  },
  {
    // Google's APIs (USER_PROJECT_DENIED)
    pattern:
      /(?:Permission denied on resource project|required permission to use project) (\S+?)[.,]*(?:\s|$)/,
    message: (facts, [, project = ""]) =>
      wrongPlace(facts, "Google Cloud", `not of project ${project}`, "gcp:project"),
  },
];
