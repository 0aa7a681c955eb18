import { ManagementLockByScope } from "@pulumi/azure-native/authorization/managementLockByScope.js";
import { AgentPool } from "@pulumi/azure-native/containerservice/agentPool.js";
import { listManagedClusterUserCredentialsOutput } from "@pulumi/azure-native/containerservice/listManagedClusterUserCredentials.js";
import { MaintenanceConfiguration } from "@pulumi/azure-native/containerservice/maintenanceConfiguration.js";
import { ManagedCluster } from "@pulumi/azure-native/containerservice/managedCluster.js";
import { DiagnosticSetting } from "@pulumi/azure-native/monitor/diagnosticSetting.js";
import { Workspace } from "@pulumi/azure-native/operationalinsights/workspace.js";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import { StorageClass } from "@pulumi/kubernetes/storage/v1/storageClass.js";
import * as pulumi from "@pulumi/pulumi";
import { managedEndpoint, type Endpoint, type EndpointTarget } from "../endpoint.ts";
import { execKubeconfig, kubelogin } from "../exec-kubeconfig.ts";
import { clusterOf } from "../../../system/kubeconfig.ts";
import { AksIam } from "./iam.ts";
import { controlPlane } from "./control-plane.ts";
import { AksNetwork } from "./network.ts";
import { maintenance, nodes, userPoolName } from "./nodes.ts";
import { coreDnsPeers, managedNodeStartSeconds, type Cluster } from "../cluster.ts";
import type { AksArgs } from "./args.ts";

/** A cluster of Azure Kubernetes Service, with a network, log and access of its own, in a resource group of its own. */
export class AksCluster extends pulumi.ComponentResource implements Cluster {
  readonly name: pulumi.Output<string>;
  readonly provider: Provider;
  readonly local = false;
  readonly storageClassName: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<string>;
  readonly awaitsAddress = true;
  readonly nodeStartSeconds = managedNodeStartSeconds;
  readonly dnsPeers = coreDnsPeers;

  constructor(name: string, args: AksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:AksCluster", name, {}, opts);
    const { location, tags } = args;
    const parent = { parent: this };
    const group = new ResourceGroup(args.name, { location, tags }, parent);
    const place = { resourceGroupName: group.name, location, tags };
    const network = new AksNetwork(
      args.name,
      { ...place, cidr: args.network.cidr, apiServer: args.authorizedCidrs.length === 0 },
      parent,
    );
    const disks = this.disks(args);
    const { subscriptionId, admins } = args;
    const access = new AksIam(
      args.name,
      {
        ...place,
        subscriptionId,
        admins,
        resourceGroupId: group.id,
        networkId: network.id,
        disksGroupId: disks.id,
      },
      parent,
    );
    const cluster = this.managedCluster(args, place, network, access);
    const inside = { resourceGroupName: group.name, resourceName: cluster.name };
    const pool = this.userPool(args, inside, network);
    const parts = [pool, ...this.maintenance(args.name, inside), this.auditLog(args, place, cluster)];
    if (args.deletionProtection) this.lock(args.name, cluster, parts);
    this.name = cluster.name;
    this.kubeconfig = this.credentials(inside, access);
    this.provider = new Provider(
      "kubernetes",
      { kubeconfig: this.kubeconfig, context: cluster.name, clusterIdentifier: cluster.id },
      // Objects go while there still are nodes to stop their pods, and the right to delete them.
      { parent: this, dependsOn: [...access.adminGrants, pool] },
    );
    this.storageClassName = this.storageClass(args.name, disks).metadata.name;
    this.registerOutputs({ name: this.name, kubeconfig: this.kubeconfig });
  }

  endpoint(target: EndpointTarget, address: pulumi.Input<string>): pulumi.Output<Endpoint> {
    return pulumi.all([this.name, address]).apply(([name, known]) => managedEndpoint(name, target, known));
  }

  private managedCluster(
    args: AksArgs,
    place: AzureScope,
    network: AksNetwork,
    access: AksIam,
  ): ManagedCluster {
    return new ManagedCluster(
      args.name,
      { ...place, ...controlPlane(args, network, access.identityId) },
      {
        parent: this,
        dependsOn: [...access.clusterGrants],
        protect: args.deletionProtection,
        customTimeouts: { create: "40m", update: "90m", delete: "60m" },
        // Azure shows all pools here, and a refresh takes the others for settings: without this every `up` would take
        // them out again, which sets all of them to work (pulumi-azure-native#1532, #4264). A single entry cannot be
        // ignored: one that the program does not have is none to the engine.
        ignoreChanges: ["agentPoolProfiles"],
      },
    );
  }

