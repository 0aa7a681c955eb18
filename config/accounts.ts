import { nearest, shown, type Problem } from "./problems.ts";
import { collectProblems, collectEach, poison } from "./poisoned.ts";
import type { ManagedProvider } from "./kubernetes-versions.ts";

/**
 * Whose account a stack deploys to: settings of the cloud's own provider, which enforces them. They are read here to
 * refuse what is missing before the first resource, and because names of places are part of a kubeconfig.
 */
export type Account =
  | { readonly provider: "eks"; readonly account: string; readonly region: string }
  | {
      readonly provider: "aks";
      readonly subscriptionId: string;
      readonly tenantId: string;
      readonly location: string;
    }
  | { readonly provider: "gke"; readonly project: string; readonly region: string };

interface Setting {
  readonly key: string;
  /** Where an {@link Account} has it. */
  readonly field: string;
  readonly pattern: RegExp;
  readonly allowed: string;
  /** A value that documentation uses; `up` refuses it. */
  readonly documentation?: string;
  readonly example: string;
}

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const noGuid = "00000000-0000-0000-0000-000000000000";
/** Every cloud writes its places so: `eu-central-1`, `westeurope`, `europe-west3`. */
const place = (key: string, example: string, pattern: RegExp): Setting => ({
  key,
  field: key.split(":")[1] ?? "",
  pattern,
  allowed: `a region such as ${example}`,
  example,
});

/** The account of documentation: https://docs.aws.amazon.com/general/latest/gr/docconventions.html */
const placeholderAccount = "111122223333";

const settings: Readonly<Record<ManagedProvider, readonly Setting[]>> = {
  eks: [
    // The partition `aws`: those of China and of governments have other ARNs.
    place("aws:region", "eu-central-1", /^(?!cn-|us-gov-|us-iso)[a-z]{2}(-[a-z]+)+-\d$/),
    {
      key: "aws:allowedAccountIds",
      field: "account",
      pattern: /^\["\d{12}"\]$/,
      allowed: "a list with the one account of this stack",
      documentation: JSON.stringify([placeholderAccount]),
      example: "'[\"<12 digits>\"]'",
    },
  ],
  aks: [
    place("azure-native:location", "westeurope", /^[a-z]+\d?$/),
    {
      key: "azure-native:subscriptionId",
      field: "subscriptionId",
      pattern: guid,
      allowed: "the id of a subscription",
      documentation: noGuid,
      example: "$(az account show --query id -o tsv)",
    },
    {
      key: "azure-native:tenantId",
      field: "tenantId",
      pattern: guid,
      allowed: "the id of a tenant",
      documentation: noGuid,
      example: "$(az account show --query tenantId -o tsv)",
    },
  ],
  gke: [
    place("gcp:region", "europe-west3", /^[a-z]+-[a-z]+\d+$/),
    {
      key: "gcp:project",
      field: "project",
      pattern: /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
      allowed: "the id of a project",
      documentation: "example-project",
      example: "<project id>",
    },
  ],
};

/** Network of documentation: RFC 5737. */
const placeholderCidr = /^203\.0\.113\.\d+\/\d+$/;

/**
 * The account of a stack, and what is wrong with it: of a setting that is, nothing can be read (`wrong-settings.ts`).
 *
 * @param all the whole configuration as the engine hands it over: text by full key.
 * @param simulated whether the clouds are the sandbox's: then documentation values are wanted, and no others.
 */
export function accountOf(
  provider: ManagedProvider,
  all: Readonly<Record<string, string>>,
  simulated: boolean,
): { readonly account: Account; readonly problems: readonly Problem[] } {
  const account: Record<string, unknown> & { provider: ManagedProvider } = { provider };
  const problems = settings[provider].flatMap((setting) => {
    const found = settingProblems(setting, all, simulated);
    const text = all[setting.key] ?? "";
    if (found.length > 0) poison(account, [setting.field]);
    else account[setting.field] = text.startsWith("[") ? (JSON.parse(text) as string[])[0] : text;
    return found;
  });
  return { account: account as Account, problems };
}

function settingProblems(
  { key, pattern, allowed, documentation, example }: Setting,
  all: Readonly<Record<string, string>>,
  simulated: boolean,
): Problem[] {
  const found = all[key];
  const set = (value: string) => `pulumi config set ${key} ${value}`;
  if (found === undefined) {
    const known = new Set(Object.values(settings).flatMap((each) => each.map((own) => own.key)));
    const close = nearest(
      key,
      Object.keys(all).filter((there) => !known.has(there)),
    );
    return [
      {
        key,
        found: close === undefined ? "nothing" : `nothing (there: ${close})`,
        expected: allowed,
        fix: set(example),
      },
    ];
  }
  if (!pattern.test(found.replaceAll(/\s/g, "")))
    return [{ key, found: shown(found), expected: allowed, fix: set(example) }];
  if (documentation === undefined) return [];
  const isDocumentation = found.replaceAll(/\s/g, "") === documentation;
  if (isDocumentation && !simulated) {
    return [
      {
        key,
        found: `${shown(found)}, a value of documentation`,
        expected: `${allowed}: your own`,
        fix: set(example),
      },
    ];
  }
  if (!isDocumentation && simulated) {
    const expected = `${documentation}: the sandbox's clouds serve only what cannot be anybody's`;
    return [
      {
        key,
        found: shown(found),
        expected,
        fix: `leave out PLUGINS=standin, or ${set(`'${documentation}'`)}`,
      },
    ];
  }
  return [];
}

/** Whether an administrator is one of documentation. */
export function isPlaceholder(admin: string): boolean {
  return admin.includes(placeholderAccount) || admin === noGuid || admin.endsWith("@example.com");
}

/** Values of documentation in `multi-client:cluster` itself, which no deployment can mean. */
export function placeholderProblems(
  cluster: { readonly admins: readonly string[]; readonly authorizedCidrs: readonly string[] },
  simulated: boolean,
): Problem[] {
  if (simulated) return [];
  const own = (field: string, index: number, found: string, expected: string): Problem => ({
    key: `multi-client:cluster.${field}[${String(index)}]`,
    found: `${shown(found)}, a value of documentation`,
    expected,
    fix: `pulumi config set --path 'multi-client:cluster.${field}[${String(index)}]' <your own>`,
  });
  return collectProblems(
    () =>
      collectEach(cluster.admins, (admin, index) =>
        isPlaceholder(admin)
          ? [own("admins", index, admin, "who administers the cluster, the deployer among them")]
          : [],
      ),
    () =>
      collectEach(cluster.authorizedCidrs, (cidr, index) =>
        placeholderCidr.test(cidr) ? [own("authorizedCidrs", index, cidr, "the network you come from")] : [],
      ),
  );
}
