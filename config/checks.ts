import { hasDigest, resolveImage } from "../components/kubernetes/image.ts";
import { isPrivate } from "../components/kubernetes/server-address.ts";
import { mergeResources } from "../components/kubernetes/resources.ts";
import type { KubeContext } from "../system/kubeconfig.ts";
import { quantityValue } from "../components/kubernetes/quantity.ts";
import type { Services } from "../components/service.ts";
import { contextName, isLocal, isManaged, type Config } from "./schema.ts";
import type { Scale, ServiceSettings } from "./service-settings.ts";
import { bucketProblems } from "./bucket-checks.ts";
import { tlsProblems } from "./certificates.ts";
import { clouds, cloudsWith, type CloudFacts } from "./clouds/index.ts";
import { defaultKubernetesVersion, oldestKubernetesVersion } from "./kubernetes-versions.ts";
import { managedExposureProblems, managedProblems } from "./managed-checks.ts";
import {
  commands,
  either,
  problem,
  setCommand,
  settingKey,
  settingProblem,
  shown,
  surplus,
  together,
  removeCommand,
  type Problem,
} from "./problems.ts";
import { setConfig } from "../system/shell-command.ts";
import { collectProblems, collectEach } from "./poisoned.ts";

/** The facts that the checks know beside the settings. */
export interface Facts extends Omit<CloudFacts, "services" | "overrides"> {
  readonly now: Date;
  /** The sections of the configuration that hold a secret: their values are never shown. */
  readonly secretSections: readonly string[];
  /** The stack file disables the default Kubernetes provider. */
  readonly defaultProviderDisabled: boolean;
  /** The contexts of the kubeconfig. */
  readonly contexts: readonly KubeContext[];
  /** The files that they were read from, for messages. */
  readonly kubeconfig: string;
  /** The stack is that of `make drill`: it holds a copy of the data, which may go wherever its cluster is. */
  readonly isDrill: boolean;
}

/** A check of a configuration. One that reads a setting which is refused already ends there: see `poisoned.ts`. */
type Check = (config: Config, services: Services, facts: Facts) => readonly Problem[];

/** The checks that need more than one setting. `validate` runs each by itself: none can hide another. */
export const crossChecks: readonly Check[] = [
  (_, __, { defaultProviderDisabled }) => (defaultProviderDisabled ? [] : [defaultProviderProblem]),
  clusterProblems,
  ({ cluster, exposure }, _, { account }) =>
    isManaged(cluster) ? managedExposureProblems(cluster, exposure, account) : [],
  exposureProblems,
  ({ namespace }) => namespaceProblems(namespace),
  ({ cluster, backup }, services) => bucketProblems(backup, cluster, services),
  ({ cluster, images }, services) => (isLocal(cluster) ? [] : digestProblems(images, services)),
  ({ cluster, images }) => (isLocal(cluster) ? [] : localRegistryProblems(images)),
  ({ services: settings }, services) =>
    Object.keys(settings).flatMap((key) => serviceProblems(key, settings, services)),
];

function namespaceProblems(namespace: string): Problem[] {
  if (!/^(default$|kube-)/.test(namespace)) return [];
  const expected = "a namespace of its own: Kubernetes itself makes this one";
  return [problem(["namespace"], namespace, expected, "multi-client")];
}

function serviceProblems(key: string, all: Config["services"], services: Services): Problem[] {
  return collectProblems(
    () => scaleProblems(key, all[key]?.scale, services),
    () => resourceProblems(key, all[key]?.resources ?? {}, services),
    () => utilisationProblems(key, all[key], services),
  );
}

const defaultProviderProblem: Problem = {
  key: "pulumi:disable-default-providers",
  found: "no list with kubernetes in it",
  expected: "kubernetes: a forgotten provider must fail, not use the current context",
  fix: commands(setConfig("pulumi:disable-default-providers[0]", "kubernetes", true)),
};

/** The guard: the context must exist, and be what the stack file says it is. A managed cluster has checks of its own. */
function clusterProblems(config: Config, services: Services, facts: Facts): Problem[] {
  const { cluster } = config;
  // Read where it is needed only: `services` may be poisoned.
  const overrides = () => config.services;
  if (isManaged(cluster)) return managedProblems(cluster, { ...facts, services, overrides });
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
      if (context && (context.minikube || !isMinikube)) return [];
      const others = contexts.map((each) => each.name).join(", ") || "none";
      const missing = `${shown(name)}, which is no context in ${kubeconfig} (there: ${others})`;
      if (!context && isMinikube)
        return [
          settingProblem(
            path,
            missing,
            "the context of a started minikube",
            commands({ verb: "minikube start", words: ["-p", name] }),
          ),
        ];
      if (!context)
        return [settingProblem(path, missing, "a context of the kubeconfig", setCommand(path, "<context>"))];
      const found = `context ${shown(name)} at ${context.server}, which is not marked as minikube's`;
      const existing = together(
        setCommand(["cluster", "provider"], "existing"),
        setCommand(["cluster", "context"], name),
        setCommand(["cluster", "local"], true),
        removeCommand(path),
      );
      const fix = either(setCommand(path, "minikube"), `where ${name} is another local cluster`, existing);
      return [settingProblem(path, found, "a context that minikube wrote", fix)];
    },
    () => {
      const { name } = named();
      return isMinikube && name !== "minikube" && cluster.driver === "none"
        ? [problem(path, name, "minikube: the driver none has no profiles", "minikube")]
        : [];
    },
    () => (cluster.provider === "minikube" ? ageProblems(cluster.kubernetesVersion) : []),
    () => {
      const { name, context } = named();
      if (isMinikube || !context || isPrivate(context.server) || !cluster.local) return [];
      if (facts.isDrill) return [];
      const local = ["cluster", "local"];
      const found = `true, but context ${shown(name)} is at ${context.server}`;
      const expected = "false for a cluster that is not on this computer or a private network";
      return [settingProblem(local, found, expected, setCommand(local, false))];
    },
  );
}

