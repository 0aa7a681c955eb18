import type { Cloud } from "./cloud-rules.ts";
import type { Lookup } from "./template.ts";
import type { Fields } from "../../system/fields.ts";

/** The environment variable that names the caller of a simulated cloud. @default {@link defaultCallers} */
export const CALLER_VARIABLE = "MULTI_CLIENT_CALLER";
/** The account, subscription and project that the sandbox serves. All are placeholders. */
const SERVED = {
  account: "111122223333",
  subscription: "00000000-0000-0000-0000-000000000000",
  project: "example-project",
} as const;

/** The caller where nothing else is said: the role, group or member that the committed stack files name. */
export const defaultCallers: Readonly<Record<Cloud, string>> = {
  aws: "arn:aws:iam::111122223333:role/platform",
  "azure-native": "00000000-0000-0000-0000-000000000000",
  gcp: "group:platform@example.com",
};

/** The provider arguments of each cloud; any other is refused. */
const ARGUMENTS: Readonly<Record<Cloud, readonly string[]>> = {
  aws: [
    "region",
    "allowedAccountIds",
    "skipCredentialsValidation",
    "skipRegionValidation",
    "skipMetadataApiCheck",
  ],
  "azure-native": ["subscriptionId", "tenantId", "location"],
  gcp: ["project", "region"],
};

/** Lists the provider arguments that the simulated cloud does not know. */
export const unsupportedArguments = (cloud: Cloud, args: Fields): string[] =>
  Object.keys(args).filter((key) => key !== "version" && !ARGUMENTS[cloud].includes(key));

/**
 * Lets a caller into the account that the provider's arguments name.
 *
 * @param argument gives a provider argument as the engine passes it: text, lists as JSON.
 * @returns the names of account, region and caller for templates.
 * @throws when the caller may not use the account, in the real provider's words where these are known.
 */
export function authenticate(
  cloud: Cloud,
  argument: (key: string) => string,
  env: NodeJS.ProcessEnv,
): Lookup {
  const caller = env[CALLER_VARIABLE] ?? defaultCallers[cloud];
  if (caller === "none") throw new Error(noCredentials[cloud]);
  const names: Record<string, string> = { caller };
  switch (cloud) {
    case "aws": {
      const allowed = JSON.parse(argument("allowedAccountIds") || "[]") as string[];
      const account = caller.split(":")[4] ?? "";
      // terraform-provider-aws, internal/conns/config.go and hashicorp/aws-sdk-go-base, VerifyAccountIDAllowed.
      if (!allowed.includes(account)) throw new Error(`AWS account ID not allowed: ${account}`);
      if (account !== SERVED.account) throw new Error(onlyServed(`account ${SERVED.account}`, account));
      Object.assign(names, { account, region: argument("region") });
      break;
    }
    case "azure-native": {
      const subscription = argument("subscriptionId");
      if (subscription !== SERVED.subscription)
        throw new Error(onlyServed(`subscription ${SERVED.subscription}`, subscription));
      // Azure Resource Manager answers this to a login of another tenant.
      if (caller.startsWith("tenant:"))
        throw new Error(
          `InvalidAuthenticationTokenTenant: The access token is from the wrong issuer. It must match the tenant ${argument("tenantId")}`,
        );
      Object.assign(names, { subscription, tenant: argument("tenantId"), location: argument("location") });
      break;
    }
    case "gcp": {
      const project = argument("project");
      if (project !== SERVED.project) throw new Error(onlyServed(`project ${SERVED.project}`, project));
      // The Service Usage API answers this to a caller without a role in the project: USER_PROJECT_DENIED.
      if (caller.startsWith("project:")) throw new Error(`Permission denied on resource project ${project}`);
      Object.assign(names, { project, projectNumber: "123456789012", region: argument("region") });
    }
  }
  return (name) => names[name];
}

const onlyServed = (served: string, found: string) =>
  `the sandbox's simulated cloud serves only ${served}, found ${JSON.stringify(found)}`;

/** The errors of a caller without a login, of aws-sdk-go-base, az and pulumi-gcp (provider/resources.go). */
const noCredentials: Readonly<Record<Cloud, string>> = {
  aws: "No valid credential sources found",
  "azure-native": "AzureCLICredential: ERROR: Please run 'az login' to setup account.",
  gcp: "failed to load application credentials.\nTo use your default gcloud credentials, run:\n\tgcloud auth application-default login",
};
