import { commands, shown, type Problem } from "../problems.ts";
import { enumOf, list, object, string } from "../schema-types.ts";
import {
  managedCluster,
  networkSettings,
  region,
  type CloudFacts,
  type CloudTarget,
} from "./cloud-target.ts";
import { autopilotProblems } from "./gke-autopilot.ts";

const account = {
  region: region("gcp:region", /^[a-z]+-[a-z]+\d+$/, "europe-west3"),
  project: {
    key: "gcp:project",
    pattern: /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
    title: "the id of a project",
    example: "<project id>",
    placeholder: "example-project",
  },
} as const;

const certificateMap = "the name of a Certificate Manager map";

const cluster = managedCluster(
  "gke",
  {
    protectedBy: "the provider",
    authorizedCidrs: "The DNS endpoint still answers whom IAM lets in.",
  },
  {
    admins: list(
      string(
        // https://cloud.google.com/iam/docs/principal-identifiers
        /^((group|user):[^\s:@]+@[^\s:@.]+(\.[^\s:@.]+)+|serviceAccount:([^\s:@]+@[^\s:@]+\.gserviceaccount\.com|[^\s:]+\.svc\.id\.goog\[[a-z0-9-]+\/[a-z0-9.-]+\])|principal(Set)?:\/\/iam\.googleapis\.com\/\S+)$/,
        "an IAM member, such as group:, user: or serviceAccount: with its whole address",
        "group:platform@example.com",
        "group:<address>",
      ),
      "a list of IAM members, at least the deployer",
      ["group:platform@example.com"],
    ).describe(
      "The IAM members that administer the cluster. The deployer must be one of them. Their grant compares how the name of a " +
        "cluster begins: they also administer one of this project and region that is called this `cluster.name` with `-` and more behind it.",
    ),
    network: object(
      {
        cidr: networkSettings.cidr("10.0.0.0/20"),
        podCidr: networkSettings.podCidr("10.4.0.0/14"),
        serviceCidr: networkSettings.serviceCidr("10.8.0.0/20"),
        flowLog: enumOf(["all", "half", "none"])
          .default("half")
          .describe(
            "The connections that Cloud Logging keeps, which charges by volume. `half` by default, as Google's own: a " +
              "sample still shows whom a pod that was taken over spoke to, unless it was brief. For `none`, the policy " +
              "asks for an exemption from `flow-log`.",
          ),
      },
      { cidr: "10.0.0.0/20" },
    ).prefault({}),
  },
);

/** On Google Cloud the stack's name is a label of everything, and has to look like one. */
function checkStackName(_: unknown, { stack }: CloudFacts): Problem[] {
  if (/^[a-z0-9_-]{1,63}$/.test(stack)) return [];
  const name = stack
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, "-")
    .slice(0, 63);
  const source = "https://cloud.google.com/kubernetes-engine/docs/how-to/creating-managing-labels";
  const expected = `1 to 63 of a-z, 0-9, '_' and '-' on gke, where it is a label (${source})`;
  const fix = commands({ verb: "pulumi stack rename", words: [name] });
  return [{ key: "the stack's name", found: shown(stack), expected, fix }];
}

/** Google Kubernetes Engine, Autopilot. */
export const gke = {
  cluster,
  account,
  placeholderAdmin: /@example\.com$/,
  // Of mail addresses the case is none of IAM's business; that of a principal's path is.
  adminKey: (member) => (member.startsWith("principal") ? member : member.toLowerCase()),
  versions: {
    // About 14 months after the Regular channel offers it; until its day is known, upstream's end, which is earlier.
    source:
      "https://cloud.google.com/kubernetes-engine/docs/release-schedule, https://kubernetes.io/releases/patch-releases/",
    // As of 2026-11-23.
    versions: {
      "1.34": { end: "2026-12-31", exact: false },
      "1.35": { end: "2027-02-28", exact: false },
      "1.36": { end: "2027-06-28", exact: false },
    },
  },
  networks: {
    sizes: {
      // Each node has one address of the network, and up to a /24 for its pods.
      cidr: { largest: 16, smallest: 24 },
      podCidr: { largest: 9, smallest: 18 },
      // "Services CIDR range is smaller than minimum (14 < 16)": rancher/rancher#32207.
      serviceCidr: {
        largest: 16,
        smallest: 24,
        source:
          "https://cloud.google.com/kubernetes-engine/docs/concepts/alias-ips#cluster_sizing_secondary_range_svcs",
      },
    },
    reserved: undefined,
    authorizesPrivateCidrs: true,
    // With private nodes.
    authorizedCidrs: {
      most: 100,
      source: "https://cloud.google.com/kubernetes-engine/docs/how-to/authorized-networks#limitations",
    },
  },
  bucket: true,
  edge: {
    type: "gateway",
    certificate: {
      form: /[a-z][a-z0-9-]{0,62}/,
      title: certificateMap,
      problem: (certificate) =>
        certificate.startsWith("arn:") ? { title: certificateMap, example: "multi-client" } : undefined,
    },
  },
  checks: [checkStackName, (_, { services, overrides }) => autopilotProblems(services, overrides())],
  toArgs: ({ cluster: settings, account: own, tags, certificate }) => ({
    ...settings,
    ...own,
    labels: tags,
    certificate,
  }),
  immutableSettings: () => ({}),
} satisfies CloudTarget<"gke", typeof cluster, typeof account>;
