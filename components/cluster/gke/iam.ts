import { IAMMember } from "@pulumi/gcp/projects/iammember.js";
import { Account } from "@pulumi/gcp/serviceaccount/account.js";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of a {@link GkeIam}. */
export interface GkeIamArgs {
  readonly project: string;
  readonly region: string;
  /** IAM members that administer the cluster. */
  readonly admins: readonly string[];
  /** The API of service accounts: everything here waits for it. */
  readonly api: pulumi.Resource;
}

/**
 * What a node has to do in Google Cloud: write logs and metrics, and pull images.
 * Source: https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster#use_least_privilege_sa
 */
const NODE_ROLES = ["container.defaultNodeServiceAccount", "artifactregistry.reader"];

/**
 * Everything in a cluster, which IAM decides on GKE without any RBAC, and `container.clusters.connect`, which the DNS
 * endpoint asks for: https://cloud.google.com/iam/docs/roles-permissions/container
 */
const ADMIN_ROLE = "roles/container.admin";

/** Who the nodes are, and who administers the cluster. */
export class GkeIam extends pulumi.ComponentResource {
  /** E-mail address of the service account that the nodes run as. */
  readonly nodeAccount: pulumi.Output<string>;
  /** The cluster comes after these: without them no node becomes ready. */
  readonly nodeGrants: readonly pulumi.Resource[];
  /** Objects of the cluster come after these, and go before them. */
  readonly adminGrants: readonly pulumi.Resource[];

  /** @param name of the cluster, before the generated part. */
  constructor(name: string, args: GkeIamArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:GkeAccess", name, {}, opts);
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
 * Restricts a grant to the clusters of a name; GKE has no grants on a cluster itself. By the first part of the name, not
 * the whole of it: a grant takes minutes to become effective, and these pass while the cluster is made.
 * Source: https://cloud.google.com/iam/docs/conditions-resource-attributes
 */
function onlyClusters(name: string, { project, region }: GkeIamArgs) {
  const prefix = `projects/${project}/locations/${region}/clusters/${name}-`;
  return { title: `Clusters ${name}`, expression: `resource.name.startsWith("${prefix}")` };
}
