// One change of one field of the rendered program for each rule.
import type { Resource } from "../../policy/rules/rule.ts";

/** A change of one field, and the resource that has it. */
export interface Mutation {
  readonly rule: string;
  readonly stack: string;
  /** The end of the type token. */
  readonly type: string;
  readonly name: string;
  /** The keys of the field one by one, or joined by dots; `protect` and `retainOnDelete` are options. */
  readonly path: string | readonly string[];
  /** `undefined` removes the field. */
  readonly value: unknown;
  /** The program does not satisfy the rule, and does after the change. @default it is the other way around */
  readonly mends?: true;
  /** Another type for the resource. @default its own */
  readonly as?: string;
}

/** A resource in which one field has another value. */
export function changed(resource: Resource, { path, value, as }: Mutation): Resource {
  if (path === "protect" || path === "retainOnDelete") return { ...resource, [path]: value };
  const copy = { ...structuredClone(resource), ...(as !== undefined && { type: as }) };
  const keys = typeof path === "string" ? path.split(".") : [...path];
  const last = keys.pop() ?? "";
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  const holder = keys.reduce<any>((found, key) => (found[key] ??= {}), copy.inputs);
  if (value === undefined) Reflect.deleteProperty(holder, last);
  else holder[last] = value;
  return copy;
}

type Row = readonly [rule: string, path: Mutation["path"], value?: unknown, mends?: "mends"];

const of = (stack: string, type: string, name: string, rows: readonly Row[]): Mutation[] =>
  rows.map(([rule, path, value, mends]) => {
    return { rule, stack, type, name, path, value, ...(mends && { mends: true }) };
  });
const spec = "spec.template.spec";
const container = `${spec}.containers.0`;

