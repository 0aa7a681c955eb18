import { mostCpus } from "../../config/clouds/aks-vm-sizes.ts";
import type { ManagedConfig, ManagedProvider } from "../../config/clouds/index.ts";
import { commandText, setConfig } from "../../system/shell-command.ts";
import { actionsOf, lackOf, missingInAzure, registryActions } from "./deployer-rights.ts";

/** The settings of a stack by which its needs are measured. */
export interface AccountFacts<P extends ManagedProvider = ManagedProvider> {
  /** The name of the stack, for the commands that change its settings. */
  readonly stack: string;
  /** The account, by the names that `config/clouds/` gives to its settings. */
  readonly account: Readonly<Record<string, string>>;
  readonly cluster: Extract<ManagedConfig, { readonly provider: P }>;
  /** The stack has `backup.bucket`. @default false */
  readonly bucket?: boolean;
}

/** Something that an account must have before the first `make up`. */
export interface AccountNeed<P extends ManagedProvider = ManagedProvider> {
  /** Tells whether a stack needs it. @default every stack does */
  applies?(facts: AccountFacts<P>): boolean;
  /** What is needed, and for what. */
  what(facts: AccountFacts<P>): string;
  /** The commands of the cloud's CLI that tell, as words, the program first. */
  ask(facts: AccountFacts<P>): readonly (readonly string[])[];
  /** What was found, where that is not enough; undefined where it is. @param answers of the commands, trimmed */
  lack(answers: readonly string[], facts: AccountFacts<P>): string | undefined;
  /** The command that brings it. */
  fix(facts: AccountFacts<P>): string;
}

/** A number that has to be free: the first answer is the limit, the second, where there is one, what is used of it. */
function free([limit = "", used = "0"]: readonly string[], wanted: number): string | undefined {
  const left = Number(limit) - Number(used);
  // What is no number is not enough either.
  return left >= wanted ? undefined : `${limit || "no limit"}, of which ${used} are used`;
}

/** An answer that has to be a certain word. */
const is = (wanted: string, [answer = ""]: readonly string[]): string | undefined =>
  answer === wanted ? undefined : answer || "nothing";

const words = (line: string): string[] => line.split(" ");

/** A quota of AWS. @see https://docs.aws.amazon.com/servicequotas/latest/userguide/reference_aws_quotas.html */
function awsQuota(
  [service, code]: readonly [service: string, code: string],
  wanted: (facts: AccountFacts<"eks">) => number,
  what: (wanted: string, region: string) => string,
  used?: string,
): AccountNeed<"eks"> {
  const quota = `--service-code ${service} --quota-code ${code}`;
  const region = ({ account }: AccountFacts<"eks">) => String(account.region);
  return {
    what: (facts) => what(String(wanted(facts)), region(facts)),
    ask: (facts) => [
      words(
        `aws service-quotas get-service-quota ${quota} --region ${region(facts)} --query Quota.Value --output text`,
      ),
      ...(used === undefined ? [] : [words(`aws ec2 ${used} --region ${region(facts)} --output text`)]),
    ],
    lack: (answers, facts) => free(answers, wanted(facts)),
    fix: (facts) =>
      `aws service-quotas request-service-quota-increase ${quota} --region ${region(facts)} --desired-value NUMBER`,
  };
}

/**
 * The deployer's actions, asked for every role that administers the cluster: the deployer's is the one that the first answer
 * names. Where a role may do something to some resources alone, AWS says that it may not, because it is asked for all.
 *
 * @see https://docs.aws.amazon.com/cli/latest/reference/iam/simulate-principal-policy.html
 */
const awsRights: AccountNeed<"eks"> = {
  what: ({ account }) => `the rights of the deployer in account ${String(account.account)}`,
  ask: ({ cluster, bucket = false }) => [
    words("aws sts get-caller-identity --query Arn --output text"),
    ...cluster.admins.map((role) => [
      ...words(`aws iam simulate-principal-policy --policy-source-arn ${role} --action-names`),
      ...actionsOf("eks", bucket),
      "--query",
      "EvaluationResults[?EvalDecision!='allowed'].EvalActionName",
      ...words("--output text"),
    ]),
  ],
  lack([caller = "", ...denied], { cluster: { admins } }) {
    const [, name] = /:assumed-role\/([^/]+)\//.exec(caller) ?? [];
    const index = admins.findIndex((role) => role === caller || role.split("/").at(-1) === name);
    if (index < 0) return `${caller || "nobody"}, who is none of cluster.admins`;
    return lackOf((denied[index] ?? "").split(/\s+/).filter(Boolean));
  },
  fix: () => "aws iam attach-role-policy --role-name ROLE --policy-arn POLICY",
};

