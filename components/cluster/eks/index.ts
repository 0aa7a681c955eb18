import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import type { networking } from "@pulumi/kubernetes/types/input.js";
import * as pulumi from "@pulumi/pulumi";
import { addressOf, zoneSubnets } from "../cidr.ts";
import { dnsPorts, type Cluster, type IngressSupport } from "../cluster.ts";
import type { Bucket, BucketWriter } from "../../bucket-copy.ts";
import type { Endpoint, EndpointTarget } from "../endpoint.ts";
import { managedNodeStartSeconds } from "../../timeouts.ts";
import { createStorageClass, managedEndpoint } from "../managed.ts";
import type { EksArgs } from "./args.ts";
import { admitNetwork, createAddon, createControlPlane, kubeconfigOf } from "./control-plane.ts";
import { EksBucket } from "./bucket.ts";
import { createAdministrator, EksIam } from "./iam.ts";
import { AutoModeIngressClass } from "./ingress-class.ts";
import { EksNetwork } from "./network.ts";

/**
 * The encrypted disks of Auto Mode, which makes no class itself.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html
 */
const disks = {
  provisioner: "ebs.csi.eks.amazonaws.com",
  parameters: { type: "gp3", encrypted: "true" },
  allowedTopologies: [
    { matchLabelExpressions: [{ key: "eks.amazonaws.com/compute-type", values: ["auto"] }] },
  ],
};

/** A cluster of Amazon EKS in Auto Mode, with a network, key, log and IAM of its own. */
export class EksCluster extends pulumi.ComponentResource implements Cluster {
  readonly name: string;
  readonly provider: Provider;
  readonly protectData = true;
  readonly storageClassName: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<string>;
  readonly ingress: IngressSupport;
  readonly awaitsAddress = true;
  readonly nodeStartSeconds = managedNodeStartSeconds;
  readonly dnsPeers: readonly networking.v1.NetworkPolicyPeer[];
  readonly dnsPorts = dnsPorts;
  /** Against consolidation (https://karpenter.sh/docs/concepts/disruption/#pod-level-controls); nodes still expire. */
  readonly onlyPodAnnotations = { "karpenter.sh/do-not-disrupt": "true" };
  readonly edgePeers: readonly networking.v1.NetworkPolicyPeer[];
  readonly networkPolicies = "enforced";
  readonly createBucket: (writer: BucketWriter) => Bucket;

  constructor(name: string, args: EksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:EksCluster", name, {}, opts);
    const parent = { parent: this };
    this.name = args.name;
    // DNS is no pod but a service of each node, behind the tenth address of the Services.
    this.dnsPeers = [{ ipBlock: { cidr: `${addressOf(args.network.serviceCidr, 10)}/32` } }];
    // The load balancer sends from the public subnets straight to the pods, and checks them from there.
    const { cidr, zones } = args.network;
    this.edgePeers = zoneSubnets(cidr, zones).map(({ publicCidr }) => ({ ipBlock: { cidr: publicCidr } }));
    const network = new EksNetwork(args.name, { ...args, ...args.network }, parent);
    const iam = new EksIam(args.name, args, parent);
    const cluster = createControlPlane(args, { network, iam }, parent);
    const admission = admitNetwork(args, cluster, parent);
    const grants = args.admins.flatMap((admin) => createAdministrator(args, cluster, admin, parent));
    // Autoscalers of pods ask for metrics. The provider waits for the rule by it: were the rule its own dependency, a stack from
    // before the rule could not take the protection off its cluster alone, as make destroy does first.
    const before = [...grants, admission];
    const metrics = createAddon("metrics-server", args, cluster, { ...parent, dependsOn: before });
    // With it comes the API by which make snapshot has copies of the disks:
    // https://docs.aws.amazon.com/eks/latest/userguide/csi-snapshot-controller.html
    createAddon("snapshot-controller", args, cluster, { ...parent, dependsOn: grants });
    this.kubeconfig = kubeconfigOf(args, cluster);
    this.provider = new Provider(
      "kubernetes",
      {
        kubeconfig: this.kubeconfig,
        context: args.name,
        enablePatchForce: args.takeOver ?? false,
        // The name is fixed, and so is the ARN: only the two together are another cluster's when it is made anew.
        clusterIdentifier: pulumi.interpolate`${cluster.arn} ${cluster.createdAt}`,
      },
      // Objects go while the deployer still may delete them. A grant has effect only some seconds after it is made: the
      // add-on takes longer, and then there is a node too.
      { parent: this, dependsOn: [...grants, metrics] },
    );
    const inside = { parent: this, provider: this.provider };
    this.storageClassName = createStorageClass(args.name, disks, inside).metadata.name;
    enforceNetworkPolicies(args.name, inside);
    this.ingress = new AutoModeIngressClass(args.name, args, inside);
    this.createBucket = (writer) => new EksBucket(args.name, { ...args, cluster, writer }, parent);
    this.registerOutputs({ name: this.name, kubeconfig: this.kubeconfig });
  }

  endpoint(target: EndpointTarget, address: pulumi.Input<string>): pulumi.Output<Endpoint> {
    return pulumi.output(address).apply((known) => managedEndpoint(this.name, target, known));
  }
}

/**
 * Creates the ConfigMap that turns the network policy agent of Auto Mode's nodes on. Pods without a policy may go on
 * doing everything, those of other namespaces too.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html
 */
function enforceNetworkPolicies(name: string, opts: pulumi.CustomResourceOptions): void {
  const metadata = { name: "amazon-vpc-cni", namespace: "kube-system" };
  const data = { "enable-network-policy-controller": "true" };
  new ConfigMap(`${name}-network-policies`, { metadata, data }, opts);
}
