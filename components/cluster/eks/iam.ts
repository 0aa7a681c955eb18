import { AccessEntry } from "@pulumi/aws/eks/accessEntry.js";
import { AccessPolicyAssociation } from "@pulumi/aws/eks/accessPolicyAssociation.js";
import type { Cluster as ControlPlane } from "@pulumi/aws/eks/cluster.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js";
import * as pulumi from "@pulumi/pulumi";
import { withFormerType } from "../../aliases.ts";
import type { EksArgs } from "./args.ts";

/** The policies with which EKS runs nodes, disks, load balancers and addresses of pods in the account (Auto Mode). */
const clusterPolicies = [
  "AmazonEKSClusterPolicy",
  "AmazonEKSComputePolicy",
  "AmazonEKSBlockStoragePolicy",
  "AmazonEKSLoadBalancingPolicy",
  "AmazonEKSNetworkingPolicy",
];
/** The policies with which a node joins its cluster and pulls images. Pods inherit none of it. */
const nodePolicies = ["AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"];

/** The arguments of {@link EksIam}. */
export type EksIamArgs = Pick<EksArgs, "tags">;

/** The service of AWS that may become a role, and by which actions. */
interface Trust {
  readonly service: string;
  readonly actions: readonly string[];
}

/**
 * The two IAM roles of an Auto Mode cluster, with AWS's own policies.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/auto-learn-iam.html
 */
export class EksIam extends pulumi.ComponentResource {
  readonly clusterArn: pulumi.Output<string>;
  readonly nodeArn: pulumi.Output<string>;
  /** The policies of the roles, which are empty without them: a user of a role is made after these, and deleted before. */
  readonly attachments: readonly pulumi.Resource[];

  constructor(name: string, args: EksIamArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:EksIam", name, {}, withFormerType("multi-client:cluster:EksRoles", opts));
    const cluster = this.role(`${name}-cluster`, args, {
      service: "eks.amazonaws.com",
      // Auto Mode tags its sessions with the name of the cluster, and the policies look at that tag.
      actions: ["sts:AssumeRole", "sts:TagSession"],
    });
    const node = this.role(`${name}-node`, args, {
      service: "ec2.amazonaws.com",
      actions: ["sts:AssumeRole"],
    });
    this.clusterArn = cluster.arn;
    this.nodeArn = node.arn;
    this.attachments = [
      ...clusterPolicies.map((policy) => this.attach(`${name}-cluster`, cluster, policy)),
      ...nodePolicies.map((policy) => this.attach(`${name}-node`, node, policy)),
    ];
    this.registerOutputs({ clusterArn: this.clusterArn, nodeArn: this.nodeArn });
  }

  private role(name: string, { tags }: EksIamArgs, { service, actions }: Trust): Role {
    const statement = { Effect: "Allow", Principal: { Service: service }, Action: actions };
    const assumeRolePolicy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    return new Role(name, { assumeRolePolicy, tags }, { parent: this });
  }

  private attach(name: string, role: Role, policy: string): RolePolicyAttachment {
    return new RolePolicyAttachment(
      `${name}-${policy}`,
      { role: role.name, policyArn: `arn:aws:iam::aws:policy/${policy}` },
      { parent: this },
    );
  }
}

/** Creates the access of an IAM role that may do everything in the cluster. */
export function createAdministrator(
  { name, tags }: EksArgs,
  { name: clusterName }: ControlPlane,
  roleArn: string,
  parent: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const [, role = roleArn] = roleArn.split(":role/");
  const entry = new AccessEntry(
    `${name}-${role}`,
    { clusterName, principalArn: roleArn, type: "STANDARD", tags },
    parent,
  );
  const association = new AccessPolicyAssociation(
    `${name}-${role}`,
    {
      clusterName,
      principalArn: entry.principalArn,
      policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
      accessScope: { type: "cluster" },
    },
    parent,
  );
  return [entry, association];
}
