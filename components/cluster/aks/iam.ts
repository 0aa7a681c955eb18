import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment.js";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import * as pulumi from "@pulumi/pulumi";

/** Built-in roles: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
const roles = {
  /** On the group of the disks alone: https://learn.microsoft.com/azure/aks/azure-csi-disk-storage-provision */
  contributor: "b24988ac-6180-42a0-ab88-20f7382dd24c",
  networkContributor: "4d97b98b-1d4f-4787-a291-c67834d212e7",
  /** May ask for the kubeconfig. */
  clusterUser: "4abbcc35-e782-43d8-92c5-2d3f1bd2253f",
  /** May do anything to the objects of the cluster. */
  rbacClusterAdmin: "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
};

/** Who gets what on which part. */
export interface AksIamArgs {
  readonly resourceGroupName: pulumi.Input<string>;
  readonly resourceGroupId: pulumi.Input<string>;
  readonly networkId: pulumi.Input<string>;
  readonly disksGroupId: pulumi.Input<string>;
  readonly location: string;
  readonly subscriptionId: string;
  /** Object ids of Entra groups. */
  readonly admins: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
}

/** What the cluster itself may do in Azure, and who administers it. */
export class AksIam extends pulumi.ComponentResource {
  readonly identityId: pulumi.Output<string>;
  /** The cluster comes after these, and goes before them: it makes and removes load balancers and disks with them. */
  readonly clusterGrants: readonly RoleAssignment[];
  /** Objects of the cluster are made after these, and deleted before them. */
  readonly adminGrants: readonly RoleAssignment[];

  constructor(name: string, args: AksIamArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:AksAccess", name, {}, opts);
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
