import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { Addon } from "@pulumi/aws/eks/addon.js";
import { Cluster as ControlPlane } from "@pulumi/aws/eks/cluster.js";
import { Key } from "@pulumi/aws/kms/key.js";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule.js";
import * as pulumi from "@pulumi/pulumi";
import { controlPlaneTimeouts, execKubeconfig, type ExecPlugin } from "../managed.ts";
import type { EksArgs } from "./args.ts";
import type { EksIam } from "./iam.ts";
import type { EksNetwork } from "./network.ts";

/** The components that a control plane is made after. */
interface EksDependencies {
  readonly network: EksNetwork;
  readonly iam: EksIam;
}

/** Creates the control plane, and before it the key and the log that it uses. */
export function createControlPlane(
  args: EksArgs,
  { network, iam }: EksDependencies,
  parent: pulumi.CustomResourceOptions,
): ControlPlane {
  const { name, kubernetesVersion: version, deletionProtection, authorizedCidrs, tags } = args;
  const isPublic = authorizedCidrs.length > 0;
  // Before the cluster: otherwise EKS makes one of this name that keeps everything for ever.
  const log = new LogGroup(
    name,
    { name: `/aws/eks/${name}/cluster`, retentionInDays: args.logRetentionDays, tags },
    parent,
  );
  // The cluster's data is encrypted with it: without it nothing of the cluster can be read.
  const key = new Key(
    name,
    {
      description: `Kubernetes API data of EKS cluster ${name}`,
      enableKeyRotation: true,
      deletionWindowInDays: 30,
      tags,
    },
    { ...parent, protect: deletionProtection },
  );
  return new ControlPlane(
    name,
    {
      name,
      version,
      roleArn: iam.clusterArn,
      deletionProtection,
      tags,
      // Auto Mode: the three switches go together, and what would be pods of ours is part of each node.
      computeConfig: {
        enabled: true,
        nodePools: ["general-purpose", "system"],
        nodeRoleArn: iam.nodeArn,
      },
      kubernetesNetworkConfig: {
        ipFamily: "ipv4",
        serviceIpv4Cidr: args.network.serviceCidr,
        elasticLoadBalancing: { enabled: true },
      },
      storageConfig: { blockStorage: { enabled: true } },
      bootstrapSelfManagedAddons: false,
      // Who makes the cluster has no right of its own in it: only whom the settings name.
      accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
      vpcConfig: {
        subnetIds: [...network.privateSubnetIds],
        endpointPrivateAccess: true,
        endpointPublicAccess: isPublic,
        ...(isPublic && { publicAccessCidrs: [...authorizedCidrs] }),
      },
      encryptionConfig: { resources: ["secrets"], provider: { keyArn: key.arn } },
      enabledClusterLogTypes: ["api", "audit", "authenticator"],
      // At the end of standard support AWS upgrades the cluster, instead of asking six times the price.
      upgradePolicy: { supportType: "STANDARD" },
      zonalShiftConfig: { enabled: true },
    },
    {
      ...parent,
      dependsOn: [...iam.attachments, ...network.routes, log],
      protect: deletionProtection,
      customTimeouts: controlPlaneTimeouts,
    },
  );
}

/**
 * Lets the network of the cluster reach its private endpoint. The security group that EKS makes for both lets in nothing but
 * itself, so that a machine of the network would wait in vain.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html (accessing a private only API server)
 */
export function admitNetwork(
  { name, network, tags }: EksArgs,
  { vpcConfig }: ControlPlane,
  parent: pulumi.CustomResourceOptions,
): SecurityGroupIngressRule {
  return new SecurityGroupIngressRule(
    name,
    {
      securityGroupId: vpcConfig.clusterSecurityGroupId,
      cidrIpv4: network.cidr,
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      description: "The private endpoint, from the network of the cluster",
      tags,
    },
    parent,
  );
}

/** Creates an add-on of EKS, which Auto Mode does not bring by itself. */
export function createAddon(
  addonName: "metrics-server" | "snapshot-controller",
  { name, tags }: EksArgs,
  { name: clusterName }: ControlPlane,
  opts: pulumi.CustomResourceOptions,
): Addon {
  return new Addon(`${name}-${addonName}`, { clusterName, addonName, tags }, opts);
}

/** The kubeconfig of the cluster, in which the AWS CLI asks for the token; secret. */
export function kubeconfigOf(args: EksArgs, cluster: ControlPlane): pulumi.Output<string> {
  const { name } = args;
  const text = pulumi
    .all([cluster.endpoint, cluster.certificateAuthority.data])
    .apply(([server, certificateAuthority]) =>
      execKubeconfig({ name, server, certificateAuthority }, awsPlugin(args)),
    );
  return pulumi.secret(text);
}

/** The AWS CLI as a credential plugin. @see https://docs.aws.amazon.com/cli/latest/reference/eks/get-token.html */
const awsPlugin = ({ name, region }: EksArgs): ExecPlugin => ({
  command: "aws",
  args: ["eks", "get-token", "--cluster-name", name, "--region", region, "--output", "json"],
  installHint: "Install the AWS CLI, version 2, and log in: https://docs.aws.amazon.com/cli/",
});
