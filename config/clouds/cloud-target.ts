import { z } from "zod";
import type { ServiceOverrides } from "../../components/application.ts";
import type { ClusterArgs } from "../../components/cluster/index.ts";
import type { ExposureType } from "../../components/cluster/endpoint.ts";
import type { Services } from "../../components/service.ts";
import { defaultKubernetesVersion, type SupportedVersions } from "../kubernetes-versions.ts";
import type { Problem } from "../problems.ts";
import { boolean, cidr, digitsOr, integer, list, string } from "../schema-types.ts";

/**
 * A cloud whose managed Kubernetes a stack may ask for: everything that the configuration knows of it.
 *
 * One file of this folder describes one cloud, and `index.ts` lists them. Whatever is missing is a type error.
 *
 * @typeParam P The cloud's name in `multi-client:cluster.provider`, which is also that of the component's arguments.
 * @typeParam Schema The settings of `multi-client:cluster`.
 * @typeParam Accounts The settings of the cloud's own provider that name the account.
 */
export interface CloudTarget<
  P extends string = string,
  Schema extends ClusterSchema = ClusterSchema,
  Accounts extends AccountSettings = AccountSettings,
> {
  /** The settings of `multi-client:cluster`, with a `provider` of this cloud's name. */
  readonly cluster: Schema;
  /** The settings that name the account, by the name that {@link Account} gives to each. */
  readonly account: Accounts;
  /** The form of an administrator that documentation uses as an example: a deployment refuses it. */
  readonly placeholderAdmin: RegExp;
  /** What two spellings of one administrator have in common, where the cloud takes them for the same. */
  readonly adminKey: (admin: string) => string;
  /** The Kubernetes versions that the cloud offers. Edit them here, and nothing else, when there is another one. */
  readonly versions: SupportedVersions;
  readonly networks: Networks<NetworkField & keyof z.infer<Schema>["network"]>;
  /** `true` where `backup.bucket` makes a bucket. */
  readonly bucket: boolean;
  readonly edge: Edge<Account<Accounts>>;
  /** Checks of this cloud alone. One that reads a setting which is refused already is skipped: see `poisoned.ts`. */
  readonly checks: readonly CloudCheck<z.infer<Schema>, Account<Accounts>>[];
  /** The arguments of the component that makes the cluster, from checked settings. */
  toArgs(
    settings: CheckedSettings<z.infer<Schema>, Account<Accounts>>,
  ): Extract<ClusterArgs, { provider: P }>;
  /**
   * The settings of the cluster that cannot change after its creation, as text by their path behind `cluster.`. Name,
   * account and the networks that {@link Networks.sizes} lists are so on every cloud, and not repeated.
   */
  immutableSettings(cluster: z.infer<Schema>): Readonly<Record<string, string>>;
}

/** The schema of a managed cluster, made by {@link managedCluster}. */
export interface ClusterSchema {
  readonly _zod: { readonly output: ManagedSettings };
}

/** The settings that every managed cluster has, whatever its cloud. */
export interface ManagedSettings {
  readonly provider: string;
  readonly name: string;
  readonly kubernetesVersion: string;
  readonly admins: readonly string[];
  readonly authorizedCidrs: readonly string[];
  readonly deletionProtection: boolean;
  readonly owner: string;
  readonly costCentre: string;
  readonly network: { readonly cidr: string; readonly serviceCidr: string };
}

/** A setting of a cloud's own Pulumi provider, which enforces it: part of what names the account of a stack. */
export interface AccountSetting {
  /** The full key, such as `aws:region`. */
  readonly key: string;
  readonly pattern: RegExp;
  /** The values that are allowed, in words. */
  readonly title: string;
  /** A value for the command that mends it, as a shell takes it. */
  readonly example: string;
  /** The setting is a list of one entry. @default false */
  readonly list?: true;
  /** The value that documentation uses as an example: `up` refuses it, and the sandbox serves no other. */
  readonly placeholder?: string;
}

export type AccountSettings = Readonly<Record<string, AccountSetting>>;
/** The account that a stack deploys to: what its {@link AccountSettings} say. Empty where the stack makes no cluster. */
export type Account<Settings extends AccountSettings = AccountSettings> = {
  readonly [Name in keyof Settings]: string;
};

/** The networks that a managed cluster may have. */
export type NetworkField = "cidr" | "podCidr" | "serviceCidr";

/** The prefixes that are taken, the largest network first. */
export interface NetworkSizes {
  readonly largest: number;
  readonly smallest: number;
  /** The page where the cloud says so. @default the limits are this program's */
  readonly source?: string;
}

/** The rules for the networks of a cluster. @typeParam Field Those that the cluster has. */
export interface Networks<Field extends NetworkField = never> {
  readonly sizes: Readonly<Partial<Record<NetworkField, NetworkSizes>> & Record<Field, NetworkSizes>>;
  /** The private networks that the cloud keeps for itself, and the page where it says so. */
  readonly reserved: { readonly cidrs: readonly string[]; readonly source: string } | undefined;
  /** `authorizedCidrs` may name private networks: the endpoint that they are for has a private address too. */
  readonly authorizesPrivateCidrs: boolean;
  /** The number of `authorizedCidrs` that a cluster may have, and the page where the cloud says so. */
  readonly authorizedCidrs: { readonly most: number; readonly source: string };
}

