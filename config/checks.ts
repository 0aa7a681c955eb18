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
  type Scale,
  isManaged,
  type ServiceSettings,
} from "./schema.ts";
import { autopilotProblems } from "./autopilot.ts";
import { managedExposureProblems, managedProblems, type ManagedFacts } from "./managed-checks.ts";
import { removeCommand, setCommand, settingKey, shown, type Problem } from "./problems.ts";
import { collectProblems, collectEach } from "./poisoned.ts";

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

/** Checks that need more than one setting. What is wrong already cannot be read, and is not checked further. */
export function crossChecks(config: Config, services: Services, facts: Facts): Problem[] {
  return collectProblems(
    () => (facts.defaultProviderDisabled ? [] : [defaultProviderProblem]),
    () => clusterProblems(config.cluster, facts),
    () => managedExposureProblems(config.cluster, config.exposure, facts.account),
    () => exposureProblems(config, facts),
    () => namespaceProblems(config.namespace),
    () => (isLocal(config.cluster) ? [] : digestProblems(config.images, services)),
    () => (config.cluster.provider === "gke" ? autopilotProblems(services, config.services) : []),
    () => Object.keys(config.services).flatMap((key) => serviceProblems(key, config.services, services)),
  );
}

function namespaceProblems(namespace: string): Problem[] {
  if (!/^(default$|kube-)/.test(namespace)) return [];
  const expected = "a namespace of its own: Kubernetes itself makes this one";
  return [problem(["namespace"], namespace, expected, "multi-client")];
}

function serviceProblems(key: string, all: Config["services"], services: Services): Problem[] {
  return collectProblems(
    () => scaleProblems(key, all[key]?.scale, services),
    () => resourceProblems(key, all[key]?.resources ?? {}, services),
    () => {
      const size = all[key]?.storage?.size;
      if (size === undefined || (quantityValue(size) >= 1 && quantityValue(size) < 2 ** 63)) return [];
      return [problem(["services", key, "storage", "size"], size, "between 1 byte and 8Ei", "2Gi")];
    },
  );
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
  const path = ["cluster", isMinikube ? "profile" : "context"];
  const named = () => {
    const name = contextName(cluster) ?? "";
    return { name, context: contexts.find((each) => each.name === name) };
  };
  return collectProblems(
    () => {
      const { name, context } = named();
      if (context) return [];
      const others = contexts.map((each) => each.name).join(", ") || "none";
      return [
        {
          key: settingKey(path),
          found: `${shown(name)}, which is no context in ${kubeconfig} (there: ${others})`,
          expected: isMinikube ? "the context of a started minikube" : "a context of the kubeconfig",
          fix: isMinikube ? `minikube start -p ${name}` : setCommand(path, "CONTEXT"),
        },
      ];
    },
    () => {
      const { name } = named();
      return isMinikube && name !== "minikube" && cluster.driver === "none"
        ? [problem(path, name, "minikube: the driver none has no profiles", "minikube")]
        : [];
    },
    () => {
      const { name, context } = named();
      if (!isMinikube || !context || context.minikube) return [];
      return [
        {
          key: settingKey(path),
          found: `context ${shown(name)} at ${context.server}, which is not marked as minikube's`,
          expected: "a context that minikube wrote",
          fix: `${setCommand(path, "minikube")}, or for another local cluster ${setCommand(["cluster", "provider"], "existing")}`,
        },
      ];
    },
    () => {
      const { name, context } = named();
      if (isMinikube || !context || isPrivate(context.server) || !cluster.local) return [];
      return [
        {
          key: "multi-client:cluster.local",
          found: `true, but context ${shown(name)} is at ${context.server}`,
          expected: "false for a cluster that is not on this computer or a private network",
          fix: setCommand(["cluster", "local"], "false"),
        },
      ];
    },
  );
}

function exposureProblems(config: Config, facts: Facts): Problem[] {
  const { exposure } = config;
  const path = (field: string) => ["exposure", field];
  const unused = (field: "nodePort" | "host" | "certificate", expected: string): Problem => ({
    ...problem(path(field), exposure[field], expected, ""),
    fix: removeCommand(path(field)),
  });
  return collectProblems(
    () =>
      exposure.nodePort !== undefined && exposure.type !== "nodePort"
        ? [unused("nodePort", `nothing: exposure.type is ${exposure.type}`)]
        : [],
    () =>
      exposure.host !== undefined && !["ingress", "loadBalancer", "gateway"].includes(exposure.type)
        ? [unused("host", `nothing: exposure.type is ${exposure.type}, to which no name leads`)]
        : [],
    () => (exposure.tls ? tlsProblems(exposure.tls, facts) : []),
    () => {
      if (exposure.type !== "nodePort" || isLocal(config.cluster) || isManaged(config.cluster)) return [];
      const expected =
        "clusterIP, loadBalancer or ingress: node ports are for local clusters (multi-client:cluster.local)";
      return [problem(path("type"), exposure.type, expected, "clusterIP")];
    },
    () => {
      if (exposure.type !== "gateway" || isManaged(config.cluster)) return [];
      const expected = `${isLocal(config.cluster) ? "nodePort, " : ""}clusterIP, loadBalancer or ingress: Gateways are GKE's`;
      return [problem(path("type"), exposure.type, expected, "ingress")];
    },
    () =>
      exposure.certificate !== undefined && !isManaged(config.cluster)
        ? [unused("certificate", "exposure.tls instead: certificates by name are EKS's and GKE's")]
        : [],
  );
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
  return collectEach(Object.entries(services), ([key, { image }]) => {
    const resolved = resolveImage(key, image, images);
    if (hasDigest(resolved)) return [];
    const expected =
      "a reference with digest: tags can move, and this cluster is not local (multi-client:cluster.local)";
    return [problem(["images", key], resolved, expected, `${resolved}@sha256:<64 hex digits>`)];
  });
}

function scaleProblems(key: string, scale: Scale | undefined, services: Services): Problem[] {
  if (scale === undefined) return [];
  const path = ["services", key, "scale"];
  const { replicas, min, max, cpu } = scale;
  const autoscaler = [min, max, cpu].filter((value) => value !== undefined).length;
  if (replicas === undefined ? autoscaler !== 3 : autoscaler !== 0) {
    const found = problem(path, scale, "either {replicas}, or all of {min, max, cpu}", "");
    return [{ ...found, fix: removeCommand(path) }];
  }
  const { singletonReason, storage } = services[key] ?? {};
  const reason = singletonReason ?? (storage ? "its claim belongs to one pod" : undefined);
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
  return collectEach(["cpu", "memory", "ephemeral-storage"] as const, (name) => {
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
