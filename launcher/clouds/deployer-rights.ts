import type { ManagedProvider } from "../../config/clouds/index.ts";

const each = (prefix: string, names: string): string[] =>
  names.split(/\s+/).map((name) => `${prefix}${name}`);

/**
 * The actions that a deployer needs in the account, from the resources that the program makes, reads, changes and deletes.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 * @see https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations
 * @see https://cloud.google.com/iam/docs/permissions-reference
 */
const deployerActions: Readonly<Record<ManagedProvider, readonly string[]>> = {
  eks: [
    ...each(
      "ec2:",
      "CreateVpc ModifyVpcAttribute DeleteVpc DescribeVpcs CreateSubnet DeleteSubnet CreateTags",
    ),
    ...each("ec2:", "CreateInternetGateway AttachInternetGateway CreateNatGateway DeleteNatGateway"),
    ...each("ec2:", "AllocateAddress ReleaseAddress CreateRouteTable CreateRoute AssociateRouteTable"),
    ...each("ec2:", "DeleteRoute DeleteRouteTable DisassociateRouteTable DisassociateAddress"),
    ...each("ec2:", "DetachInternetGateway DeleteInternetGateway CreateVpcEndpoint DeleteVpcEndpoints"),
    ...each("ec2:", "CreateFlowLogs DeleteFlowLogs RevokeSecurityGroupIngress RevokeSecurityGroupEgress"),
    ...each("ec2:", "DescribeVpcAttribute DescribeSubnets DescribeAddresses DescribeNatGateways"),
    ...each("ec2:", "DescribeInternetGateways DescribeRouteTables DescribeSecurityGroups"),
    ...each("ec2:", "AuthorizeSecurityGroupIngress ModifySecurityGroupRules DescribeSecurityGroupRules"),
    ...each("ec2:", "DescribeVpcEndpoints DescribeFlowLogs DescribeNetworkInterfaces"),
    ...each("eks:", "CreateCluster DescribeCluster UpdateClusterConfig UpdateClusterVersion DeleteCluster"),
    ...each(
      "eks:",
      "CreateAccessEntry DeleteAccessEntry AssociateAccessPolicy CreateAddon DeleteAddon TagResource",
    ),
    ...each("eks:", "DescribeAccessEntry ListAssociatedAccessPolicies DisassociateAccessPolicy"),
    ...each("eks:", "DescribeAddon UpdateAddon DescribeUpdate"),
    ...each(
      "iam:",
      "CreateRole GetRole TagRole PassRole DeleteRole AttachRolePolicy DetachRolePolicy PutRolePolicy",
    ),
    ...each("iam:", "GetRolePolicy DeleteRolePolicy ListRolePolicies ListAttachedRolePolicies"),
    ...each("iam:", "ListInstanceProfilesForRole CreateServiceLinkedRole"),
    ...each("kms:", "CreateKey DescribeKey CreateGrant EnableKeyRotation ScheduleKeyDeletion TagResource"),
    ...each("kms:", "GetKeyPolicy GetKeyRotationStatus ListResourceTags"),
    ...each(
      "logs:",
      "CreateLogGroup DescribeLogGroups PutRetentionPolicy DeleteLogGroup TagResource ListTagsForResource",
    ),
  ],
  aks: [
    ...each("Microsoft.Resources/subscriptions/resourceGroups/", "write delete"),
    ...each(
      "Microsoft.Network/",
      "virtualNetworks/write virtualNetworks/delete virtualNetworks/subnets/write",
    ),
    ...each(
      "Microsoft.Network/",
      "virtualNetworks/subnets/join/action natGateways/write natGateways/join/action",
    ),
    ...each("Microsoft.Network/", "publicIPAddresses/write publicIPAddresses/join/action"),
    ...each("Microsoft.ManagedIdentity/userAssignedIdentities/", "write delete assign/action"),
    ...each("Microsoft.ContainerService/managedClusters/", "write delete agentPools/write agentPools/delete"),
    ...each("Microsoft.ContainerService/managedClusters/", "maintenanceConfigurations/write"),
    ...each("Microsoft.ContainerService/managedClusters/", "listClusterUserCredential/action"),
    ...each("Microsoft.OperationalInsights/workspaces/", "write delete sharedKeys/action"),
    ...each("Microsoft.Insights/diagnosticSettings/", "write delete"),
    ...each(
      "Microsoft.Authorization/",
      "roleAssignments/write roleAssignments/delete locks/write locks/delete",
    ),
  ],
  gke: [
    ...each("compute.networks.", "create get updatePolicy delete"),
    ...each("compute.subnetworks.", "create get use update delete"),
    ...each("compute.routers.", "create get update delete"),
    ...each("compute.", "globalOperations.get regionOperations.get"),
    ...each("container.clusters.", "create get update getCredentials delete"),
    "container.operations.get",
    ...each("cloudkms.keyRings.", "create get"),
    ...each("cloudkms.cryptoKeys.", "create get update getIamPolicy setIamPolicy"),
    ...each("cloudkms.cryptoKeyVersions.", "list destroy"),
    ...each("iam.serviceAccounts.", "create get actAs delete"),
    ...each("resourcemanager.projects.", "get getIamPolicy setIamPolicy"),
    ...each("serviceusage.services.", "enable get list"),
  ],
};

