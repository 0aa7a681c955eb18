import { IAMMember } from "@pulumi/gcp/projects/iammember.js";
import { Account } from "@pulumi/gcp/serviceaccount/account.js";
import * as pulumi from "@pulumi/pulumi";
import { withFormerType } from "../../aliases.ts";
import type { GkeArgs } from "./args.ts";

/** The arguments of a {@link GkeIam}. */
export interface GkeIamArgs extends Pick<GkeArgs, "project" | "region" | "admins"> {
  /** The API of service accounts: everything here waits for it. */
  readonly api: pulumi.Resource;
}

/**
 * The roles with which a node writes logs and metrics, and pulls images.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster#use_least_privilege_sa
 */
const NODE_ROLES = ["container.defaultNodeServiceAccount", "artifactregistry.reader"];

/**
 * The role that may do everything in a cluster, which IAM decides on GKE without any RBAC, and that has
 * `container.clusters.connect`, which the DNS endpoint asks for.
 *
 * @see https://cloud.google.com/iam/docs/roles-permissions/container
 */
const ADMIN_ROLE = "roles/container.admin";

/** The service account of the nodes, and the grants of those who administer the cluster. */
export class GkeIam extends pulumi.ComponentResource {
  /** The e-mail address of the service account that the nodes run as. */
  readonly nodeAccount: pulumi.Output<string>;
  /** The cluster is made after these: without them no node becomes ready. */
  readonly nodeGrants: readonly pulumi.Resource[];
  /** The objects of the cluster are made after these, and deleted before them. */
  readonly adminGrants: readonly pulumi.Resource[];

  /** @param name the cluster's name before the generated part */
  constructor(name: string, args: GkeIamArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:GkeIam", name, {}, withFormerType("multi-client:cluster:GkeAccess", opts));
    const { project } = args;
    // Its id has 30 characters at most, so the name gets nothing but the generated part.
    const account = new Account(
      name,
      { project, displayName: `Nodes of the GKE cluster ${name}` },
      { parent: this, dependsOn: args.api },
    );
    this.nodeAccount = account.email;
    this.nodeGrants = NODE_ROLES.map(
      (role) =>
        new IAMMember(
          `${name}-nodes-${role}`,
          { project, role: `roles/${role}`, member: account.member },
          { parent: this },
        ),
    );
    const condition = onlyClusters(name, args);
    this.adminGrants = args.admins.map(
      (member) =>
        new IAMMember(
          `${name}-admin-${member}`,
          { project, role: ADMIN_ROLE, member, condition },
          { parent: this, dependsOn: args.api },
        ),
    );
    this.registerOutputs({ nodeAccount: this.nodeAccount });
  }
}

/**
 * The condition that restricts a grant to the clusters of a name; GKE has no grants on a cluster itself. It compares the
 * first part of the name: a grant takes minutes to become effective, and these pass while the cluster is made. A cluster called
 * `<name>-prod` begins so too; IAM has no pattern that tells its name from the generated one.
 *
 * @see https://cloud.google.com/iam/docs/conditions-resource-attributes
 */
function onlyClusters(name: string, { project, region }: GkeIamArgs) {
  const prefix = `projects/${project}/locations/${region}/clusters/${name}-`;
  // The title is part of what IAM knows a grant by: that of another stack with a cluster of this name is another one.
  return {
    title: `Clusters ${name} of ${pulumi.getStack()}`.slice(0, 100),
    expression: `resource.name.startsWith("${prefix}")`,
  };
}
