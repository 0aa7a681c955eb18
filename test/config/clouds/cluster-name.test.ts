import assert from "node:assert/strict";
import { renderProgram, stackConfig } from "../../../render/program.ts";

/**
 * Shortest and longest names that the clouds take. Sources:
 * https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html,
 * https://docs.cloud.google.com/iam/docs/service-accounts-create, and the API references of the others.
 */
const limits: Readonly<Record<string, readonly [least: number, most: number]>> = {
  "aws:iam/role:Role": [1, 64],
  "aws:iam/rolePolicy:RolePolicy": [1, 128],
  "azure-native:authorization:ManagementLockByScope": [1, 90],
  "azure-native:containerservice:ManagedCluster": [1, 63],
  "azure-native:managedidentity:UserAssignedIdentity": [3, 128],
  "azure-native:network:NatGateway": [1, 80],
  "azure-native:network:PublicIPAddress": [1, 80],
  // AKS makes labels of nodes of these three: https://learn.microsoft.com/azure/aks/azure-cni-overlay.
  "azure-native:network:Subnet": [1, 63],
  "azure-native:network:VirtualNetwork": [2, 63],
  "azure-native:resources:ResourceGroup": [1, 63],
  "azure-native:operationalinsights:Workspace": [4, 63],
  "gcp:compute/network:Network": [1, 63],
  "gcp:compute/router:Router": [1, 63],
  "gcp:compute/routerNat:RouterNat": [2, 63],
  "gcp:compute/subnetwork:Subnetwork": [1, 63],
  "gcp:container/cluster:Cluster": [1, 40],
  "gcp:kms/cryptoKey:CryptoKey": [1, 63],
  "gcp:kms/keyRing:KeyRing": [1, 63],
  "gcp:serviceaccount/account:Account": [6, 30],
};
/** The characters that are added to a name: `-` and seven digits, on Azure eight. */
const ADDED = 8;

describe("cluster.name, which is in every name of the clouds", () => {
  for (const stack of ["prod", "prod-aks", "prod-gke"])
    for (const name of ["a", "a".repeat(20)])
      it(`may have ${name.length.toString()} characters in ${stack}`, async () => {
        const config = stackConfig(stack);
        const cluster = config["multi-client:cluster"] as object;
        const { resources } = await renderProgram(stack, {
          ...config,
          "multi-client:cluster": { ...cluster, name },
        });
        const named = resources.filter(({ type }) => type in limits);
        assert.ok(named.length >= 3);
        for (const { type, name: before } of named) {
          const [least, most] = limits[type] ?? [0, 0];
          const length = before.length + ADDED;
          assert.ok(length >= least && length <= most, `${type} ${before}: ${String(length)} characters`);
        }
      });

  it("fits twice into the name of the group of AKS's nodes, with the longest name of a region", () => {
    const once = "a".repeat(20 + ADDED);
    assert.ok(`MC_${once}_${once}_germanywestcentral`.length <= 80);
  });
});
