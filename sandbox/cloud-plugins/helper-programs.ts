import type { CloudResource } from "./simulated-account.ts";
import type { Cloud } from "./cloud-rules.ts";
import { valueAt } from "./template.ts";

/** A call of a helper program. */
export interface HelperCall {
  readonly args: readonly string[];
  /** The URL of the API server, where the kubeconfig says `provideClusterInfo`; else empty. */
  readonly server: string;
}

/** A program of a cloud that a kubeconfig calls for a credential. */
export interface HelperProgram {
  readonly cloud: Cloud;
  /** The documentation of the real program. */
  readonly source: string;
  /**
   * Finds the cluster that is asked for.
   *
   * @throws when the call is not what the real program takes, or there is no such cluster.
   */
  cluster(call: HelperCall, account: readonly CloudResource[]): CloudResource;
  /** The type of resource that lets a caller into a cluster, and whether one of them does. */
  readonly grant: {
    readonly type: string;
    lets(grant: CloudResource, caller: string, cluster: CloudResource): boolean;
  };
}

function option(args: readonly string[], name: string): string {
  const value = args[args.indexOf(name) + 1];
  if (!args.includes(name) || value === undefined)
    throw new Error(`the following argument is required: ${name}`);
  return value;
}

function only(clusters: readonly CloudResource[], what: string): CloudResource {
  const [cluster] = clusters;
  if (cluster === undefined) throw new Error(`No cluster found for ${what}`);
  return cluster;
}

/** The helper programs by their names. */
export const helperPrograms: Readonly<Record<"aws" | "kubelogin" | "gke-gcloud-auth-plugin", HelperProgram>> =
  {
    aws: {
      cloud: "aws",
      source: "https://docs.aws.amazon.com/cli/latest/reference/eks/get-token.html",
      cluster({ args }, account) {
        if (args[0] !== "eks" || args[1] !== "get-token")
          throw new Error(`only \`eks get-token\` is simulated, got ${args.join(" ")}`);
        if (option(args, "--output") !== "json") throw new Error("the kubeconfig needs --output json");
        const [name, region] = [option(args, "--cluster-name"), option(args, "--region")];
        const found = account.filter(
          ({ type, inputs, outputs }) =>
            type === "aws:eks/cluster:Cluster" &&
            inputs.name === name &&
            String(outputs.arn).split(":")[3] === region,
        );
        return only(found, `name: ${name} in region ${region}`);
      },
      grant: {
        type: "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        lets: ({ inputs }, caller, cluster) =>
          inputs.principalArn === caller &&
          inputs.clusterName === cluster.inputs.name &&
          String(inputs.policyArn).endsWith("/AmazonEKSClusterAdminPolicy"),
      },
    },
    kubelogin: {
      cloud: "azure-native",
      source: "https://azure.github.io/kubelogin/cli/get-token.html",
      cluster({ args }, account) {
        if (args[0] !== "get-token")
          throw new Error(`only \`get-token\` is simulated, got ${args.join(" ")}`);
        if (option(args, "--login") !== "azurecli") throw new Error("only --login azurecli is simulated");
        if (option(args, "--server-id") !== "6dae42f8-4368-4678-94ff-3960e28e3630")
          throw new Error(`${option(args, "--server-id")} is not the application of AKS`);
        // A token is valid for every AKS cluster of the tenant; only the API server knows which of them is meant.
        const found = account.filter(({ type }) => type === "azure-native:containerservice:ManagedCluster");
        return only(found, "this tenant");
      },
      grant: {
        type: "azure-native:authorization:RoleAssignment",
        // Azure Kubernetes Service RBAC Cluster Admin, on the cluster or on a scope above it.
        lets: ({ inputs }, caller, cluster) =>
          inputs.principalId === caller &&
          `${cluster.id}/`.startsWith(`${String(inputs.scope)}/`) &&
          String(inputs.roleDefinitionId).endsWith("/b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"),
      },
    },
    "gke-gcloud-auth-plugin": {
      cloud: "gcp",
      source:
        "https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl#install_plugin",
      cluster({ server }, account) {
        if (server === "")
          throw new Error("KUBERNETES_EXEC_INFO has no cluster: the kubeconfig needs provideClusterInfo");
        const found = account.filter(
          ({ type, outputs }) =>
            type === "gcp:container/cluster:Cluster" &&
            [outputs.endpoint, valueAt(outputs, "controlPlaneEndpointsConfig.dnsEndpointConfig.endpoint")]
              .map((host) => `https://${String(host)}`)
              .includes(server),
        );
        return only(found, server);
      },
      grant: {
        type: "gcp:projects/iAMMember:IAMMember",
        lets: ({ inputs }, caller) => inputs.member === caller && inputs.role === "roles/container.admin",
      },
    },
  };
