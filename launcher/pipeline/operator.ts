/** What the manifests of a stack for the Pulumi Kubernetes Operator depend on. */
export interface OperatorStack {
  readonly name: string;
  /** The URL of the state, which pods can reach. */
  readonly backend: string;
  /** The URL of the repository that the operator clones, of which it deploys `main`, or the name of a GitRepository of Flux. */
  readonly source: { readonly repository: string } | { readonly flux: string };
  /** The version of the CLI. */
  readonly version: string;
  /** The state is encrypted with a passphrase, not with a key of a cloud. */
  readonly hasPassphrase: boolean;
}

/** The name of the ServiceAccount whose rights, and whose identity in a cloud, the program runs with. */
const ACCOUNT = "multi-client";
/** The Secret with the passphrase, under the key `passphrase`. */
export const PASSPHRASE = "pulumi-passphrase";
/** Seconds between two looks at a stack of which nothing changed: one takes about 10 s of work. */
const RESYNC_SECONDS = 3600;

/** The namespace of the operator's objects of a stack. */
export const operatorNamespace = (stack: string): string => `pulumi-${stack}`;

/**
 * The objects by which the Pulumi Kubernetes Operator (2.8.0 or newer) deploys a stack: the Stack, and what its pod needs.
 *
 * @see https://github.com/pulumi/pulumi-kubernetes-operator/blob/master/deploy/crds/pulumi.com_stacks.yaml
 */
export function operatorManifests(stack: OperatorStack): object[] {
  const namespace = operatorNamespace(stack.name);
  const source =
    "repository" in stack.source
      ? { projectRepo: stack.source.repository, branch: "main", shallow: true }
      : {
          fluxSource: {
            sourceRef: {
              apiVersion: "source.toolkit.fluxcd.io/v1",
              kind: "GitRepository",
              name: stack.source.flux,
            },
          },
        };
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
    },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: ACCOUNT, namespace } },
    // The operator authenticates itself to the pod by a token, which the pod has the API server review.
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: `${namespace}:auth-delegator` },
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "ClusterRole",
        name: "system:auth-delegator",
      },
      subjects: [{ kind: "ServiceAccount", name: ACCOUNT, namespace }],
    },
    {
      apiVersion: "pulumi.com/v1",
      kind: "Stack",
      metadata: { name: stack.name, namespace },
      spec: {
        serviceAccountName: ACCOUNT,
        stack: `organization/multi-client/${stack.name}`,
        ...source,
        backend: stack.backend,
        // These three look for drift and set it back.
        refresh: true,
        continueResyncOnCommitMatch: true,
        resyncFrequencySeconds: RESYNC_SECONDS,
        // A deleted Stack leaves what it deployed: make destroy asks first.
        destroyOnFinalize: false,
        useLocalStackOnly: true,
        ...(stack.hasPassphrase && {
          envRefs: {
            PULUMI_CONFIG_PASSPHRASE: {
              type: "Secret",
              secret: { name: PASSPHRASE, key: "passphrase" },
            },
          },
        }),
        workspaceTemplate: {
          spec: {
            image: `pulumi/pulumi:${stack.version}-nonroot`,
            securityProfile: "restricted",
            // A workspace that is killed for its memory leaves the lock of the stack.
            resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { memory: "2Gi" } },
          },
        },
      },
    },
  ];
}