  private userPool(args: AksArgs, inside: ClusterScope, network: AksNetwork): AgentPool {
    const { vmSize } = args.nodes;
    return new AgentPool(
      `${args.name}-user`,
      {
        ...inside,
        ...nodes(args.kubernetesVersion, vmSize, args.nodes),
        agentPoolName: userPoolName(vmSize),
        mode: "User",
        vnetSubnetID: network.nodeSubnetId,
        tags: args.tags,
      },
      {
        parent: this,
        customTimeouts: { create: "30m", update: "60m", delete: "60m" },
        ignoreChanges: ["count"],
        // The provider would delete first whatever has a name of its own.
        deleteBeforeReplace: false,
      },
    );
  }

  private maintenance(name: string, inside: ClusterScope): MaintenanceConfiguration[] {
    return Object.entries(maintenance).map(
      ([configName, maintenanceWindow]) =>
        new MaintenanceConfiguration(
          `${name}-${configName}`,
          { ...inside, configName, maintenanceWindow },
          { parent: this },
        ),
    );
  }

  private auditLog(args: AksArgs, place: AzureScope, cluster: ManagedCluster): DiagnosticSetting {
    const workspace = new Workspace(
      `${args.name}-log`,
      { ...place, sku: { name: "PerGB2018" }, retentionInDays: args.logRetentionDays },
      { parent: this },
    );
    const categories = ["kube-audit-admin", "kube-apiserver", "guard", "cluster-autoscaler"];
    return new DiagnosticSetting(
      `${args.name}-log`,
      {
        resourceUri: cluster.id,
        workspaceId: workspace.id,
        logAnalyticsDestinationType: "Dedicated",
        logs: categories.map((category) => ({ category, enabled: true })),
      },
      { parent: this },
    );
  }

  /** Last to come and first to go: what is in the cluster, or set on it, inherits the lock. */
  private lock(name: string, cluster: ManagedCluster, parts: pulumi.Resource[]): void {
    const notes = "Set by multi-client:cluster.deletionProtection; taken away by the same setting.";
    new ManagementLockByScope(
      `${name}-lock`,
      { scope: cluster.id, level: "CanNotDelete", notes },
      { parent: this, dependsOn: parts },
    );
  }

  /** Azure's own kubeconfig asks for a device code at every call; of it we take where the cluster is, and its CA. */
  private credentials(inside: ClusterScope, { adminGrants }: AksIam): pulumi.Output<string> {
    const { kubeconfigs } = listManagedClusterUserCredentialsOutput(
      { ...inside, format: "exec" },
      { parent: this, dependsOn: [...adminGrants] },
    );
    const text = pulumi.all([inside.resourceName, kubeconfigs]).apply(([name, [credential]]) => {
      const given = Buffer.from(credential?.value ?? "", "base64").toString();
      return execKubeconfig({ name, ...clusterOf(given) }, kubelogin);
    });
    return pulumi.secret(text);
  }

  /**
   * Where the disks of claims are. By default that is the group of the nodes, which Azure deletes with the cluster,
   * whatever is kept in it: https://learn.microsoft.com/azure/aks/faq. This one outlives the stack with them.
   */
  private disks({ name, location, tags, deletionProtection }: AksArgs): ResourceGroup {
    return new ResourceGroup(
      `${name}-disks`,
      { location, tags: { ...tags, keep: "disks" } },
      { parent: this, protect: deletionProtection, retainOnDelete: true },
    );
  }

  /** Disks in all three zones, so that a pod may come back in another. Azure encrypts every disk. */
  private storageClass(name: string, disks: ResourceGroup): StorageClass {
    return new StorageClass(
      name,
      {
        provisioner: "disk.csi.azure.com",
        parameters: { skuName: "Premium_ZRS", resourceGroup: disks.name },
        reclaimPolicy: "Retain",
        allowVolumeExpansion: true,
        volumeBindingMode: "WaitForFirstConsumer",
      },
      { parent: this, provider: this.provider },
    );
  }
}

interface AzureScope {
  readonly resourceGroupName: pulumi.Output<string>;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
}
interface ClusterScope {
  readonly resourceGroupName: pulumi.Output<string>;
  readonly resourceName: pulumi.Output<string>;
}
