import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { AccessEntry } from "@pulumi/aws/eks/accessEntry.js";
import { AccessPolicyAssociation } from "@pulumi/aws/eks/accessPolicyAssociation.js";
import { Addon } from "@pulumi/aws/eks/addon.js";
import { Cluster as ControlPlane } from "@pulumi/aws/eks/cluster.js";
import { Key } from "@pulumi/aws/kms/key.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import { StorageClass } from "@pulumi/kubernetes/storage/v1/storageClass.js";
import type { networking } from "@pulumi/kubernetes/types/input.js";
import * as pulumi from "@pulumi/pulumi";
import { managedEndpoint, type Endpoint, type EndpointTarget } from "../endpoint.ts";
import { addressOf } from "../cidr.ts";
import { awsPlugin, execKubeconfig } from "../exec-kubeconfig.ts";
import { managedNodeStartSeconds, type Cluster, type IngressSupport } from "../cluster.ts";
import { AutoModeIngressClass } from "./ingress-class.ts";
import { EksNetwork } from "./network.ts";
import { EksIam } from "./iam.ts";
import type { EksArgs } from "./args.ts";

/** A cluster of Amazon EKS in Auto Mode, with a network, key, log and access of its own. */
export class EksCluster extends pulumi.ComponentResource implements Cluster {
  readonly name: string;
  readonly provider: Provider;
  readonly local = false;
  readonly storageClassName: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<string>;
  readonly ingress: IngressSupport;
  readonly awaitsAddress = true;
  readonly nodeStartSeconds = managedNodeStartSeconds;
  readonly dnsPeers: readonly networking.v1.NetworkPolicyPeer[];

  constructor(name: string, args: EksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:EksCluster", name, {}, opts);
    const { region, network, logRetentionDays, tags } = args;
    const parent = { parent: this };
    this.name = args.name;
    // DNS is no pod but a service of each node, behind the tenth address of the Services.
    this.dnsPeers = [{ ipBlock: { cidr: `${addressOf(network.serviceCidr, 10)}/32` } }];
    const nodes = new EksNetwork(args.name, { ...network, region, logRetentionDays, tags }, parent);
    const roles = new EksIam(args.name, { tags }, parent);
    const cluster = this.controlPlane(args, nodes, roles);
    const grants = args.admins.flatMap((admin) => this.administrator(args, cluster, admin));
    const metrics = this.metrics(args, cluster, grants);
    this.kubeconfig = pulumi.secret(this.credentials(args, cluster));
    this.provider = new Provider(
      "kubernetes",
      {
        kubeconfig: this.kubeconfig,
        context: args.name,
        // The name is fixed, and so is the ARN: only the two together are another cluster's when it is made anew.
        clusterIdentifier: pulumi.interpolate`${cluster.arn} ${cluster.createdAt}`,
      },
      // Objects go while the deployer still may delete them. A grant has effect only some seconds after it is made: the
      // add-on takes longer, and then there is a node too.
      { parent: this, dependsOn: [...grants, metrics] },
    );
    const inside = { parent: this, provider: this.provider };
    this.storageClassName = this.storageClass(args.name, inside).metadata.name;
    this.ingress = new AutoModeIngressClass(args.name, { certificate: args.certificate }, inside);
    this.registerOutputs({ name: this.name, kubeconfig: this.kubeconfig });
  }

  endpoint(target: EndpointTarget, address: pulumi.Input<string>): pulumi.Output<Endpoint> {
    return pulumi.output(address).apply((known) => managedEndpoint(this.name, target, known));
  }

  private controlPlane(args: EksArgs, network: EksNetwork, roles: EksIam): ControlPlane {
    const { name, kubernetesVersion: version, deletionProtection, authorizedCidrs, tags } = args;
    const isPublic = authorizedCidrs.length > 0;
    return new ControlPlane(
      name,
      {
        name,
        version,
        roleArn: roles.clusterArn,
        deletionProtection,
        tags,
        // Auto Mode: the three switches go together, and what would be pods of ours is part of each node.
        computeConfig: {
          enabled: true,
          nodePools: ["general-purpose", "system"],
          nodeRoleArn: roles.nodeArn,
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
        encryptionConfig: { resources: ["secrets"], provider: { keyArn: this.key(args).arn } },
        enabledClusterLogTypes: ["api", "audit", "authenticator"],
        // At the end of standard support AWS upgrades the cluster, instead of asking six times the price.
        upgradePolicy: { supportType: "STANDARD" },
        zonalShiftConfig: { enabled: true },
      },
      {
        parent: this,
        dependsOn: [...roles.attachments, ...network.routes, this.log(args)],
        protect: deletionProtection,
        customTimeouts: { create: "40m", update: "90m", delete: "60m" },
      },
    );
  }

  /** What the cluster's data is encrypted with: without it nothing of the cluster can be read. */
  private key({ name, deletionProtection, tags }: EksArgs): Key {
    const description = `Kubernetes API data of EKS cluster ${name}`;
    return new Key(
      name,
      { description, enableKeyRotation: true, deletionWindowInDays: 30, tags },
      { parent: this, protect: deletionProtection },
    );
  }

  /** Before the cluster: otherwise EKS makes one of this name that keeps everything for ever. */
  private log({ name, logRetentionDays: retentionInDays, tags }: EksArgs): LogGroup {
    return new LogGroup(name, { name: `/aws/eks/${name}/cluster`, retentionInDays, tags }, { parent: this });
  }

  /** An IAM role that may do everything in the cluster. */
  private administrator({ name, tags }: EksArgs, cluster: ControlPlane, roleArn: string): pulumi.Resource[] {
    const [, role = roleArn] = roleArn.split(":role/");
    const entry = new AccessEntry(
      `${name}-${role}`,
      { clusterName: cluster.name, principalArn: roleArn, type: "STANDARD", tags },
      { parent: this },
    );
    const association = new AccessPolicyAssociation(
      `${name}-${role}`,
      {
        clusterName: cluster.name,
        principalArn: entry.principalArn,
        policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        accessScope: { type: "cluster" },
      },
      { parent: this },
    );
    return [entry, association];
  }

  /** Autoscalers of pods ask it, and Auto Mode does not bring it. */
  private metrics({ name, tags }: EksArgs, cluster: ControlPlane, after: pulumi.Resource[]): Addon {
    return new Addon(
      `${name}-metrics-server`,
      { clusterName: cluster.name, addonName: "metrics-server", tags },
      { parent: this, dependsOn: after },
    );
  }

  private credentials({ name, region }: EksArgs, cluster: ControlPlane): pulumi.Output<string> {
    const { endpoint, certificateAuthority } = cluster;
    return pulumi
      .all([endpoint, certificateAuthority.data])
      .apply(([server, ca]) =>
        execKubeconfig({ name, server, certificateAuthority: ca }, awsPlugin(name, region)),
      );
  }

  /**
   * Encrypted disks of Auto Mode, which makes no class itself. The disks stay when their claims go.
   * Source: https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html
   */
  private storageClass(name: string, opts: pulumi.CustomResourceOptions): StorageClass {
    return new StorageClass(
      name,
      {
        provisioner: "ebs.csi.eks.amazonaws.com",
        parameters: { type: "gp3", encrypted: "true" },
        reclaimPolicy: "Retain",
        allowVolumeExpansion: true,
        volumeBindingMode: "WaitForFirstConsumer",
        allowedTopologies: [
          { matchLabelExpressions: [{ key: "eks.amazonaws.com/compute-type", values: ["auto"] }] },
        ],
      },
      opts,
    );
  }
}
