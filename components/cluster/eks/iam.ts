import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link EksIam}. */
export interface EksIamArgs {
  readonly tags: Readonly<Record<string, string>>;
}

/** What EKS may do in the account to run nodes, disks, load balancers and addresses of pods (Auto Mode). */
const clusterPolicies = [
  "AmazonEKSClusterPolicy",
  "AmazonEKSComputePolicy",
  "AmazonEKSBlockStoragePolicy",
  "AmazonEKSLoadBalancingPolicy",
  "AmazonEKSNetworkingPolicy",
];
/** What a node may do: join its cluster, and pull images. Pods inherit none of it. */
const nodePolicies = ["AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"];

/**
 * The two IAM roles of an Auto Mode cluster, with AWS's own policies.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/auto-learn-iam.html
 */
export class EksIam extends pulumi.ComponentResource {
  readonly clusterArn: pulumi.Output<string>;
  readonly nodeArn: pulumi.Output<string>;
  /** Without them a role is empty: whoever needs the role waits for these, and is gone before they are. */
  readonly attachments: readonly pulumi.Resource[];

  constructor(name: string, args: EksIamArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:EksRoles", name, {}, opts);
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

/** Who may become a role. */
interface Trust {
  readonly service: string;
  readonly actions: readonly string[];
}
