import { advise, step } from "../hints/hint.ts";
import type { CloudOperations } from "./cloud-operations.ts";

/** AKS, seen by the launcher. */
export const aks = {
  title: "Azure",
  login: { command: "az login --tenant TENANT", identity: "az account show" },
  loginEnded: {
    seen: "ExpiredAuthenticationToken",
    // Azure Resource Manager; Microsoft Entra's codes for refresh tokens:
    // https://learn.microsoft.com/entra/identity-platform/reference-error-codes
    pattern: /ExpiredAuthenticationToken|AADSTS(?:70043|700082|50173|50078)\b/,
  },
  loginMissing: {
    seen: "Please run 'az login' to setup account",
    // The az program, on which azidentity calls; pulumi-azure-native passes it on (provider/pkg/provider/azure_cli.go).
    pattern: /Please run:? '?az login|AzureCLICredential: /,
  },
  loginElsewhere: {
    seen: "InvalidAuthenticationTokenTenant",
    // Azure Resource Manager, to a token of another tenant.
    pattern: /InvalidAuthenticationTokenTenant/,
    found: () => "of another tenant",
    settings: ["azure-native:tenantId", "azure-native:subscriptionId"],
  },
  hints: [
    {
      seen: "ErrCode_InsufficientVCPUQuota",
      // https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/error-codes/errcode-insufficientvcpuquota
      pattern: /InsufficientVCPUQuota|Insufficient (?:regional )?vcpu quota/,
      advice: ({ stack, again }) =>
        advise(
          "The subscription has not as many vCPUs left in the region as the nodes take. What was made until then stays.",
          step(
            "This says how many are needed, and the command that asks for them:",
            `make check STACK=${stack}`,
          ),
          step("Then continue from there:", again),
        ),
    },
    {
      seen: "ScopeLocked: The scope cannot perform delete operation because following scope(s) are locked",
      // Azure Resource Manager: https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
      pattern: /ScopeLocked/,
      advice: ({ stack, pulumi, again }) =>
        advise(
          "A lock forbids to delete a part of the AKS cluster: cluster.deletionProtection sets it, and its parts inherit it.",
          step(
            "Fix, if that part is to go (set it to true again afterwards):",
            `${pulumi} config set --path 'multi-client:cluster.deletionProtection' false --stack ${stack}`,
            again,
          ),
        ),
    },
  ],
  inUse: undefined,
  clusterType: "azure-native:containerservice:ManagedCluster",
  // After an automatic patch the full version is there (hashicorp/terraform-provider-azurerm#26946), and to update "with
  // the same <major.minor> [...] will not trigger an upgrade" (ManagedClusterProperties.kubernetesVersion).
  version: { output: "kubernetesVersion", inFull: ["kubernetesVersion", "orchestratorVersion"] },
  // Resource groups that the stack forgets and does not delete.
  retained: ({ type, retainOnDelete }) =>
    retainOnDelete === true && type.startsWith("azure-native:") ? "the disks above are in it" : undefined,
  // What the cluster made was in the group of its nodes, which is gone, or is in the group of the disks.
  // Disks of claims have no tag of the stack.
  leftoverCommands: (stack, names, { subscriptionId = "SUBSCRIPTION" }) => [
    `az resource list --tag stack=${stack} --subscription ${subscriptionId} --output table`,
    ...names("azure-native:resources:ResourceGroup")
      .filter((group) => group.includes("-disks"))
      .map(
        (group) =>
          `az resource list --resource-group ${group} --subscription ${subscriptionId} --output table`,
      ),
  ],
} as const satisfies CloudOperations;
