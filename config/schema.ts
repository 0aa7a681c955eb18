import { z } from "zod";
import type { ExposureType } from "../components/cluster/endpoint.ts";
import type { Services } from "../components/service.ts";
import { clouds, isManagedProvider, type ManagedConfig } from "./clouds/index.ts";
import { defaultKubernetesVersion } from "./kubernetes-versions.ts";
import {
  boolean,
  dnsLabel,
  dnsName,
  enumOf,
  integer,
  object,
  pem,
  quantity,
  string,
} from "./schema-types.ts";

/**
 * The settings of a stack, under `multi-client:` in its file. One schema gives the type, the check before the first
 * resource, and the JSON Schema for editors (`make schema`) and for `docs/settings.md`. The settings of a cluster that
 * the stack makes are with their cloud: `clouds/`.
 */

const minikube = z.strictObject({
  provider: z.literal("minikube"),
  profile: string(/^[a-zA-Z0-9][a-zA-Z0-9_-]*$/, "a minikube profile, which is also its context", "minikube")
    .default("minikube")
    .describe("minikube profile; also the name of its kubeconfig context."),
  driver: enumOf(["docker", "hyperkit", "kvm2", "vfkit", "none"])
    .exactOptional()
    .describe("minikube driver. Default: minikube's own choice. hyperkit is deprecated: prefer vfkit."),
  kubernetesVersion: string(/^1\.\d+(\.\d+)?$/, "a Kubernetes version", defaultKubernetesVersion)
    .exactOptional()
    .describe("Kubernetes version that `make up` starts minikube with."),
});

const existing = z.strictObject({
  provider: z.literal("existing"),
  context: string(/^[\w.:@/+-]+$/, "the name of a kubeconfig context", "kind-kind").describe(
    "kubeconfig context of the cluster.",
  ),
  local: boolean(true)
    .default(false)
    .describe("On this computer: node ports and images without digest are allowed, data is not protected."),
  nodeAddress: string(/^([a-zA-Z0-9][\w.-]*|\[[0-9a-fA-F:]+\])$/, "an address", "127.0.0.1")
    .exactOptional()
    .describe("Address at which node ports answer. Only makes `url`."),
  storageClass: string(
    /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
    "the name of a StorageClass: a DNS name in lower case",
    "standard",
  )
    .exactOptional()
    .describe("StorageClass of the claims. Fixed at creation."),
});

const providers = ["minikube", "existing", ...Object.keys(clouds)];
const cluster = z
  .discriminatedUnion("provider", [
    minikube,
    existing,
    ...Object.values(clouds).map((cloud) => cloud.cluster),
  ])
  .meta({
    title: `${providers.slice(0, -1).join(", ")} or ${String(providers.at(-1))}`,
    examples: ["minikube"],
  });

/** Parts of an image reference. Grammar: https://pkg.go.dev/github.com/distribution/reference */
const DOMAIN_PART = "[a-z0-9]([a-z0-9-]*[a-z0-9])?";
const DOMAIN = `(localhost|${DOMAIN_PART}(\\.${DOMAIN_PART})+|${DOMAIN_PART}(?=:))(:\\d{1,5})?`;
const PATH_PART = "[a-z0-9]+((\\.|_{1,2}|-+)[a-z0-9]+)*";
/** The reference of an image. A name has at most 255 characters. */
const imageReference = string(
  new RegExp(
    `^(?=[^@]{1,255}(@|$))(${DOMAIN}/)?${PATH_PART}(/${PATH_PART})*(:\\w[\\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$`,
  ),
  "an image reference",
  "redis:8@sha256:<64 hex digits>",
);
const cpu = quantity("a CPU quantity", "250m");
const bytes = quantity("a quantity of bytes", "256Mi");

const tls = object(
  {
    certificate: pem("CERTIFICATE", "< certificate.pem").describe("Certificate chain, PEM."),
    key: pem("PRIVATE KEY", "--secret < key.pem").describe(
      "Its private key, PEM; must be set with --secret.",
    ),
  },
  { certificate: "...", key: "..." },
);

const exposure = object(
  {
    type: enumOf(["public", "clusterIP", "nodePort", "loadBalancer", "ingress", "gateway"])
      .default("clusterIP")
      .describe(
        "How the client is reached. public is what the cluster offers to everyone: nodePort where it is local, ingress " +
          "on EKS, gateway on GKE, loadBalancer elsewhere. clusterIP: not from outside.",
      ),
    nodePort: integer(30000, 32767, 31515)
      .exactOptional()
      .describe("Only with type nodePort. Default 31515."),
    host: dnsName.exactOptional().describe("DNS name that leads to the load balancer or Ingress."),
    tls: tls.exactOptional().describe("Serve HTTPS; HTTP is redirected."),
    certificate: string(
      /^(arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate\/[\w-]+|[a-z][a-z0-9-]{0,62})$/,
      "the ARN of an ACM certificate (EKS), or the name of a Certificate Manager map (GKE)",
      "multi-client",
    )
      .exactOptional()
      .describe("The cloud's own certificate: HTTPS ends at its load balancer; HTTP is redirected."),
  },
  { type: "public" },
);

