// Rules about objects of Kubernetes other than pods: namespaces, labels, and who reaches what.
import { makesPods } from "./pod-checks.ts";
import {
  advisory,
  all,
  ask,
  byType,
  either,
  exists,
  expect,
  field,
  isWide,
  items,
  mandatory,
  mandatoryIfManaged,
  read,
  types,
  unknown,
  type Resource,
  type Rule,
} from "./rule.ts";

const isObject = (type: string) => type.startsWith("kubernetes:");
/** Kinds that are in no namespace, among those that a program like this one may have. */
const clusterWide =
  /:(Namespace|StorageClass|IngressClass|IngressClassParams|GatewayClass|PersistentVolume|ClusterRole|ClusterRoleBinding|CustomResourceDefinition)$/;
const isNamespaced = (type: string) => isObject(type) && !clusterWide.test(type);
/** The namespaces of the cluster itself, and the one that an object without a namespace comes into. */
const foreignNamespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];
const namespaceOf = ({ inputs }: Resource) => read(inputs, "metadata.namespace");
const partOf = "app.kubernetes.io/part-of";

const serviceType = "kubernetes:core/v1:Service";
const networkPolicyType = "kubernetes:networking.k8s.io/v1:NetworkPolicy";

/** Tells whether a network policy allows nothing to any pod of its namespace, in both directions. */
function deniesAll({ inputs }: Resource): boolean {
  const spec = inputs.spec as Record<string, unknown> | undefined;
  const directions = items(spec?.policyTypes);
  return (
    JSON.stringify(spec?.podSelector) === "{}" &&
    ["Ingress", "Egress"].every((direction) => directions.includes(direction)) &&
    [spec?.ingress, spec?.egress].every((rules) => items(rules).length === 0)
  );
}

/** Gives a check that each rule of a network policy's direction names its peers. */
const namesPeers = (direction: string, peers: string): Rule["check"] => {
  return ({ inputs }) =>
    items(read(inputs, `spec.${direction}`)).flatMap((rule) =>
      expect(
        direction,
        read(rule, peers),
        (named) => items(named).length > 0 && !items(named).some(isEverywhere),
        `allows every address in ${direction}`,
      ),
    );
};

/** The networks that are not the internet: what is private, shared, of the host itself, or link-local. */
const notInternet = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
];

/** Tells whether a peer of a network policy is every address, or many of them with some that are not the internet's. */
const isEverywhere = (peer: unknown) => {
  const except = items(read(peer, "ipBlock.except"));
  return isWide(read(peer, "ipBlock.cidr")) && !notInternet.every((network) => except.includes(network));
};

const isNotEmpty = (list: unknown) => items(list).length > 0;