/**
 * The actions that a deployer needs for the bucket of `backup.bucket`, which is offered on these clouds.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 * @see https://cloud.google.com/storage/docs/access-control/iam-permissions
 */
const bucketActions: Readonly<Partial<Record<ManagedProvider, readonly string[]>>> = {
  eks: [
    ...each("s3:", "CreateBucket ListBucket PutBucketTagging PutBucketVersioning PutBucketPublicAccessBlock"),
    ...each("s3:", "PutEncryptionConfiguration PutLifecycleConfiguration"),
    // What the provider reads of every bucket.
    ...each("s3:", "GetBucketAcl GetBucketCORS GetBucketLogging GetBucketObjectLockConfiguration"),
    ...each("s3:", "GetBucketPolicy GetBucketRequestPayment GetBucketTagging GetBucketVersioning"),
    ...each("s3:", "GetBucketWebsite GetBucketPublicAccessBlock GetAccelerateConfiguration"),
    ...each("s3:", "GetEncryptionConfiguration GetLifecycleConfiguration GetReplicationConfiguration"),
    ...each(
      "eks:",
      "CreatePodIdentityAssociation DescribePodIdentityAssociation DeletePodIdentityAssociation",
    ),
  ],
  gke: each("storage.buckets.", "create get update getIamPolicy setIamPolicy"),
};

/** The actions that the deployer of a stack needs in its account. @param bucket it has `backup.bucket` */
export const actionsOf = (provider: ManagedProvider, bucket: boolean): readonly string[] => [
  ...deployerActions[provider],
  ...(bucket ? (bucketActions[provider] ?? []) : []),
];

/** The actions that a deployer needs on the registry of `cluster.containerRegistry`. */
export const registryActions: readonly string[] = each(
  "Microsoft.Authorization/roleAssignments/",
  "write delete",
);

/** Names the actions that somebody lacks; undefined for none. */
export function lackOf(missing: readonly string[]): string | undefined {
  const more = missing.length > 5 ? ` and ${String(missing.length - 5)} more` : "";
  return missing.length === 0 ? undefined : `not allowed: ${missing.slice(0, 5).join(", ")}${more}`;
}

/**
 * Finds the actions that no role of Azure allows: one does where an action of it matches, and none of its exceptions.
 *
 * @param answer the permissions of the caller's roles, as JSON.
 * @see https://learn.microsoft.com/azure/role-based-access-control/role-definitions#control-and-data-actions
 */
export function missingInAzure(wanted: readonly string[], answer: string): string[] {
  const roles = JSON.parse(answer) as readonly {
    readonly actions: readonly string[];
    readonly notActions: readonly string[];
  }[];
  const matches = (patterns: readonly string[], action: string) =>
    patterns.some((pattern) =>
      new RegExp(`^${pattern.replaceAll(/[.$]/g, "\\$&").replaceAll("*", ".*")}$`, "i").test(action),
    );
  return wanted.filter(
    (action) =>
      !roles.some(({ actions, notActions }) => matches(actions, action) && !matches(notActions, action)),
  );
}