/** The way from outside to the client. */
export interface Edge<A extends Account = Account> {
  /** The one exposure that the cloud offers beside `clusterIP`: what `public` means there. */
  readonly type: ExposureType;
  /** The rule for `exposure.certificate`; undefined where TLS ends in the client's nginx, which has `exposure.tls`. */
  readonly certificate: CertificateRule<A> | undefined;
}

/** The rule for the certificate of a cloud's load balancer. */
export interface CertificateRule<A extends Account = Account> {
  /** The form of one, for the schema, which knows no account. */
  readonly form: RegExp;
  /** The form in words. */
  readonly title: string;
  /** The certificates that are allowed, in words, and an example; undefined where this is one of them. */
  problem(certificate: string, account: A): { readonly title: string; readonly example: string } | undefined;
}

/**
 * The judgement of values that documentation uses as an example. A deployment refuses them, because they are nobody's;
 * the sandbox's clouds require them for the same reason; where nothing is deployed, as in `make render`, any is allowed.
 */
export type Placeholders = "refused" | "required" | "allowed";

/** The facts that a cloud's checks know beside the settings of the cluster. */
export interface CloudFacts<A extends Account = Account> {
  /** The account of the stack. A setting of it that is refused cannot be read. */
  readonly account: A;
  readonly placeholders: Placeholders;
  /** The name of the stack. */
  readonly stack: string;
  /** The list of services. */
  readonly services: Services;
  /** The settings of the stack for them. */
  readonly overrides: () => Readonly<Record<string, ServiceOverrides | undefined>>;
}

/** A check of a cloud. The method makes it bivariant: it is called with the settings of its own cloud only. */
export type CloudCheck<C = ManagedSettings, A extends Account = Account> = {
  check(cluster: C, facts: CloudFacts<A>): readonly Problem[];
}["check"];

/** The settings from which the arguments of a cluster are made. */
export interface CheckedSettings<C = ManagedSettings, A extends Account = Account> {
  readonly cluster: C;
  readonly account: A;
  /** Tags or labels of everything that is made. */
  readonly tags: Readonly<Record<string, string>>;
  /** `exposure.certificate`. */
  readonly certificate: string | undefined;
}

/** The words about settings of every cloud that are this cloud's. */
interface CloudWords {
  /** Who refuses the deletion of the cluster. */
  readonly protectedBy: string;
  /** A sentence about `authorizedCidrs`. @default nothing differs from other clouds */
  readonly authorizedCidrs?: string;
}

/** The schema of a managed cluster: the settings of every cloud, and those of this one. */
export function managedCluster<const P extends string, T extends z.core.$ZodLooseShape>(
  provider: P,
  { protectedBy, authorizedCidrs = "" }: CloudWords,
  own: T,
) {
  return z.strictObject({
    provider: z.literal(provider),
    name: string(
      /^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/,
      // The providers add 8. Google's service accounts have 30 characters at most, and the group that AKS makes for its
      // nodes, MC_<group>_<cluster>_<location>, has 80: test/config/names.test.ts.
      "up to 20 lower-case letters, digits and '-', first a letter",
      "multi-client",
    )
      .default("multi-client")
      .describe(
        "The name of the cluster, with which the name of everything made for it begins. Fixed at creation.",
      ),
    kubernetesVersion: string(/^1\.\d+$/, "a minor version of Kubernetes", defaultKubernetesVersion)
      .default(defaultKubernetesVersion)
      .describe("The minor version of the control plane. It is upgraded in place, one at a time."),
    authorizedCidrs: list(
      cidr("203.0.113.0/24", "<your network>"),
      "a list of CIDRs that may reach the API server",
      [],
    ).describe(
      `The networks that reach the API server over the internet. With an empty list only the cluster's network does. ${authorizedCidrs}`.trim(),
    ),
    deletionProtection: boolean(true)
      .default(true)
      .describe(`Refuses the deletion of the cluster: ${protectedBy} does. \`make destroy\` takes it off.`),
    owner: tag("platform", "<owner>").describe(
      "Who answers for the stack: a tag or label of everything that it creates.",
    ),
    costCentre: tag("cc-1234", "<cost centre>").describe(
      "Who pays for the stack: a tag or label of everything that it creates.",
    ),
    ...own,
  });
}

/** A text that is a tag in AWS and Azure and a label in Google Cloud, the strictest of the three. */
function tag(example: string, blank: string) {
  return digitsOr(/^[a-z0-9_-]{1,63}$/, "1 to 63 of a-z, 0-9, '_' and '-'", example, blank);
}

/** The setting `logRetentionDays` of a cloud that takes any number of days. */
export const logRetentionDays = integer(30, 730, 90)
  .default(90)
  .describe("The days for which audit logs are kept.");

/** The settings of networks, with the network of each that a cluster has unless its stack file names another one. */
export const networkSettings = {
  cidr: (example: string) =>
    cidr(example).default(example).describe("The network of the nodes. Fixed at creation."),
  podCidr: (example: string) =>
    cidr(example).default(example).describe("The network of the pods. Fixed at creation."),
  serviceCidr: (example: string) =>
    cidr(example).default(example).describe("The network of the Services. Fixed at creation."),
};

/** The setting of a region. Every cloud writes them so: `eu-central-1`, `westeurope`, `europe-west3`. */
export function region(key: string, pattern: RegExp, example: string): AccountSetting {
  return { key, pattern, title: `a region such as ${example}`, example };
}
