import { createHash } from "node:crypto";
import type { ManagedCluster } from "@pulumi/azure-native/containerservice/managedCluster.js";
import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment.js";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import * as pulumi from "@pulumi/pulumi";
import { withFormerType } from "../../aliases.ts";
import type { AksArgs, AzureScope } from "./args.ts";

/** Azure's built-in roles. @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
const roles = {
  /** It is granted on the group of the disks alone: https://learn.microsoft.com/azure/aks/azure-csi-disk-storage-provision */
  contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  acrPull: "7f951dda-4ed3-4680-a7ca-43fe172d538d",
  networkContributor: "4d97b98b-1d4f-4787-a291-c67834d212e7",
  /** It may ask for the kubeconfig. */
  clusterUser: "4abbcc35-e782-43d8-92c5-2d3f1bd2253f",
  /** It may do anything to the objects of the cluster. */
  rbacClusterAdmin: "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
};

/** The arguments of an {@link AksIam}: the parts of the deployment on which roles are granted. */
export interface AksIamArgs extends AzureScope, Pick<AksArgs, "subscriptionId" | "admins"> {
  readonly resourceGroupId: pulumi.Input<string>;
  readonly networkId: pulumi.Input<string>;
  readonly disksGroupId: pulumi.Input<string>;
}

/** The identity with which the cluster acts in Azure, and the grants of those who administer it. */
export class AksIam extends pulumi.ComponentResource {
  readonly identityId: pulumi.Output<string>;
  /** The cluster is made after these, and deleted before them: it makes and removes load balancers and disks with them. */
  readonly clusterGrants: readonly RoleAssignment[];
  /** The objects of the cluster are made after these, and deleted before them. */
  readonly adminGrants: readonly RoleAssignment[];

  constructor(name: string, args: AksIamArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:AksIam", name, {}, withFormerType("multi-client:cluster:AksAccess", opts));
    const { resourceGroupName, location, tags } = args;
    const identity = new UserAssignedIdentity(
      `${name}-identity`,
      { resourceGroupName, location, tags },
      { parent: this },
    );
    const grant = (
      suffix: string,
      role: keyof typeof roles,
      to: { principalId: pulumi.Input<string>; principalType: string; scope: pulumi.Input<string> },
    ) =>
      // Azure's name of it is a GUID, which the provider makes.
      new RoleAssignment(
        `${name}-${suffix}`,
        {
          ...to,
          roleDefinitionId: `/subscriptions/${args.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${roles[role]}`,
        },
        { parent: this },
      );
    this.identityId = identity.id;
    // Without the type Azure looks for the principal in a directory that may not have it yet: pulumi/examples#480.
    const itself = { principalId: identity.principalId, principalType: "ServicePrincipal" };
    this.clusterGrants = [
      grant("network", "networkContributor", { ...itself, scope: args.networkId }),
      grant("disks", "contributor", { ...itself, scope: args.disksGroupId }),
    ];
    // On the group, which has just this cluster: a lock on the cluster itself would keep its grants too, and nobody's
    // could be withdrawn. Besides, they take minutes to take effect, which pass while the cluster is made.
    const group = { principalType: "Group", scope: args.resourceGroupId };
    this.adminGrants = args.admins.flatMap((principalId) => [
      grant(`user-${principalId}`, "clusterUser", { ...group, principalId }),
      grant(`admin-${principalId}`, "rbacClusterAdmin", { ...group, principalId }),
    ]);
    this.registerOutputs({ identityId: this.identityId });
  }
}

/**
 * Lets the nodes of a cluster pull from a container registry: gives AcrPull on it to the identity with which kubelets log in,
 * which AKS makes with the cluster.
 *
 * @see https://learn.microsoft.com/azure/aks/cluster-container-registry-integration
 */
export function grantAcrPull(
  name: string,
  registry: string,
  cluster: ManagedCluster,
  parent: pulumi.CustomResourceOptions,
): RoleAssignment {
  const principalId = cluster.identityProfile.apply((known) => known?.kubeletidentity?.objectId ?? "");
  const [, , subscription = ""] = registry.split("/");
  return new RoleAssignment(
    `${name}-registry`,
    {
      // Azure refuses the same grant under another name (RoleAssignmentExists). By this one it is found again after a lost state.
      roleAssignmentName: principalId.apply((id) => guidOf(`${registry.toLowerCase()} ${id}`)),
      principalId,
      principalType: "ServicePrincipal",
      scope: registry,
      roleDefinitionId: `/subscriptions/${subscription}/providers/Microsoft.Authorization/roleDefinitions/${roles.acrPull}`,
    },
    parent,
  );
}

/** A GUID that is the same for the same text. */
const guidOf = (text: string): string =>
  createHash("sha256")
    .update(text)
    .digest("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