/** The rules about objects of Kubernetes that are no pods. */
export const objectRules: readonly Rule[] = [
  {
    name: "own-namespace",
    scope: "resource",
    level: mandatory,
    applies: isNamespaced,
    check: field<string>(
      "metadata.namespace",
      (namespace) => namespace !== undefined && !foreignNamespaces.includes(namespace),
      "is in no namespace of its own",
    ),
    why: "Rights, quotas and network policies are given by namespace.",
    source: "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/",
  },
  {
    name: "labels",
    scope: "resource",
    level: mandatory,
    applies: (type) => isNamespaced(type) || type === "kubernetes:core/v1:Namespace",
    check: field(
      ["metadata", "labels", partOf],
      (value) => value !== undefined && value !== "",
      `has no label ${partOf}`,
    ),
    why: "Costs, owners and leftovers are found by label.",
    source: "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/",
    admission: {
      resources: {
        // Not what the cluster itself puts into a namespace: a ConfigMap and a ServiceAccount.
        "": ["pods", "services", "persistentvolumeclaims"],
        apps: ["deployments", "statefulsets", "daemonsets"],
        "networking.k8s.io": ["networkpolicies", "ingresses"],
      },
      problem: `has no label ${partOf}`,
      offenders: `has(object.metadata.labels) && '${partOf}' in object.metadata.labels ? [] : ['the object']`,
    },
  },
  {
    name: "stable-api",
    scope: "resource",
    level: mandatory,
    applies: isObject,
    check: field<string>(
      "apiVersion",
      (version) => version !== undefined && !/v\d+(alpha|beta)\d+$/.test(version),
      "is of an alpha or beta API",
    ),
    why: "Such an API may go with the next minor version of the cluster.",
    source: "https://kubernetes.io/docs/reference/using-api/deprecation-policy/",
  },
  {
    name: "pod-security",
    scope: "resource",
    level: mandatory,
    applies: types("kubernetes:core/v1:Namespace"),
    check: field(
      ["metadata", "labels", "pod-security.kubernetes.io/enforce"],
      (level) => level === "restricted",
      "does not enforce Pod Security restricted",
    ),
    why: "The API server then refuses what this table would only report, whoever applies it.",
    source: "https://kubernetes.io/docs/concepts/security/pod-security-admission/",
  },
  {
    name: "no-exposed-service",
    scope: "resource",
    level: mandatoryIfManaged,
    applies: types(serviceType),
    check: all(
      field(
        "spec.type",
        (type) => type === undefined || type === "ClusterIP",
        "is reached from outside of the cluster",
      ),
      field(
        "spec.externalIPs",
        (addresses) => addresses === undefined,
        "takes addresses of the nodes' network",
      ),
    ),
    why: "The edge is an Ingress or a Gateway, which end TLS and are one place to look at.",
    source: "https://kyverno.io/policies/best-practices/restrict-node-port/restrict-node-port/",
    admission: {
      resources: { "": ["services"] },
      problem: "is reached from outside of the cluster",
      offenders:
        "(has(object.spec.type) && object.spec.type in ['NodePort', 'LoadBalancer'] ? ['type ' + object.spec.type] : [])" +
        " + (has(object.spec.externalIPs) && object.spec.externalIPs.size() > 0 ? ['externalIPs'] : [])",
    },
  },
  {
    name: "default-deny",
    scope: "stack",
    level: mandatoryIfManaged,
    applies: makesPods,
    check: (resource, stack) =>
      expect(
        "namespace",
        namespaceOf(resource) === unknown
          ? unknown
          : exists(
              stack,
              networkPolicyType,
              (other) => namespaceOf(other) === namespaceOf(resource) && deniesAll(other),
            ),
        Boolean,
        "is in a namespace without a policy that denies all",
      ),
    why: "Pods that no policy selects may speak to everything, so a new one starts open.",
    source: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies",
  },
  {
    name: "named-peers",
    scope: "resource",
    level: mandatory,
    applies: types(networkPolicyType),
    check: all(namesPeers("ingress", "from"), namesPeers("egress", "to")),
    why: "A rule without peers allows every address, inside and outside.",
    source: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
  },
  {
    name: "edge-tls",
    scope: "resource",
    level: advisory,
    ...byType({
      "kubernetes:networking.k8s.io/v1:Ingress": (resource, stack) =>
        expect(
          "spec.tls",
          either(
            ask(read(resource.inputs, "spec.tls"), isNotEmpty),
            exists(stack, "kubernetes:eks.amazonaws.com/v1:IngressClassParams", ({ inputs }) =>
              isNotEmpty(read(inputs, "spec.certificateARNs")),
            ),
          ),
          Boolean,
          "speaks HTTP only",
        ),
      "kubernetes:gateway.networking.k8s.io/v1:Gateway": field<{ protocol: string }[]>(
        "spec.listeners",
        (listeners) => listeners?.some(({ protocol }) => protocol === "HTTPS") === true,
        "speaks HTTP only",
      ),
    }),
    why: "Whoever is on the way reads what is not encrypted. A certificate is `exposure.certificate` or `exposure.tls`.",
    source: "https://kubernetes.io/docs/concepts/services-networking/ingress/#tls",
  },
  {
    name: "no-cluster-admin",
    scope: "resource",
    level: mandatory,
    applies: types(
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
      "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
    ),
    check: field("roleRef.name", (name) => name !== "cluster-admin", "gives all rights in the cluster"),
    why: "No service needs rights in the cluster, and nobody else gets them by this program.",
    source: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
  },
];