export const mutations: readonly Mutation[] = [
  ...of("prod", "Deployment", "worker", [
    ["non-root", `${container}.securityContext.runAsNonRoot`, false],
    ["no-privilege-escalation", `${container}.securityContext.allowPrivilegeEscalation`],
    ["read-only-root", `${container}.securityContext.readOnlyRootFilesystem`, false],
    ["no-capabilities", `${container}.securityContext.capabilities.drop`, []],
    ["no-capabilities", `${container}.securityContext.capabilities.add`, ["SYS_ADMIN"]],
    ["seccomp", `${container}.securityContext.seccompProfile.type`, "Unconfined"],
    ["no-host-access", `${container}.securityContext`, { privileged: true }],
    ["no-host-access", `${spec}.hostNetwork`, true],
    ["no-host-access", `${spec}.hostPID`, true],
    ["no-host-access", `${spec}.hostIPC`, true],
    ["no-host-access", `${spec}.volumes.0`, { name: "tmp", hostPath: { path: "/" } }],
    ["no-host-access", `${container}.ports`, [{ containerPort: 1, hostPort: 1 }]],
    ["resources", `${container}.resources.requests.cpu`],
    ["resources", `${container}.resources.requests.memory`],
    ["resources", `${container}.resources.limits.memory`],
    ["cpu-limit", `${container}.resources.limits.cpu`, "1", "mends"],
    ["readiness-probe", `${container}.readinessProbe`],
    ["liveness-probe", `${container}.ports`, [{ containerPort: 1 }]],
    ["image-digest", `${container}.image`, "redis:latest"],
    ["trusted-registry", `${container}.image`, "redis:8", "mends"],
    ["pull-policy-always", `${container}.imagePullPolicy`, "Always", "mends"],
    ["high-user-id", `${spec}.securityContext.runAsUser`, 10_001, "mends"],
    ["high-user-id", `${spec}.securityContext.runAsGroup`, 10_001, "mends"],
    ["own-service-account", `${spec}.serviceAccountName`],
    ["no-account-token", `${spec}.automountServiceAccountToken`, true],
    ["no-plain-secret", `${container}.env`, [{ name: "API_TOKEN", value: "x" }]],
    ["secrets-as-files", `${container}.env`, [{ name: "A", valueFrom: { secretKeyRef: { name: "b" } } }]],
    ["secrets-as-files", `${container}.envFrom`, [{ secretRef: { name: "b" } }]],
    ["own-namespace", "metadata.namespace", "default"],
    ["labels", ["metadata", "labels", "app.kubernetes.io/part-of"]],
    ["stable-api", "apiVersion", "apps/v1beta1"],
    ["default-deny", "metadata.namespace", "another"],
    ["several-pods", ["metadata", "annotations", "multi-client/single-pod"]],
    ["disruption-budget", "spec.replicas", 2],
  ]),
  ...of("prod", "Deployment", "client", [
    ["readiness-probe", `${container}.readinessProbe`],
    ["liveness-probe", `${container}.livenessProbe`],
  ]),
  ...of("prod", "StatefulSet", "redis", [["trusted-registry", `${container}.image`, "example.test/redis:8"]]),
  ...of("prod", "ServiceAccount", "client", [["no-account-token", "automountServiceAccountToken", true]]),
  // The program has no such object: another one takes its type.
  ...of("prod", "ServiceAccount", "client", [["no-cluster-admin", "roleRef", { name: "cluster-admin" }]]).map(
    (row) => ({ ...row, as: "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding" }),
  ),
  ...of("prod", "Namespace", "multi-client", [
    ["pod-security", ["metadata", "labels", "pod-security.kubernetes.io/enforce"], "baseline"],
    ["labels", ["metadata", "labels", "app.kubernetes.io/part-of"]],
    ["data-protected", "protect", false],
  ]),
  ...of("prod", "Service", "server", [
    ["no-exposed-service", "spec.type", "NodePort"],
    ["no-exposed-service", "spec.type", "LoadBalancer"],
    ["no-exposed-service", "spec.externalIPs", ["192.0.2.1"]],
  ]),
  ...of("prod", "NetworkPolicy", "server", [
    ["named-peers", "spec.ingress.0.from"],
    ["named-peers", "spec.egress.0.to", [{ ipBlock: { cidr: "0.0.0.0/0" } }]],
    ["named-peers", "spec.egress.0.to", [{ ipBlock: { cidr: "0.0.0.0/0", except: ["192.0.2.0/24"] } }]],
    ["named-peers", "spec.egress.0.to", ["0.0.0.0/1", "128.0.0.0/1"].map((cidr) => ({ ipBlock: { cidr } }))],
  ]),
  ...of("prod", "NetworkPolicy", "default-deny", [["default-deny", "spec.policyTypes", ["Ingress"]]]),
  ...of("prod", "IngressClassParams", "multi-client", [
    ["edge-tls", "spec.certificateARNs", ["arn:aws:acm:eu-central-1:111122223333:certificate/1"], "mends"],
  ]),
  ...of("prod", "Ingress", "client", [["edge-tls", "spec.tls", [{ secretName: "a" }], "mends"]]),
  ...of("prod-gke", "Gateway", "client", [["edge-tls", "spec.listeners.0.protocol", "HTTPS", "mends"]]),
  ...of("prod", "HorizontalPodAutoscaler", "client", [
    ["several-pods", "spec.minReplicas", 1],
    ["autoscaler-bounds", "spec.minReplicas", 1],
    ["autoscaler-bounds", "spec.maxReplicas", 2],
  ]),
  ...of("prod", "PodDisruptionBudget", "client", [
    ["disruption-budget", "spec.maxUnavailable", 0],
    ["disruption-budget", "spec.selector.matchLabels.component", "server"],
  ]),
  ...of("prod", "PersistentVolumeClaim", "redis-data", [
    ["data-protected", "protect", false],
    ["data-retained", "retainOnDelete", false],
  ]),
  ...of("prod", "Stash", "postgres-password", [["data-protected", "protect", false]]),
  ...of("prod-aks", "ResourceGroup", "multi-client-disks", [
    ["data-protected", "protect", false],
    ["data-retained", "retainOnDelete", false],
    ["owner-and-cost", "tags.owner"],
  ]),
  ...of("prod", "StorageClass", "multi-client", [
    ["durable-storage", "reclaimPolicy", "Delete"],
    ["durable-storage", "allowVolumeExpansion", false],
    ["durable-storage", "volumeBindingMode", "Immediate"],
    ["durable-storage", "parameters.encrypted", "false"],
  ]),
  ...of("prod", "eks/cluster:Cluster", "multi-client", [
    ["data-protected", "protect", false],
    ["no-open-control-plane", "vpcConfig.publicAccessCidrs", ["0.0.0.0/0"]],
    ["no-open-control-plane", "vpcConfig.publicAccessCidrs", ["0.0.0.0/1", "128.0.0.0/1"]],
    ["no-open-control-plane", "vpcConfig.publicAccessCidrs"],
    ["private-control-plane", "vpcConfig.endpointPublicAccess", false, "mends"],
    ["no-shared-credentials", "accessConfig.authenticationMode", "API_AND_CONFIG_MAP"],
    ["no-shared-credentials", "accessConfig.bootstrapClusterCreatorAdminPermissions"],
    ["encrypted-secrets", "encryptionConfig.provider.keyArn"],
    ["encrypted-secrets", "encryptionConfig.resources", []],
    ["deletion-protection", "deletionProtection", false],
    ["audit-log", "enabledClusterLogTypes", ["api"]],
    ["owner-and-cost", ["tags", "cost-centre"], ""],
  ]),
  ...of("prod", "kms/key:Key", "multi-client", [
    ["data-protected", "protect", false],
    ["rotated-keys", "enableKeyRotation"],
    ["rotated-keys", "deletionWindowInDays", 7],
  ]),
  ...of("prod-gke", "storage/bucket:Bucket", "multi-client-backups", [
    ["data-protected", "protect", false],
    ["data-retained", "retainOnDelete", false],
    ["bucket-private", "publicAccessPrevention", "inherited"],
    ["bucket-private", "uniformBucketLevelAccess", false],
    ["bucket-versions", "versioning.enabled", false],
  ]),
  ...of("prod-gke", "BucketIAMMember", "multi-client-backups", [["least-privilege", "role", "roles/editor"]]),
  ...of("prod", "s3/bucket:Bucket", "multi-client-backups", [
    ["data-protected", "protect", false],
    ["data-retained", "retainOnDelete", false],
    ["owner-and-cost", ["tags", "owner"], ""],
  ]),
  ...of("prod", "BucketPublicAccessBlock", "multi-client-backups", [
    ["bucket-private", "blockPublicPolicy", false],
  ]),
  ...of("prod", "BucketVersioning", "multi-client-backups", [
    ["bucket-versions", "versioningConfiguration.status", "Suspended"],
  ]),
  ...of("prod", "LogGroup", "multi-client", [["log-retention", "retentionInDays", 30]]),
  ...of("prod", "FlowLog", "multi-client", [["flow-log", "trafficType", "REJECT"]]),
  ...of("prod", "Subnet", "multi-client-private-eu-central-1a", [
    ["private-nodes", "mapPublicIpOnLaunch", true],
  ]),
  ...of("prod", "DefaultSecurityGroup", "multi-client", [
    ["closed-by-default", "ingress", [{ protocol: "-1" }]],
    ["closed-by-default", "egress"],
  ]),
  ...of("prod", "iam/role:Role", "multi-client-node", [
    ["least-privilege", "assumeRolePolicy", '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"}}]}'],
  ]),
  ...of("prod", "RolePolicy", "multi-client-flow", [
    ["least-privilege", "policy", '{"Statement":[{"Effect":"Allow","Action":["*"],"Resource":"a"}]}'],
    ["least-privilege", "policy", '{"Statement":[{"Effect":"Allow","Action":["a"],"Resource":"*"}]}'],
  ]),
  ...of("prod", "RolePolicyAttachment", "multi-client-node-AmazonEKSWorkerNodeMinimalPolicy", [
    ["least-privilege", "policyArn", "arn:aws:iam::aws:policy/AdministratorAccess"],
  ]),
  ...of("prod", "AccessPolicyAssociation", "multi-client-platform", [
    [
      "scoped-administrators",
      "policyArn",
      "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
      "mends",
    ],
  ]),
  ...of("prod-aks", "ManagedCluster", "multi-client", [
    ["no-open-control-plane", "apiServerAccessProfile.authorizedIPRanges", []],
    ["private-control-plane", "apiServerAccessProfile.enablePrivateCluster", true, "mends"],
    ["no-shared-credentials", "disableLocalAccounts", false],
    ["encrypted-secrets", "securityProfile.azureKeyVaultKms", { enabled: true }, "mends"],
    ["encrypted-nodes", "agentPoolProfiles.0.enableEncryptionAtHost"],
    ["private-nodes", "agentPoolProfiles.0.enableNodePublicIP", true],
  ]),
  ...of("prod-aks", "AgentPool", "multi-client-user", [
    ["encrypted-nodes", "enableEncryptionAtHost", false],
    ["private-nodes", "enableNodePublicIP"],
  ]),
  ...of("prod-aks", "ManagementLockByScope", "multi-client-lock", [
    ["deletion-protection", "level", "ReadOnly"],
  ]),
  ...of("prod-aks", "DiagnosticSetting", "multi-client-log", [["audit-log", "logs.0.enabled", false]]),
  ...of("prod-aks", "Workspace", "multi-client-log", [["log-retention", "retentionInDays", 30]]),
  // The program has no such resource either.
  ...of("prod-aks", "Workspace", "multi-client-log", [["flow-log", "enabled", true, "mends"]]).map((row) => ({
    ...row,
    as: "azure-native:network:FlowLog",
  })),
  ...of("prod-aks", "Subnet", "multi-client-nodes", [["private-nodes", "defaultOutboundAccess"]]),
  ...of("prod-aks", "RoleAssignment", "multi-client-disks", [
    ["least-privilege", "roleDefinitionId", "/roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7", "mends"],
    ["scoped-administrators", "roleDefinitionId", "/roleDefinitions/b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"],
  ]),
  ...of("prod-gke", "container/cluster:Cluster", "multi-client", [
    ["no-open-control-plane", "controlPlaneEndpointsConfig.ipEndpointsConfig.enabled", true],
    [
      "private-control-plane",
      "controlPlaneEndpointsConfig.dnsEndpointConfig.allowExternalTraffic",
      false,
      "mends",
    ],
    ["no-shared-credentials", "anonymousAuthenticationConfig.mode", "ENABLED"],
    ["encrypted-secrets", "databaseEncryption.state", "DECRYPTED"],
    ["encrypted-secrets", "databaseEncryption.keyName"],
    ["deletion-protection", "deletionProtection"],
    ["audit-log", "loggingConfig.enableComponents", ["WORKLOADS"]],
    ["private-nodes", "privateClusterConfig.enablePrivateNodes", false],
    ["owner-and-cost", "resourceLabels.owner"],
  ]),
  ...of("prod-gke", "CryptoKey", "multi-client", [
    ["data-protected", "protect", false],
    ["rotated-keys", "rotationPeriod", "31536000s"],
    ["owner-and-cost", "labels.owner"],
  ]),
  ...of("prod-gke", "Subnetwork", "multi-client", [["flow-log", "logConfig"]]),
  ...of("prod-gke", "compute/network:Network", "multi-client", [
    ["closed-by-default", "autoCreateSubnetworks", true],
  ]),
  ...of("prod-gke", "IAMMember", "multi-client-admin-group:platform@example.com", [
    ["scoped-administrators", "condition"],
    ["least-privilege", "role", "roles/editor"],
  ]),
];
