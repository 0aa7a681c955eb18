// Rules about what the clouds run for us: control planes, nodes, keys and logs.
import {
  all,
  byType,
  exists,
  expect,
  field,
  isWide,
  items,
  mandatory,
  read,
  unknown,
  type Rule,
} from "./rule.ts";

const eks = "aws:eks/cluster:Cluster";
const aks = "azure-native:containerservice:ManagedCluster";
const gke = "gcp:container/cluster:Cluster";

const isTrue = (value: unknown) => value === true;
const isFalse = (value: unknown) => value === false;
/** Tells whether addresses are named, and none of them is nearly every address. */
const isLimited = (cidrs: unknown) => items(cidrs).length > 0 && !items(cidrs).some(isWide);
/** Tells whether the networks that reach the address of a GKE cluster are named, and Google's customers are not among them. */
const isAuthorized = (networks: unknown) =>
  read(networks, "gcpPublicCidrsAccessEnabled") === false &&
  isLimited(items(read(networks, "cidrBlocks")).map((block) => read(block, "cidrBlock")));
const daysAtLeast = (days: number) => (value: unknown) => typeof value === "number" && value >= days;

/** Gives a check of every item of a list. */
const eachOf =
  (list: string, path: string, holds: (value: unknown) => boolean, problem: string): Rule["check"] =>
  ({ inputs }) =>
    items(read(inputs, list)).flatMap((item) => expect(`${list}.${path}`, read(item, path), holds, problem));

/** Gives a check of another resource of the stack. */
const accompanied =
  (
    type: string,
    matches: (inputs: Readonly<Record<string, unknown>>) => boolean,
    problem: string,
  ): Rule["check"] =>
  (_, stack) =>
    expect(
      "stack",
      exists(stack, type, ({ inputs }) => matches(inputs)),
      Boolean,
      problem,
    );

