/** What leads to the API server of a managed cluster. */
export interface ApiServer {
  /** Name of the cluster: also of the context and of the user entry. */
  readonly name: string;
  /** `https://` URL. */
  readonly server: string;
  /** PEM in base64. @default an authority that every computer trusts */
  readonly certificateAuthority?: string | undefined;
}

/** A program that prints an ExecCredential: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins */
export interface ExecPlugin {
  readonly command: string;
  readonly args?: readonly string[];
  /** Whether the program is told of the cluster. @default false */
  readonly provideClusterInfo?: boolean;
  readonly installHint: string;
}

/**
 * A kubeconfig of one context in which nothing is secret and nothing belongs to one person: no token, no profile, no
 * path. Whoever runs it logs in to the cloud as they always do. JSON, which is YAML.
 */
export function execKubeconfig(
  { name, server, certificateAuthority }: ApiServer,
  { command, args, provideClusterInfo = false, installHint }: ExecPlugin,
): string {
  const cluster = {
    server,
    ...(certificateAuthority !== undefined && { "certificate-authority-data": certificateAuthority }),
  };
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1beta1",
    command,
    ...(args !== undefined && { args }),
    interactiveMode: "Never",
    provideClusterInfo,
    installHint,
  };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster }],
    users: [{ name, user: { exec } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  });
}

/** `aws eks get-token`: https://docs.aws.amazon.com/cli/latest/reference/eks/get-token.html */
export const awsPlugin = (cluster: string, region: string): ExecPlugin => ({
  command: "aws",
  args: ["eks", "get-token", "--cluster-name", cluster, "--region", region, "--output", "json"],
  installHint: "Install the AWS CLI, version 2, and log in: https://docs.aws.amazon.com/cli/",
});

/** The application that every AKS cluster trusts: https://azure.github.io/kubelogin/concepts/aks.html */
const aksServerId = "6dae42f8-4368-4678-94ff-3960e28e3630";

/** kubelogin with the login of the Azure CLI, which a laptop has and a pipeline gets from `azure/login`. */
export const kubelogin: ExecPlugin = {
  command: "kubelogin",
  args: ["get-token", "--login", "azurecli", "--server-id", aksServerId],
  installHint: "Install kubelogin (az aks install-cli) and log in: az login",
};

/** https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl#install_plugin */
export const gkePlugin: ExecPlugin = {
  command: "gke-gcloud-auth-plugin",
  provideClusterInfo: true,
  installHint: "gcloud components install gke-gcloud-auth-plugin, and log in: gcloud auth login",
};