/** Problems with the version that minikube is started with. @param version none where minikube chooses */
function ageProblems(version: string | undefined): Problem[] {
  const minor = (of: string) => Number(of.split(".")[1]);
  if (version === undefined || minor(version) >= minor(oldestKubernetesVersion)) return [];
  const expected = `${oldestKubernetesVersion} or later: before, no preStop hook of a pod can sleep`;
  return [problem(["cluster", "kubernetesVersion"], version, expected, defaultKubernetesVersion)];
}

function exposureProblems(config: Config, _: Services, facts: Facts): Problem[] {
  const { exposure } = config;
  const remove = (field: "nodePort" | "host" | "certificate", expected: string): Problem[] =>
    exposure[field] === undefined ? [] : [surplus(["exposure", field], exposure[field], expected)];
  const refuse = (expected: string, example: string): Problem[] => [
    problem(["exposure", "type"], exposure.type, expected, example),
  ];
  return collectProblems(
    () =>
      exposure.type === "nodePort"
        ? []
        : remove("nodePort", `nothing: exposure.type is ${exposure.type} here`),
    () => {
      if (["ingress", "loadBalancer", "gateway"].includes(exposure.type)) return [];
      return remove("host", `nothing: exposure.type is ${exposure.type} here, to which no name leads`);
    },
    () => {
      const { host = "" } = exposure;
      if (!/(^|\.)localhost$/.test(host) || isLocal(config.cluster)) return [];
      const expected = "a name that leads to the cluster: this one is not local (multi-client:cluster.local)";
      return [problem(["exposure", "host"], host, expected, "<your host name>")];
    },
    () => (exposure.tls ? tlsProblems(exposure.tls, facts.secretSections.includes("exposure")) : []),
    () => {
      if (exposure.type !== "nodePort" || isLocal(config.cluster) || isManaged(config.cluster)) return [];
      const others = "public, clusterIP, loadBalancer or ingress";
      return refuse(`${others}: node ports are for local clusters (multi-client:cluster.local)`, "clusterIP");
    },
    () => {
      if (exposure.type !== "gateway" || isManaged(config.cluster)) return [];
      const nodePort = isLocal(config.cluster) ? "nodePort, " : "";
      return refuse(
        `public, ${nodePort}clusterIP, loadBalancer or ingress: a Gateway needs ${cloudsWith(({ edge }) => edge.type === "gateway")}`,
        "public",
      );
    },
    () => {
      if (isManaged(config.cluster) || exposure.plainHttp !== true) return [];
      const expected = `nothing: only clusters that the stack makes are asked (${Object.keys(clouds).join(", ")})`;
      return [surplus(["exposure", "plainHttp"], true, expected)];
    },
    () => {
      if (isManaged(config.cluster)) return [];
      return remove(
        "certificate",
        `exposure.tls instead: a certificate by name needs ${cloudsWith(({ edge }) => edge.certificate !== undefined)}`,
      );
    },
  );
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

/** Nodes elsewhere have another `localhost`. */
function localRegistryProblems(images: Config["images"]): Problem[] {
  const references = Object.keys(images).filter((key) => key !== "pullSecret");
  return collectEach(references, (key) => {
    const image = images[key] ?? "";
    if (!/^(localhost|127\.[\d.]+)(:|\/|$)/.test(image)) return [];
    const expected =
      "a registry that the nodes reach: this cluster is not local (multi-client:cluster.local)";
    const rest = image.replace(/^[^/]+/, "");
    return [problem(["images", key], image, expected, `registry.example.com${rest}`)];
  });
}

function scaleProblems(key: string, scale: Scale | undefined, services: Services): Problem[] {
  if (scale === undefined) return [];
  const path = ["services", key, "scale"];
  const { replicas, min, max, cpu } = scale;
  const autoscaler = [min, max, cpu].filter((value) => value !== undefined).length;
  if (replicas === undefined ? autoscaler !== 3 : autoscaler !== 0) {
    return [surplus(path, scale, "either {replicas}, or all of {min, max, cpu}")];
  }
  const { singletonReason, storage } = services[key] ?? {};
  const reason = singletonReason ?? (storage ? "its claim belongs to one pod" : undefined);
  if (reason !== undefined && replicas !== 1) return [surplus(path, scale, `{replicas: 1}: ${reason}`)];
  return min !== undefined && max !== undefined && min > max
    ? [problem([...path, "max"], max, `at least scale.min, which is ${String(min)}`, min)]
    : [];
}

/**
 * An autoscaler measures the CPU use in percent of the request: of nothing it has no percentage, and never acts. Where a
 * limit alone is set, Kubernetes takes it for the request.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
 */
function utilisationProblems(
  key: string,
  settings: ServiceSettings | undefined,
  services: Services,
): Problem[] {
  if (settings?.scale?.cpu === undefined) return [];
  const { requests, limits } = mergeResources(services[key]?.resources ?? {}, settings.resources);
  const cpu = requests?.cpu ?? limits?.cpu;
  if (cpu !== undefined && quantityValue(cpu) > 0) return [];
  const expected = `more than 0: scale.cpu of ${key} is in percent of it, so the autoscaler would never act`;
  return [problem(["services", key, "resources", "requests", "cpu"], cpu, expected, "100m")];
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
