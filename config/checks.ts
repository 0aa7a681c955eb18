import { createPrivateKey, X509Certificate } from "node:crypto";
import { hasDigest, resolveImage } from "../components/kubernetes/image.ts";
import { isPrivate, type KubeContext } from "../components/kubernetes/kubeconfig.ts";
import { quantityValue } from "../components/kubernetes/quantity.ts";
import type { Services } from "../components/service.ts";
import {
  contextName,
  isLocal,
  type ClusterConfig,
  type Config,
  type ExposureConfig,
  type Scale,
  isManaged,
  type ServiceSettings,
} from "../config.ts";
import { autopilotProblems } from "./autopilot.ts";
import { managedExposureProblems, managedProblems, type ManagedFacts } from "./managed-checks.ts";
import { removeCommand, setCommand, settingKey, shown, type Problem } from "./problems.ts";

/** What the checks know beside the settings. */
export interface Facts extends ManagedFacts {
  /** Sections of the configuration that hold a secret: their values are never shown. */
  readonly secretSections: readonly string[];
  /** Whether the stack file disables the default Kubernetes provider. */
  readonly defaultProviderDisabled: boolean;
  /** Contexts of the kubeconfig. */
  readonly contexts: readonly KubeContext[];
  /** Where they were read from, for messages. */
  readonly kubeconfig: string;
}

/** Checks that need more than one setting. A section that could not be read is not checked further. */
export function crossChecks(config: Partial<Config>, services: Services, facts: Facts): Problem[] {
  const { cluster, exposure, services: settings = {}, images, namespace } = config;
  const local = cluster && isLocal(cluster);
  return [
    ...(facts.defaultProviderDisabled ? [] : [defaultProviderProblem]),
    ...(cluster ? clusterProblems(cluster, facts) : []),
    ...(cluster && exposure && isManaged(cluster)
      ? managedExposureProblems(cluster, exposure, facts.account)
      : []),
    ...(exposure ? exposureProblems(exposure, cluster, facts) : []),
    ...(namespace !== undefined && /^(default$|kube-)/.test(namespace)
      ? [
          problem(
            ["namespace"],
            namespace,
            "a namespace of its own: Kubernetes itself makes this one",
            "multi-client",
          ),
        ]
      : []),
    ...(images && local === false ? digestProblems(images, services) : []),
    ...(cluster?.provider === "gke" ? autopilotProblems(services, settings) : []),
    ...Object.entries(settings).flatMap(([key, value]) => [
      ...(value?.scale ? scaleProblems(key, value.scale, services) : []),
      ...(value?.resources ? resourceProblems(key, value.resources, services) : []),
      ...(value?.storage &&
      !(quantityValue(value.storage.size) >= 1 && quantityValue(value.storage.size) < 2 ** 63)
        ? [problem(["services", key, "storage", "size"], value.storage.size, "between 1 byte and 8Ei", "2Gi")]
        : []),
    ]),
  ];
}

const defaultProviderProblem: Problem = {
  key: "pulumi:disable-default-providers",
  found: "no list with kubernetes in it",
  expected: "kubernetes: a forgotten provider must fail, not use the current context",
  fix: "pulumi config set --path 'pulumi:disable-default-providers[0]' kubernetes",
};

function problem(path: readonly string[], found: unknown, expected: string, example: string): Problem {
  return { key: settingKey(path), found: shown(found), expected, fix: setCommand(path, example) };
}

/** The guard: the context must exist, and be what the stack file says it is. */
function clusterProblems(cluster: ClusterConfig, facts: Facts): Problem[] {
  if (isManaged(cluster)) return managedProblems(cluster, facts);
  const { contexts, kubeconfig } = facts;
  const isMinikube = cluster.provider === "minikube";
  const name = contextName(cluster) ?? "";
  const path = ["cluster", isMinikube ? "profile" : "context"];
  const problems: Problem[] = [];
  if (isMinikube && cluster.driver === "none" && name !== "minikube") {
    problems.push(problem(path, name, "minikube: the driver none has no profiles", "minikube"));
  }
  const context = contexts.find((c) => c.name === name);
  if (!context) {
    const others = contexts.map((c) => c.name).join(", ") || "none";
    return [
      ...problems,
      {
        key: settingKey(path),
        found: `${shown(name)}, which is no context in ${kubeconfig} (there: ${others})`,
        expected: isMinikube ? "the context of a started minikube" : "a context of the kubeconfig",
        fix: isMinikube ? `minikube start -p ${name}` : setCommand(path, "CONTEXT"),
      },
    ];
  }
  if (isMinikube && !context.minikube) {
    problems.push({
      key: settingKey(path),
      found: `context ${shown(name)} at ${context.server}, which is not marked as minikube's`,
      expected: "a context that minikube wrote",
      fix: `${setCommand(path, "minikube")}, or for another local cluster ${setCommand(["cluster", "provider"], "existing")}`,
    });
  }
  if (!isMinikube && cluster.local && !isPrivate(context.server)) {
    problems.push({
      key: "multi-client:cluster.local",
      found: `true, but context ${shown(name)} is at ${context.server}`,
      expected: "false for a cluster that is not on this computer or a private network",
      fix: setCommand(["cluster", "local"], "false"),
    });
  }
  return problems;
}