/** The rules about control planes, nodes, keys and logs. */
export const controlPlaneRules: readonly Rule[] = [
  {
    name: "no-open-control-plane",
    scope: "resource",
    level: mandatory,
    ...byType({
      [eks]: (resource, stack) =>
        read(resource.inputs, "vpcConfig.endpointPublicAccess") === false
          ? []
          : field("vpcConfig.publicAccessCidrs", isLimited, "answers every address")(resource, stack),
      [aks]: (resource, stack) =>
        read(resource.inputs, "apiServerAccessProfile.enablePrivateCluster") === true
          ? []
          : field(
              "apiServerAccessProfile.authorizedIPRanges",
              isLimited,
              "answers every address",
            )(resource, stack),
      [gke]: ({ inputs }) => {
        const hasAddress = read(inputs, "controlPlaneEndpointsConfig.ipEndpointsConfig.enabled");
        if (hasAddress === false) return [];
        const place = "masterAuthorizedNetworksConfig";
        const networks = hasAddress === unknown ? unknown : read(inputs, place);
        return expect(place, networks, isAuthorized, "answers every address, beside its DNS name");
      },
    }),
    why: "A flaw of the API server, or a credential that was lost, is then of use to everyone.",
    source: "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
  },
  {
    name: "private-control-plane",
    scope: "resource",
    level: mandatory,
    ...byType({
      [eks]: field("vpcConfig.endpointPublicAccess", isFalse, "has a public endpoint"),
      [aks]: field("apiServerAccessProfile.enablePrivateCluster", isTrue, "has a public endpoint"),
      [gke]: field(
        "controlPlaneEndpointsConfig.dnsEndpointConfig.allowExternalTraffic",
        isFalse,
        "has an endpoint that is reached from outside of its cloud",
      ),
    }),
    why: "What cannot be reached cannot be attacked.",
    source: "https://www.cisecurity.org/benchmark/kubernetes",
  },
  {
    name: "no-shared-credentials",
    scope: "resource",
    level: mandatory,
    ...byType({
      [eks]: all(
        field("accessConfig.authenticationMode", (mode) => mode === "API", "knows people by a ConfigMap too"),
        field(
          "accessConfig.bootstrapClusterCreatorAdminPermissions",
          isFalse,
          "has whoever made it for its administrator",
        ),
      ),
      [aks]: field("disableLocalAccounts", isTrue, "has a certificate that is nobody's"),
      [gke]: field(
        "anonymousAuthenticationConfig.mode",
        (mode) => mode === "LIMITED",
        "answers those who do not say who they are",
      ),
    }),
    why: "A right that is not a person's or a role's is not taken away when they go.",
    source: "https://learn.microsoft.com/azure/aks/manage-local-accounts-managed-azure-ad",
  },
  {
    name: "encrypted-secrets",
    scope: "resource",
    level: mandatory,
    ...byType({
      [eks]: all(
        field("encryptionConfig.provider.keyArn", Boolean, "keeps Secrets without a key of ours"),
        field(
          "encryptionConfig.resources",
          (resources) => items(resources).includes("secrets"),
          "keeps Secrets without a key of ours",
        ),
      ),
      [aks]: field("securityProfile.azureKeyVaultKms.enabled", isTrue, "keeps Secrets without a key of ours"),
      [gke]: all(
        field(
          "databaseEncryption.state",
          (state) => state === "ENCRYPTED",
          "keeps Secrets without a key of ours",
        ),
        field("databaseEncryption.keyName", Boolean, "keeps Secrets without a key of ours"),
      ),
    }),
    why: "Who takes the key away takes the Secrets away, also from copies that the cloud keeps.",
    source: "https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/",
  },
  {
    name: "encrypted-nodes",
    scope: "resource",
    level: mandatory,
    ...byType({
      [aks]: eachOf(
        "agentPoolProfiles",
        "enableEncryptionAtHost",
        isTrue,
        "has disks of nodes that are not encrypted",
      ),
      "azure-native:containerservice:AgentPool": field(
        "enableEncryptionAtHost",
        isTrue,
        "has disks of nodes that are not encrypted",
      ),
    }),
    why: "Empty directories, logs and images are on the disks of nodes. EKS Auto Mode and GKE always encrypt them.",
    source: "https://learn.microsoft.com/azure/aks/enable-host-encryption",
  },
  {
    name: "rotated-keys",
    scope: "resource",
    level: mandatory,
    ...byType({
      "aws:kms/key:Key": all(
        field("enableKeyRotation", isTrue, "is never rotated"),
        field("deletionWindowInDays", daysAtLeast(30), "is gone sooner than 30 days after it was deleted"),
      ),
      "gcp:kms/cryptoKey:CryptoKey": field<string>(
        "rotationPeriod",
        (period) => Number.parseInt(period ?? "", 10) <= 90 * 24 * 3600,
        "is not rotated every 90 days",
      ),
    }),
    why: "What one version of a key protects is bounded; a key that is gone by mistake can be had back.",
    source: "https://cloud.google.com/kms/docs/key-rotation",
  },
  {
    name: "deletion-protection",
    scope: "stack",
    level: mandatory,
    ...byType({
      [eks]: field("deletionProtection", isTrue, "can be deleted in the console"),
      [gke]: field("deletionProtection", isTrue, "can be deleted in the console"),
      [aks]: accompanied(
        "azure-native:authorization:ManagementLockByScope",
        ({ level }) => level === "CanNotDelete",
        "has no lock against deletion",
      ),
    }),
    why: "The engine's protection does not bind a person with a console.",
    source: "https://docs.aws.amazon.com/eks/latest/userguide/deletion-protection.html",
  },
  {
    name: "audit-log",
    scope: "stack",
    level: mandatory,
    ...byType({
      [eks]: field("enabledClusterLogTypes", (types) => items(types).includes("audit"), "keeps no audit log"),
      [gke]: field(
        "loggingConfig.enableComponents",
        (components) => items(components).includes("APISERVER"),
        "keeps no log of its API server",
      ),
      [aks]: accompanied(
        "azure-native:monitor:DiagnosticSetting",
        ({ logs }) =>
          items(logs).some(
            (log) => String(read(log, "category")).startsWith("kube-audit") && read(log, "enabled") === true,
          ),
        "keeps no audit log",
      ),
    }),
    why: "Without it nobody can say who did what.",
    source: "https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/",
  },
  {
    name: "log-retention",
    scope: "resource",
    level: mandatory,
    ...byType({
      "aws:cloudwatch/logGroup:LogGroup": field(
        "retentionInDays",
        daysAtLeast(90),
        "keeps its logs less than 90 days",
      ),
      "azure-native:operationalinsights:Workspace": field(
        "retentionInDays",
        daysAtLeast(90),
        "keeps its logs less than 90 days",
      ),
    }),
    why: "A break-in is found after weeks. GKE's logs are kept by the project's own setting.",
    source: "https://www.cisecurity.org/benchmark/amazon_web_services",
  },
  {
    name: "flow-log",
    scope: "stack",
    level: mandatory,
    ...byType({
      "aws:ec2/vpc:Vpc": accompanied(
        "aws:ec2/flowLog:FlowLog",
        ({ trafficType }) => trafficType === "ALL",
        "keeps no log of its connections",
      ),
      "gcp:compute/subnetwork:Subnetwork": field(
        "logConfig.flowSampling",
        (part) => typeof part === "number" && part > 0,
        "keeps no log of its connections",
      ),
      "azure-native:network:VirtualNetwork": accompanied(
        "azure-native:network:FlowLog",
        ({ enabled }) => enabled === true,
        "keeps no log of its connections",
      ),
    }),
    why: "It says what a pod that was taken over spoke to.",
    source: "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html",
  },
];
