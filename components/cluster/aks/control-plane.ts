import { ManagementLockByScope } from "@pulumi/azure-native/authorization/managementLockByScope.js";
import { listManagedClusterUserCredentialsOutput } from "@pulumi/azure-native/containerservice/listManagedClusterUserCredentials.js";
import { ManagedCluster } from "@pulumi/azure-native/containerservice/managedCluster.js";
import { DiagnosticSetting } from "@pulumi/azure-native/monitor/diagnosticSetting.js";
import { Workspace } from "@pulumi/azure-native/operationalinsights/workspace.js";
import * as pulumi from "@pulumi/pulumi";
import { clusterOf } from "../../../system/kubeconfig.ts";
import { addressOf } from "../cidr.ts";
import { controlPlaneTimeouts, execKubeconfig, type ExecPlugin } from "../managed.ts";
import type { AksArgs, AzureScope, ClusterScope } from "./args.ts";
import type { AksIam } from "./iam.ts";
import type { AksNetwork } from "./network.ts";
import { systemNodes } from "./node-count.ts";
import { nodes } from "./nodes.ts";

/** The group and the components that a control plane is made after. */
interface AksDependencies {
  readonly scope: AzureScope;
  readonly network: AksNetwork;
  readonly iam: AksIam;
}

/** Creates the control plane: no local accounts, no keys, nodes without public addresses. */
export function createControlPlane(
  args: AksArgs,
  { scope, network, iam }: AksDependencies,
  parent: pulumi.CustomResourceOptions,
): ManagedCluster {
  const { kubernetesVersion, network: ranges } = args;
  return new ManagedCluster(
    args.name,
    {
      ...scope,
      dnsPrefix: args.name,
      sku: { name: "Base", tier: "Standard" },
      kubernetesVersion,
      autoUpgradeProfile: { upgradeChannel: "patch", nodeOSUpgradeChannel: "NodeImage" },
      identity: { type: "UserAssigned", userAssignedIdentities: [iam.identityId] },
      enableRBAC: true,
      disableLocalAccounts: true,
      aadProfile: {
        managed: true,
        enableAzureRBAC: true,
        adminGroupObjectIDs: [...args.admins],
        tenantID: args.tenantId,
      },
      apiServerAccessProfile: apiServerAccess(args.authorizedCidrs, network),
      networkProfile: {
        networkPlugin: "azure",
        networkPluginMode: "overlay",
        networkDataplane: "cilium",
        networkPolicy: "cilium",
        podCidr: ranges.podCidr,
        serviceCidr: ranges.serviceCidr,
        dnsServiceIP: addressOf(ranges.serviceCidr, 10),
        outboundType: "userAssignedNATGateway",
        loadBalancerSku: "standard",
      },
      oidcIssuerProfile: { enabled: true },
      securityProfile: {
        workloadIdentity: { enabled: true },
        imageCleaner: { enabled: true, intervalHours: 168 },
      },
      nodeResourceGroupProfile: { restrictionLevel: "ReadOnly" },
      metricsProfile: { costAnalysis: { enabled: true } },
      // The pool of the system only. Others are resources of their own: a change of this list sets all of them to work.
      agentPoolProfiles: [
        {
          ...nodes(kubernetesVersion, args.nodes.systemVmSize, systemNodes),
          name: "system",
          mode: "System",
          vnetSubnetID: network.nodeSubnetId,
          nodeTaints: ["CriticalAddonsOnly=true:NoSchedule"],
          tags: args.tags,
        },
      ],
    },
    {
      ...parent,
      dependsOn: [...iam.clusterGrants],
      protect: args.deletionProtection,
      customTimeouts: controlPlaneTimeouts,
      // Azure shows all pools here, and a refresh takes the others for settings: without this every `up` would take
      // them out again, which sets all of them to work (pulumi-azure-native#1532, #4264). A single entry cannot be
      // ignored: one that the program does not have is none to the engine.
      ignoreChanges: ["agentPoolProfiles"],
    },
  );
}

/**
 * The access to the API server. Nodes reach a public endpoint from outside, from the address of their NAT gateway, which
 * therefore has to be let in.
 *
 * @see https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges
 */
function apiServerAccess(authorizedCidrs: readonly string[], network: AksNetwork) {
  const { apiServerSubnetId, outboundAddress } = network;
  if (apiServerSubnetId === undefined) {
    const authorizedIPRanges = [...authorizedCidrs, pulumi.interpolate`${outboundAddress}/32`];
    return { disableRunCommand: true, enablePrivateCluster: false, authorizedIPRanges };
  }
  return {
    disableRunCommand: true,
    enablePrivateCluster: true,
    enablePrivateClusterPublicFQDN: false,
    enableVnetIntegration: true,
    subnetId: apiServerSubnetId,
  };
}

/** Creates the audit log of the cluster, in a workspace of its own. */
export function createAuditLog(
  { name, logRetentionDays: retentionInDays }: AksArgs,
  scope: AzureScope,
  cluster: ManagedCluster,
  parent: pulumi.CustomResourceOptions,
): DiagnosticSetting {
  const workspace = new Workspace(
    `${name}-log`,
    { ...scope, sku: { name: "PerGB2018" }, retentionInDays },
    parent,
  );
  const categories = ["kube-audit-admin", "kube-apiserver", "guard", "cluster-autoscaler"];
  return new DiagnosticSetting(
    `${name}-log`,
    {
      resourceUri: cluster.id,
      workspaceId: workspace.id,
      logAnalyticsDestinationType: "Dedicated",
      logs: categories.map((category) => ({ category, enabled: true })),
    },
    parent,
  );
}

/** Creates the lock of the cluster, last of all and deleted first: what is in the cluster, or set on it, inherits it. */
export function createLock(
  name: string,
  { id: scope }: ManagedCluster,
  opts: pulumi.CustomResourceOptions,
): void {
  const notes = "Set by multi-client:cluster.deletionProtection; taken away by the same setting.";
  new ManagementLockByScope(`${name}-lock`, { scope, level: "CanNotDelete", notes }, opts);
}

/**
 * The kubeconfig of the cluster, in which kubelogin asks for the token; secret. Azure's own kubeconfig asks for a device
 * code at every call: of it we take where the cluster is, and its certificate authority.
 */
export function kubeconfigOf(
  cluster: ClusterScope,
  tenantId: string,
  opts: pulumi.InvokeOutputOptions,
): pulumi.Output<string> {
  const { kubeconfigs } = listManagedClusterUserCredentialsOutput({ ...cluster, format: "exec" }, opts);
  const text = pulumi.all([cluster.resourceName, kubeconfigs]).apply(([name, [credential]]) => {
    const given = Buffer.from(credential?.value ?? "", "base64").toString();
    return execKubeconfig({ name, ...clusterOf(given) }, kubelogin(tenantId));
  });
  return pulumi.secret(text);
}

/** The application that every AKS cluster trusts. @see https://azure.github.io/kubelogin/concepts/aks.html */
export const aksServerId = "6dae42f8-4368-4678-94ff-3960e28e3630";

/**
 * kubelogin with the login of the Azure CLI, which a laptop has and a pipeline gets from `azure/login`. Without the tenant
 * it would ask that of the CLI's current subscription.
 *
 * @see https://azure.github.io/kubelogin/cli/get-token.html
 */
const kubelogin = (tenantId: string): ExecPlugin => ({
  command: "kubelogin",
  args: ["get-token", "--login", "azurecli", "--tenant-id", tenantId, "--server-id", aksServerId],
  installHint: `Install kubelogin (az aks install-cli) and log in: az login --tenant ${tenantId}`,
});
