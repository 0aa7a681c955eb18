import { cloudCases, snapshotted } from "../cloud-cases.ts";

describe("prod on a simulated Azure", () => {
  cloudCases({
    stack: "prod-aks",
    cloud: "azure-native",
    layers: {
      network: "azure-native:network:NatGateway",
      identity: "azure-native:authorization:RoleAssignment",
      cluster: "azure-native:containerservice:ManagedCluster",
      pool: "azure-native:containerservice:AgentPool",
    },
    disks: "disk.csi.azure.com",
    edge: "/api/v1/services",
    lacking: {
      account: {
        limits: { vcpus: 10 },
        forbidden: ["Microsoft.Authorization/roleAssignments/write"],
        features: ["Network", "Compute", "ContainerService", "Insights", "ManagedIdentity"].map(
          (name) => `Microsoft.${name}`,
        ),
      },
      says: [
        /the rights of the deployer in .*\n +found: not allowed: Microsoft\.Authorization\/roleAssignments\/write\n +fix: +az role /,
        /32 vCPUs in westeurope.*\n +found: 10, of which 0 are used\n +fix: +az quota update /,
        /EncryptionAtHost.*\n +found: NotRegistered\n +fix: +az feature register /,
        /Microsoft\.OperationalInsights\n.*\n +fix: +az provider register --namespace Microsoft.OperationalInsights/,
      ],
    },
    // Two system nodes of four CPUs and three nodes of two take 14; five nodes of four took 20.
    limits: { vcpus: 16 },
    // After an automatic patch: hashicorp/terraform-provider-azurerm#26946.
    afterPatch: {
      "azure-native:containerservice:ManagedCluster": { kubernetesVersion: "1.35.4" },
      "azure-native:containerservice:AgentPool": { orchestratorVersion: "1.35.4" },
    },
    ends: {
      type: "azure-native:containerservice:AgentPool",
      error:
        "Code=\"ExpiredAuthenticationToken\" Message=\"The access token expiry UTC time '11/24/2026 8:55:46 AM' is earlier than current UTC time '11/24/2026 8:59:27 AM'.\"",
    },
    url: /^http:\/\/198\.51\.100\.10:3050\/$/m,
    changes: {
      "who reaches the API server, one more group of administrators, a registry to pull from, and the number of nodes":
        {
          cluster: {
            authorizedCidrs: ["203.0.113.0/24", "198.51.100.0/24"],
            admins: ["00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-00000000000a"],
            containerRegistry:
              "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shared/providers/Microsoft.ContainerRegistry/registries/mirror",
            nodes: { min: 3, max: 9 },
          },
          updates: [
            /~ +azure-native:containerservice:ManagedCluster multi-client updated/,
            ...["admin", "registry"].map(
              (grant) =>
                new RegExp(
                  `\\+ +azure-native:authorization:RoleAssignment multi-client-${grant}\\S* created`,
                ),
            ),
            /~ +azure-native:containerservice:AgentPool \S+ updated/,
          ],
          // The administrators change the cluster as well.
          shows: [/"authorizedIPRanges":\[[^\]]*198\.51\.100\.0\/24/],
        },
      "the next minor version": {
        cluster: { kubernetesVersion: "1.36" },
        updates: [/~ +azure-native:containerservice:ManagedCluster multi-client updated/, snapshotted],
      },
    },
    stranger: {
      caller: "tenant:00000000-0000-0000-0000-00000000000f",
      says: /The access token is from the wrong issuer/,
    },
  });
});
