import type { Cloud } from "./cloud-rules.ts";
import type { AccountSettings, SimulatedAccount } from "./simulated-account.ts";

/** What a cloud's CLI answers about the account itself. */
interface AccountAnswer {
  /** The words of the call. */
  readonly call: RegExp;
  readonly answer: (account: SimulatedAccount, match: RegExpExecArray) => string;
}

/** The number of something that the account may have. */
const limit = ({ limits = {} }: AccountSettings, name: string, otherwise: number): string =>
  String(limits[name] ?? otherwise);

const count = (account: SimulatedAccount, type: string): string =>
  String(account.all().filter((each) => each.type === type).length);

const state = (account: SimulatedAccount, feature: string): string =>
  account.settings().features.includes(feature) ? "Registered" : "NotRegistered";

/** Whether the deployer may do something. */
const isAllowed = ({ forbidden = [] }: AccountSettings, action: string): boolean =>
  !forbidden.includes(action);

/** The quotas of AWS by their codes: the names of their limits, and what a new account has. */
const awsQuotas: Readonly<Record<string, readonly [name: string, value: number]>> = {
  "L-0263D0A3": ["elasticIps", 5],
  "L-F678F1CE": ["vpcs", 5],
  "L-1216C47A": ["vcpus", 32],
};

/** The answers of each CLI. Their forms are those that `--output` and `--format` ask for in the call. */
export const accountAnswers: Readonly<
  Record<
    "aws" | "az" | "gcloud" | "curl",
    { readonly cloud: Cloud; readonly source: string; readonly answers: readonly AccountAnswer[] }
  >
> = {
  aws: {
    cloud: "aws",
    source: "https://docs.aws.amazon.com/cli/latest/reference/service-quotas/get-service-quota.html",
    answers: [
      {
        call: /^sts get-caller-identity --query Arn /,
        answer: () => "arn:aws:sts::111122223333:assumed-role/platform/session",
      },
      {
        call: /^iam simulate-principal-policy .*--action-names (.*) --query /,
        answer: (account, [, actions = ""]) =>
          actions
            .split(" ")
            .filter((action) => !isAllowed(account.settings(), action))
            .join("\t"),
      },
      { call: /^sts get-caller-identity/, answer: () => "111122223333" },
      {
        call: /^service-quotas get-service-quota .*--quota-code (\S+)/,
        answer(account, [, code = ""]) {
          const [name, value] = awsQuotas[code] ?? ["", 0];
          return limit(account.settings(), name, value);
        },
      },
      { call: /^ec2 describe-addresses /, answer: (account) => count(account, "aws:ec2/eip:Eip") },
      { call: /^ec2 describe-vpcs /, answer: (account) => count(account, "aws:ec2/vpc:Vpc") },
    ],
  },
  az: {
    cloud: "azure-native",
    source: "https://learn.microsoft.com/cli/azure/vm#az-vm-list-usage",
    answers: [
      {
        call: /^rest --method get --url \S+\/Microsoft\.Authorization\/permissions\?/,
        answer: (account) =>
          JSON.stringify([{ actions: ["*"], notActions: account.settings().forbidden ?? [] }]),
      },
      { call: /^account show /, answer: () => "00000000-0000-0000-0000-000000000000" },
      { call: /^vm list-usage .*\.limit /, answer: (account) => limit(account.settings(), "vcpus", 100) },
      { call: /^vm list-usage .*\.currentValue /, answer: () => "0" },
      { call: /^vm list-skus /, answer: () => '[["1","2","3"],[]]' },
      {
        call: /^feature show --namespace (\S+) --name (\S+)/,
        answer: (account, [, namespace = "", name = ""]) => state(account, `${namespace}/${name}`),
      },
      {
        call: /^provider show --namespace (\S+)/,
        answer: (account, [, namespace = ""]) => state(account, namespace),
      },
    ],
  },
  gcloud: {
    cloud: "gcp",
    source: "https://cloud.google.com/sdk/gcloud/reference/compute/regions/describe",
    answers: [
      { call: /^auth print-access-token /, answer: () => "token" },
      {
        call: /^services list --enabled /,
        answer: (account) =>
          account
            .settings()
            .features.filter((each) => each.endsWith(".googleapis.com"))
            .join("\n"),
      },
      {
        call: /^compute regions describe /,
        answer: (account) =>
          JSON.stringify({
            quotas: [
              { metric: "CPUS", limit: Number(limit(account.settings(), "vcpus", 72)), usage: 0 },
              { metric: "SSD_TOTAL_GB", limit: Number(limit(account.settings(), "ssd", 500)), usage: 0 },
            ],
          }),
      },
    ],
  },
  // Only for what no command of gcloud asks.
  curl: {
    cloud: "gcp",
    source: "https://cloud.google.com/resource-manager/reference/rest/v1/projects/testIamPermissions",
    answers: [
      {
        call: / -d (\{.*\}) https:\/\/cloudresourcemanager\.googleapis\.com\/v1\/projects\/\S+:testIamPermissions /,
        answer(account, [, asked = ""]) {
          const { permissions } = JSON.parse(asked) as { readonly permissions: readonly string[] };
          return JSON.stringify({
            permissions: permissions.filter((each) => isAllowed(account.settings(), each)),
          });
        },
      },
    ],
  },
};