const eks: readonly AccountNeed<"eks">[] = [
  {
    what: ({ account }) => `a login of account ${String(account.account)}`,
    ask: () => [words("aws sts get-caller-identity --query Account --output text")],
    lack: (answers, { account }) => is(String(account.account), answers),
    fix: () => "aws sso login",
  },
  awsRights,
  awsQuota(
    ["ec2", "L-0263D0A3"],
    ({ cluster }) => (cluster.network.nat === "zone" ? 3 : 1),
    (wanted, region) => `${wanted} Elastic IPs in ${region}, for the NAT gateways`,
    "describe-addresses --query length(Addresses)",
  ),
  awsQuota(
    ["vpc", "L-F678F1CE"],
    () => 1,
    (wanted, region) => `${wanted} VPC in ${region}`,
    "describe-vpcs --query length(Vpcs)",
  ),
  // Auto Mode takes small nodes, and a second one for each while it replaces them.
  awsQuota(
    ["ec2", "L-1216C47A"],
    () => 16,
    (wanted, region) =>
      `${wanted} vCPUs of On-Demand Standard instances in ${region}, with those of an upgrade`,
  ),
];

/** A state that a feature or a resource provider of Azure has to have. */
const registered = (what: string, show: string, register: string): AccountNeed<"aks"> => ({
  what: () => what,
  ask: ({ account }) => [words(`az ${show} --subscription ${String(account.subscriptionId)} --output tsv`)],
  lack: (answers) => is("Registered", answers),
  fix: ({ account }) => `az ${register} --subscription ${String(account.subscriptionId)}`,
});

/** A size of virtual machines that the region has in the three zones of the pools. */
const size = (field: "vmSize" | "systemVmSize"): AccountNeed<"aks"> => ({
  what: ({ account, cluster }) => `${cluster.nodes[field]} in three zones of ${String(account.location)}`,
  ask: ({ account, cluster }) => [
    words(
      `az vm list-skus --location ${String(account.location)} --size ${cluster.nodes[field]} ` +
        `--subscription ${String(account.subscriptionId)} ` +
        "--query [0].[locationInfo[0].zones,restrictions[?type=='Zone'].restrictionInfo.zones[]] --output json",
    ),
  ],
  lack([answer = ""]) {
    // The zones of the region, and those of them that the subscription may not use.
    const [zones, refused] = (JSON.parse(answer || "null") ?? []) as readonly (readonly string[] | null)[];
    const left = (zones ?? []).filter((zone) => refused?.includes(zone) !== true);
    return left.length >= 3 ? undefined : `zones: ${left.join(", ") || "none"}`;
  },
  fix: ({ stack }) => commandText(setConfig(`multi-client:cluster.nodes.${field}`, "SIZE", true), stack),
});

/**
 * Actions that the caller's roles allow at a scope.
 *
 * @see https://learn.microsoft.com/rest/api/authorization/permissions
 */
const azureRights = (
  what: (facts: AccountFacts<"aks">) => string,
  scope: (facts: AccountFacts<"aks">) => string,
  actions: readonly string[],
): AccountNeed<"aks"> => ({
  what,
  ask: (facts) => [
    words(
      `az rest --method get --url ${scope(facts)}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01 --query value --output json`,
    ),
  ],
  lack: ([answer = ""]) => lackOf(missingInAzure(actions, answer)),
  fix: (facts) => `az role assignment create --assignee DEPLOYER --role Owner --scope ${scope(facts)}`,
});
const registryOf = ({ cluster }: AccountFacts<"aks">) => cluster.containerRegistry ?? "REGISTRY";

