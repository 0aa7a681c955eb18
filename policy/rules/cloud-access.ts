// Rules about networks, roles and tags of the clouds.
import {
  all,
  byType,
  expect,
  field,
  items,
  mandatory,
  read,
  types,
  type Finding,
  type Rule,
} from "./rule.ts";

const awsRole = "aws:iam/role:Role";
const isTrue = (value: unknown) => value === true;
const isFalse = (value: unknown) => value === false;

/** The statements of an IAM policy document; an unknown document is one unknown statement. */
function statements(document: unknown): readonly unknown[] {
  return typeof document === "string"
    ? items((JSON.parse(document) as { Statement?: unknown }).Statement)
    : [document];
}

/** Gives a check that no statement of a policy document has `*` for one of these keys. */
const noStar =
  (input: string, ...keys: readonly string[]): Rule["check"] =>
  ({ inputs }): readonly Finding[] =>
    statements(inputs[input]).flatMap((statement) =>
      keys.flatMap((key) =>
        expect(
          `${input}, ${key}`,
          read(statement, key),
          (value) => !JSON.stringify(value ?? "").includes('"*"'),
          "allows everything or everyone",
        ),
      ),
    );

/** Roles of Azure by the end of their ids: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
const wideAzureRoles: Readonly<Record<string, string>> = {
  "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
  "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
  "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
};
const noWideAzureRole = field<string>(
  "roleDefinitionId",
  (id) => wideAzureRoles[id?.split("/").at(-1) ?? ""] === undefined,
  "gives a role over whatever is in its scope",
);
const noWideGoogleRole = field<string>(
  "role",
  (role) => role !== undefined && !["roles/owner", "roles/editor", "roles/viewer"].includes(role),
  "gives a basic role over the whole project",
);

/** Where the tags of a type are; owner and cost are asked of each type here. */
const tagged: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      "aws:eks/cluster:Cluster",
      awsRole,
      "aws:cloudwatch/logGroup:LogGroup",
      "aws:ec2/eip:Eip",
      "aws:ec2/flowLog:FlowLog",
      "aws:ec2/natGateway:NatGateway",
      "aws:ec2/subnet:Subnet",
      "aws:ec2/vpc:Vpc",
      "aws:kms/key:Key",
      "aws:s3/bucket:Bucket",
      "azure-native:containerservice:ManagedCluster",
      "azure-native:containerservice:AgentPool",
      "azure-native:network:NatGateway",
      "azure-native:network:PublicIPAddress",
      "azure-native:network:VirtualNetwork",
      "azure-native:operationalinsights:Workspace",
      "azure-native:resources:ResourceGroup",
    ].map((type) => [type, "tags"]),
  ),
  "gcp:container/cluster:Cluster": "resourceLabels",
  "gcp:kms/cryptoKey:CryptoKey": "labels",
  "gcp:storage/bucket:Bucket": "labels",
};

/** Gives a check that a node has no address that is reached from outside. */
const noAddress = (path: string) => field(path, isFalse, "gives nodes a public address");

/** The rules about networks, roles and tags of the clouds. */
export const cloudAccessRules: readonly Rule[] = [
  {
    name: "private-nodes",
    scope: "resource",
    level: mandatory,
    ...byType({
      "aws:ec2/subnet:Subnet": noAddress("mapPublicIpOnLaunch"),
      "azure-native:containerservice:AgentPool": noAddress("enableNodePublicIP"),
      "azure-native:containerservice:ManagedCluster": ({ inputs }) =>
        items(inputs.agentPoolProfiles).flatMap((pool) =>
          expect(
            "agentPoolProfiles.enableNodePublicIP",
            read(pool, "enableNodePublicIP"),
            isFalse,
            "gives nodes a public address",
          ),
        ),
      "azure-native:network:Subnet": field(
        "defaultOutboundAccess",
        isFalse,
        "lets nodes out by addresses that Azure chooses",
      ),
      "gcp:container/cluster:Cluster": field(
        "privateClusterConfig.enablePrivateNodes",
        isTrue,
        "gives nodes a public address",
      ),
    }),
    why: "Nodes are reached by nobody, and leave by one address that others can allow.",
    source: "https://cloud.google.com/kubernetes-engine/docs/concepts/private-cluster-concept",
  },
  {
    name: "closed-by-default",
    scope: "resource",
    level: mandatory,
    ...byType({
      "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": all(
        ...["ingress", "egress"].map((direction) =>
          field(direction, (rules) => Array.isArray(rules) && rules.length === 0, `allows ${direction}`),
        ),
      ),
      "gcp:compute/network:Network": field("autoCreateSubnetworks", isFalse, "has a subnet in every region"),
    }),
    why: "What is made by default is used by accident: it allows nothing here.",
    source: "https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-2",
  },
  {
    name: "least-privilege",
    scope: "resource",
    level: mandatory,
    ...byType({
      [awsRole]: noStar("assumeRolePolicy", "Principal"),
      "aws:iam/rolePolicy:RolePolicy": noStar("policy", "Action", "Resource"),
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment": field<string>(
        "policyArn",
        (arn) => arn !== undefined && !/\/(AdministratorAccess|PowerUserAccess|IAMFullAccess)$/.test(arn),
        "gives rights over the whole account",
      ),
      "azure-native:authorization:RoleAssignment": noWideAzureRole,
      "gcp:projects/iAMMember:IAMMember": noWideGoogleRole,
      "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": noWideGoogleRole,
      "gcp:storage/bucketIAMMember:BucketIAMMember": noWideGoogleRole,
    }),
    why: "A part that is taken over can do what its role may do.",
    source: "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
  },
  {
    name: "scoped-administrators",
    scope: "resource",
    level: mandatory,
    ...byType({
      "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": field<string>(
        "policyArn",
        (arn) => arn !== undefined && !arn.endsWith("/AmazonEKSClusterAdminPolicy"),
        "gives all rights in the cluster",
      ),
      "azure-native:authorization:RoleAssignment": field<string>(
        "roleDefinitionId",
        (id) => id !== undefined && !id.endsWith("/b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"),
        "gives all rights in the cluster",
      ),
      "gcp:projects/iAMMember:IAMMember": ({ inputs }) =>
        inputs.role === "roles/container.admin"
          ? expect(
              "condition",
              read(inputs, "condition.expression"),
              (expression) => expression !== undefined,
              "gives all rights in every cluster of the project",
            )
          : [],
    }),
    why: "Administrators of one cluster are named people, of that cluster alone; on GKE, of those whose names begin as its name does.",
    source: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
  },
  {
    name: "owner-and-cost",
    scope: "resource",
    level: mandatory,
    applies: types(...Object.keys(tagged)),
    check: ({ type, inputs }) =>
      ["owner", "cost-centre"].flatMap((tag) =>
        expect(
          `${tagged[type] ?? ""}.${tag}`,
          read(inputs, [tagged[type] ?? "", tag]),
          (text) => typeof text === "string" && text !== "",
          `has no tag ${tag}`,
        ),
      ),
    why: "A bill is somebody's, and so is what is left over. The tags are `cluster.owner` and `cluster.costCentre`.",
    source:
      "https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html",
  },
];