function exposureProblems(
  exposure: ExposureConfig,
  cluster: ClusterConfig | undefined,
  facts: Facts,
): Problem[] {
  const local = cluster && isLocal(cluster);
  const managed = cluster && isManaged(cluster);
  const { type, nodePort, host, tls, certificate } = exposure;
  const problems: Problem[] = [];
  if (nodePort !== undefined && type !== "nodePort") {
    problems.push({
      ...problem(["exposure", "nodePort"], nodePort, `nothing: exposure.type is ${type}`, ""),
      fix: removeCommand(["exposure", "nodePort"]),
    });
  }
  if (type === "nodePort" && local === false && managed === false) {
    const expected =
      "clusterIP, loadBalancer or ingress: node ports are for local clusters (multi-client:cluster.local)";
    problems.push(problem(["exposure", "type"], type, expected, "clusterIP"));
  }
  if (host !== undefined && type !== "ingress" && type !== "loadBalancer" && type !== "gateway") {
    problems.push({
      ...problem(["exposure", "host"], host, `nothing: exposure.type is ${type}, to which no name leads`, ""),
      fix: removeCommand(["exposure", "host"]),
    });
  }
  if (type === "gateway" && managed === false) {
    const expected = `${local === true ? "nodePort, " : ""}clusterIP, loadBalancer or ingress: Gateways are GKE's`;
    problems.push(problem(["exposure", "type"], type, expected, "ingress"));
  }
  if (certificate !== undefined && managed === false) {
    const expected = "exposure.tls instead: certificates by name are EKS's and GKE's";
    problems.push({
      ...problem(["exposure", "certificate"], certificate, expected, ""),
      fix: removeCommand(["exposure", "certificate"]),
    });
  }
  if (tls) problems.push(...tlsProblems(tls, facts));
  return problems;
}

function tlsProblems(tls: { certificate: string; key: string }, { secretSections }: Facts): Problem[] {
  const path = ["exposure", "tls", "key"];
  const set = "pulumi config set --secret --path 'multi-client:exposure.tls.key' < key.pem";
  if (!secretSections.includes("exposure")) {
    return [{ key: settingKey(path), found: "a private key in clear text", expected: "a secret", fix: set }];
  }
  try {
    if (new X509Certificate(tls.certificate).checkPrivateKey(createPrivateKey(tls.key))) return [];
  } catch {
    // Falls through: what node:crypto says of a broken PEM would not help, and could quote it.
  }
  const expected = "the private key of exposure.tls.certificate";
  return [{ key: settingKey(path), found: "[secret], which does not fit", expected, fix: set }];
}

function digestProblems(images: Config["images"], services: Services): Problem[] {
  return Object.entries(services)
    .map(([key, { image }]) => ({ key, image: resolveImage(key, image, images) }))
    .filter(({ image }) => !hasDigest(image))
    .map(({ key, image }) =>
      problem(
        ["images", key],
        image,
        "a reference with digest: tags can move, and this cluster is not local (multi-client:cluster.local)",
        `${image}@sha256:<64 hex digits>`,
      ),
    );
}

function scaleProblems(key: string, scale: Scale, services: Services): Problem[] {
  const path = ["services", key, "scale"];
  const { replicas, min, max, cpu } = scale;
  const autoscaler = [min, max, cpu].filter((value) => value !== undefined).length;
  if (replicas === undefined ? autoscaler !== 3 : autoscaler !== 0) {
    const found = problem(path, scale, "either {replicas}, or all of {min, max, cpu}", "");
    return [{ ...found, fix: removeCommand(path) }];
  }
  const { single, storage } = services[key] ?? {};
  const reason = single ?? (storage ? "its claim belongs to one pod" : undefined);
  if (reason !== undefined && replicas !== 1) {
    return [
      {
        ...problem(path, scale, `{replicas: 1}: ${reason}`, ""),
        fix: removeCommand(path),
      },
    ];
  }
  return min !== undefined && max !== undefined && min > max
    ? [problem([...path, "max"], max, `at least scale.min, which is ${String(min)}`, String(min))]
    : [];
}

/** Kubernetes refuses a request above its limit. */
function resourceProblems(
  key: string,
  resources: NonNullable<ServiceSettings["resources"]>,
  services: Services,
): Problem[] {
  const defaults = services[key]?.resources;
  return (["cpu", "memory", "ephemeral-storage"] as const).flatMap((name) => {
    const request = resources.requests?.[name] ?? defaults?.requests?.[name];
    const limit = resources.limits?.[name] ?? defaults?.limits?.[name];
    if (request === undefined || limit === undefined || quantityValue(request) <= quantityValue(limit))
      return [];
    const at = (side: string) => ["services", key, "resources", side, name];
    const limited = `a request (${request}) that is not above the limit (${limit})`;
    // Named is what the stack file sets; where it sets both, the request.
    return [
      resources.requests?.[name] === undefined
        ? problem(at("limits"), limit, limited, request)
        : problem(at("requests"), request, `${limited}, ${settingKey(at("limits"))}`, limit),
    ];
  });
}