const aks: readonly AccountNeed<"aks">[] = [
  {
    what: ({ account }) => `a login of tenant ${String(account.tenantId)}`,
    ask: () => [words("az account show --query tenantId --output tsv")],
    lack: (answers, { account }) => is(String(account.tenantId), answers),
    fix: ({ account }) => `az login --tenant ${String(account.tenantId)}`,
  },
  azureRights(
    ({ account }) => `the rights of the deployer in subscription ${String(account.subscriptionId)}`,
    ({ account }) => `/subscriptions/${String(account.subscriptionId)}`,
    actionsOf("aks", false),
  ),
  {
    ...azureRights(
      (facts) => `the right to assign roles on ${registryOf(facts)}`,
      registryOf,
      registryActions,
    ),
    applies: ({ cluster }) => cluster.containerRegistry !== undefined,
  },
  {
    what: ({ account, cluster }) =>
      `${String(mostCpus(cluster.nodes))} vCPUs in ${String(account.location)}: both pools at their largest, while both are upgraded`,
    ask: ({ account }) =>
      ["limit", "currentValue"].map((field) =>
        words(
          `az vm list-usage --location ${String(account.location)} --subscription ${String(account.subscriptionId)} ` +
            `--query [?name.value=='cores'].${field} --output tsv`,
        ),
      ),
    lack: (answers, { cluster }) => free(answers, mostCpus(cluster.nodes)),
    fix: ({ account }) =>
      "az quota update --resource-name cores --resource-type dedicated --limit-object value=NUMBER --scope " +
      `/subscriptions/${String(account.subscriptionId)}/providers/Microsoft.Compute/locations/${String(account.location)}`,
  },
  size("vmSize"),
  size("systemVmSize"),
  registered(
    "the feature EncryptionAtHost, for nodes that encrypt their disks",
    "feature show --namespace Microsoft.Compute --name EncryptionAtHost --query properties.state",
    "feature register --namespace Microsoft.Compute --name EncryptionAtHost",
  ),
  ...["Network", "Compute", "ContainerService", "OperationalInsights", "Insights", "ManagedIdentity"].map(
    (name) =>
      registered(
        `the resource provider Microsoft.${name}`,
        `provider show --namespace Microsoft.${name} --query registrationState`,
        `provider register --namespace Microsoft.${name}`,
      ),
  ),
];

/** An API that turns others on: the stack cannot turn it on itself. */
const api = (name: string): AccountNeed<"gke"> => ({
  what: () => `the API ${name}, through which the stack turns the others on`,
  ask: ({ account }) => [
    words(`gcloud services list --enabled --project ${String(account.project)} --format value(config.name)`),
  ],
  lack: ([names = ""]) => (names.split(/\s+/).includes(name) ? undefined : "off"),
  fix: ({ account }) => `gcloud services enable ${name} --project ${String(account.project)}`,
});

/**
 * The deployer's permissions in the project. gcloud has no command for it, and its token stays out of the list of processes.
 *
 * @see https://cloud.google.com/resource-manager/reference/rest/v1/projects/testIamPermissions
 */
const googleRights: AccountNeed<"gke"> = {
  what: ({ account }) => `the rights of the deployer in project ${String(account.project)}`,
  ask: ({ account, bucket = false }) => [
    [
      "sh",
      "-c",
      `printf "Authorization: Bearer %s" "$(gcloud auth print-access-token)" | curl -sSf -H @- -H Content-Type:application/json ` +
        `-d '${JSON.stringify({ permissions: actionsOf("gke", bucket) })}' ` +
        `https://cloudresourcemanager.googleapis.com/v1/projects/${String(account.project)}:testIamPermissions`,
    ],
  ],
  lack([answer = ""], { bucket = false }) {
    const { permissions = [] } = JSON.parse(answer) as { readonly permissions?: readonly string[] };
    return lackOf(actionsOf("gke", bucket).filter((each) => !permissions.includes(each)));
  },
  fix: ({ account }) =>
    `gcloud projects add-iam-policy-binding ${String(account.project)} --member DEPLOYER --role ROLE`,
};

const gke: readonly AccountNeed<"gke">[] = [
  api("cloudresourcemanager.googleapis.com"),
  api("serviceusage.googleapis.com"),
  googleRights,
  // Autopilot's smallest nodes have 2, and there is one for each pod that waits for one; twice while they are upgraded.
  ...Object.entries({ CPUS: 24, SSD_TOTAL_GB: 250 }).map(([metric, wanted]): AccountNeed<"gke"> => ({
    what: ({ account }) => `${String(wanted)} of ${metric} in ${String(account.region)}`,
    ask: ({ account }) => [
      words(
        `gcloud compute regions describe ${String(account.region)} --project ${String(account.project)} --format json(quotas)`,
      ),
    ],
    lack([answer = ""]) {
      const { quotas } = JSON.parse(answer) as {
        readonly quotas: readonly {
          readonly metric: string;
          readonly limit: number;
          readonly usage: number;
        }[];
      };
      const { limit = 0, usage = 0 } = quotas.find((each) => each.metric === metric) ?? {};
      return free([String(limit), String(usage)], wanted);
    },
    fix: ({ account }) =>
      `open 'https://console.cloud.google.com/iam-admin/quotas?project=${String(account.project)}'`,
  })),
];

/** What each cloud's account must have, in the order in which `up` needs it. */
export const accountNeeds: { readonly [P in ManagedProvider]: readonly AccountNeed<P>[] } = { eks, aks, gke };
