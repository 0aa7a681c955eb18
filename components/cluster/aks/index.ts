import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { coreDnsPeers, dnsPorts, type Cluster } from "../cluster.ts";
import type { Endpoint, EndpointTarget } from "../endpoint.ts";
import { managedNodeStartSeconds } from "../../timeouts.ts";
import { createStorageClass, managedEndpoint } from "../managed.ts";
import type { AksArgs } from "./args.ts";
import { createAuditLog, createControlPlane, createLock, kubeconfigOf } from "./control-plane.ts";
import { AksIam, grantAcrPull } from "./iam.ts";
import { AksNetwork } from "./network.ts";
import { createMaintenance, createUserPool } from "./nodes.ts";

/** A cluster of Azure Kubernetes Service, with a network, log and IAM of its own, in a resource group of its own. */
export class AksCluster extends pulumi.ComponentResource implements Cluster {
  readonly name: pulumi.Output<string>;
  readonly provider: Provider;
  readonly protectData = true;
  readonly storageClassName: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<string>;
  readonly awaitsAddress = true;
  readonly nodeStartSeconds = managedNodeStartSeconds;
  readonly dnsPeers = coreDnsPeers;
  readonly dnsPorts = dnsPorts;
  /** Against scaling down (https://learn.microsoft.com/azure/aks/cluster-autoscaler); an upgrade still drains. */
  readonly onlyPodAnnotations = { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" };
  // Cilium enforces, in which no block of addresses covers nodes, and what a node passes on has its address: there are
  // no `edgePeers`. https://learn.microsoft.com/azure/aks/azure-cni-powered-by-cilium, cilium/cilium#26126
  readonly networkPolicies = "enforced";

  constructor(name: string, args: AksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:AksCluster", name, {}, opts);
    const { location, tags, deletionProtection } = args;
    const parent = { parent: this };
    const group = new ResourceGroup(args.name, { location, tags }, parent);
    // The disks of claims. By default they are in the group of the nodes, which Azure deletes with the cluster, whatever
    // is kept in it: https://learn.microsoft.com/azure/aks/faq. This group outlives the stack with them.
    const disks = new ResourceGroup(
      `${args.name}-disks`,
      { location, tags: { ...tags, keep: "disks" } },
      { parent: this, protect: deletionProtection, retainOnDelete: true },
    );
    const scope = { resourceGroupName: group.name, location, tags };
    const network = new AksNetwork(
      args.name,
      { ...scope, cidr: args.network.cidr, apiServer: args.authorizedCidrs.length === 0 },
      parent,
    );
    const { subscriptionId, admins } = args;
    const ids = { resourceGroupId: group.id, networkId: network.id, disksGroupId: disks.id };
    const iam = new AksIam(args.name, { ...scope, ...ids, subscriptionId, admins }, parent);
    const cluster = createControlPlane(args, { scope, network, iam }, parent);
    const inside = { resourceGroupName: group.name, resourceName: cluster.name };
    const pool = createUserPool(args, { ...inside, vnetSubnetID: network.nodeSubnetId }, parent);
    const windows = createMaintenance(args.name, inside, pool, parent);
    const audit = createAuditLog(args, scope, cluster, parent);
    const { containerRegistry } = args;
    const pulls = containerRegistry ? [grantAcrPull(args.name, containerRegistry, cluster, parent)] : [];
    if (deletionProtection) createLock(args.name, cluster, { parent: this, dependsOn: [windows, audit] });
    this.name = cluster.name;
    // It waits for no grant: while one is to be made the engine would not ask, and a plan without a kubeconfig knows no object.
    this.kubeconfig = kubeconfigOf(inside, args.tenantId, parent);
    this.provider = new Provider(
      "kubernetes",
      {
        kubeconfig: this.kubeconfig,
        context: cluster.name,
        clusterIdentifier: cluster.id,
        enablePatchForce: args.takeOver ?? false,
      },
      // Objects go while there still are nodes to stop their pods, and the right to delete them.
      { parent: this, dependsOn: [...iam.adminGrants, ...pulls, pool] },
    );
    const storageClass = createStorageClass(
      args.name,
      {
        provisioner: "disk.csi.azure.com",
        // Disks in all three zones, so that a pod may come back in another. Azure encrypts every disk.
        parameters: { skuName: "Premium_ZRS", resourceGroup: disks.name },
      },
      { parent: this, provider: this.provider },
    );
    this.storageClassName = storageClass.metadata.name;
    this.registerOutputs({ name: this.name, kubeconfig: this.kubeconfig });
  }

  endpoint(target: EndpointTarget, address: pulumi.Input<string>): pulumi.Output<Endpoint> {
    return pulumi.all([this.name, address]).apply(([name, known]) => managedEndpoint(name, target, known));
  }
}