const scale = object(
  {
    replicas: integer(0, 1000, 1).exactOptional().describe("A fixed number of pods."),
    min: integer(1, 1000, 1).exactOptional().describe("Least number of pods of the autoscaler."),
    max: integer(1, 1000, 3).exactOptional().describe("Largest number of pods of the autoscaler."),
    cpu: integer(1, 1000, 70)
      .exactOptional()
      .describe("CPU the autoscaler aims at, in percent of the request."),
  },
  { replicas: 1 },
);
const amounts = object(
  {
    cpu: cpu.exactOptional(),
    memory: bytes.exactOptional(),
    "ephemeral-storage": bytes.exactOptional().describe("Logs and empty directories, on the node's disk."),
  },
  { cpu: "100m", memory: "64Mi" },
);
const resources = object(
  { requests: amounts.exactOptional(), limits: amounts.exactOptional() },
  { limits: { memory: "64Mi" } },
);

const rollout = object(
  {
    timeoutSeconds: integer(5, 86400, 300)
      .exactOptional()
      .describe(
        "Seconds after which `up` gives up on an object that does not become ready, and says why. " +
          "Default: 300, and the longest start-up window of the service and of those it uses (on a managed cluster " +
          "600 more: its nodes come when pods ask for them); " +
          "900 for an address. A claim always has 300.",
      ),
  },
  { timeoutSeconds: 300 },
);

/** The schema of each section of `multi-client:`, for a list of services. */
export function sections(services: Services): ReturnType<typeof sectionsOf> {
  const schema = known.get(services) ?? sectionsOf(services);
  known.set(services, schema);
  return schema;
}

const known = new WeakMap<Services, ReturnType<typeof sectionsOf>>();

function sectionsOf(services: Services) {
  const keys = Object.keys(services);
  return {
    cluster: cluster.describe("Where the stack runs."),
    exposure: exposure.prefault({}).describe("How the client is reached from outside."),
    services: object(
      Object.fromEntries(keys.map((key) => [key, serviceSettings(services, key).exactOptional()])),
      { client: { scale: { replicas: 1 } } },
    )
      .prefault({})
      .describe("Settings of single services."),
    images: object(
      {
        registry: string(
          new RegExp(`^${DOMAIN}(/${PATH_PART})*/?$`),
          "a registry, with a path if need be",
          "registry.example.com/mirror",
        )
          .exactOptional()
          .describe("Replaces docker.io, after the name was made canonical."),
        ...Object.fromEntries(keys.map((key) => [key, imageReference.exactOptional()])),
      },
      { registry: "registry.example.com" },
    )
      .prefault({})
      .describe("Other images, or another registry for all."),
    rollout: rollout.prefault({}).describe("How changes are rolled out."),
    namespace: dnsLabel.default("multi-client").describe("Namespace of everything. Fixed at creation."),
  };
}

function serviceSettings(services: Services, key: string) {
  const { storage, sidecars } = services[key] ?? {};
  const names = Object.keys(sidecars ?? {});
  return object(
    {
      scale: scale.exactOptional().describe("Number of pods, fixed or by an autoscaler."),
      resources: resources.exactOptional().describe("Replaces single values of the defaults in services.ts."),
      ...(storage && {
        storage: object({ size: bytes }, { size: "2Gi" })
          .exactOptional()
          .describe("Size of the claim; only grows."),
      }),
      ...(names.length > 0 && {
        sidecars: object(Object.fromEntries(names.map((name) => [name, boolean(false).exactOptional()])), {
          [names[0] ?? ""]: false,
        })
          .exactOptional()
          .describe("Switches single sidecars off."),
      }),
    },
    { scale: { replicas: 1 } },
  );
}

/** `multi-client:cluster`. */
export type ClusterConfig = z.infer<typeof cluster>;
/** `multi-client:exposure`, with a type that says how: `public` is resolved, see {@link publicExposure}. */
export type ExposureConfig = Omit<z.infer<typeof exposure>, "type"> & { readonly type: ExposureType };
export type Scale = z.infer<typeof scale>;

/** The settings of one service, as they stand in the stack file. */
export interface ServiceSettings {
  readonly scale?: Scale | undefined;
  readonly resources?: z.infer<typeof resources> | undefined;
  readonly storage?: { readonly size: string } | undefined;
  readonly sidecars?: Readonly<Record<string, boolean | undefined>> | undefined;
}

/** The configuration of a stack, checked and with its defaults. */
export interface Config {
  readonly cluster: ClusterConfig;
  readonly exposure: ExposureConfig;
  readonly services: Readonly<Record<string, ServiceSettings | undefined>>;
  readonly images: Readonly<Record<string, string | undefined>>;
  readonly rollout: z.infer<typeof rollout>;
  readonly namespace: string;
}

/** Tells whether the stack makes the cluster. */
export function isManaged(config: ClusterConfig): config is ManagedConfig {
  return isManagedProvider(config.provider);
}

/** Tells whether the cluster is on this computer: only then may ports of nodes be open and data unprotected. */
export function isLocal({ provider, local }: { provider?: unknown; local?: unknown }): boolean {
  return provider === "minikube" || (provider === "existing" && local === true);
}

/**
 * The exposure that `public` means on a cluster. A managed one has one way that its cloud offers. A local cluster has
 * nothing that answers at an address, but its nodes do. Any other one is somebody's cloud or data centre, where a load
 * balancer is what nearly all of them give to a Service, and an Ingress needs a controller that may not be there.
 */
export function publicExposure(cluster: { provider?: unknown; local?: unknown }): ExposureType {
  if (isManagedProvider(cluster.provider)) return clouds[cluster.provider].edge.type;
  return isLocal(cluster) ? "nodePort" : "loadBalancer";
}

/** The user's kubeconfig context that leads to a cluster; minikube names it like its profile. @returns undefined for a cluster that the stack makes */
export function contextName(cluster: ClusterConfig): string | undefined {
  if (isManaged(cluster)) return undefined;
  return cluster.provider === "minikube" ? cluster.profile : cluster.context;
}
