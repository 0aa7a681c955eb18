import { z } from "zod";
import type { ExposureType } from "../components/cluster/endpoint.ts";
import type { Services } from "../components/service.ts";
import { clouds, isManagedProvider, type CloudTarget, type ManagedConfig } from "./clouds/index.ts";
import { defaultKubernetesVersion } from "./kubernetes-versions.ts";
import {
  boolean,
  digitsOr,
  dnsLabel,
  dnsName,
  enumOf,
  imageReference,
  integer,
  object,
  pem,
  registry,
  string,
} from "./schema-types.ts";
import { backup } from "./backup-settings.ts";
import { serviceSettings, type ServiceSettings } from "./service-settings.ts";

/** The form of the name of most Kubernetes objects: a DNS subdomain of RFC 1123. */
const dnsSubdomain = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/**
 * The settings of a stack, under `multi-client:` in its file. One schema gives the type, the check before the first
 * resource, and the JSON Schema for editors (`make schema`) and for `docs/settings.md`. The settings of a cluster that
 * the stack makes are with their cloud: `clouds/`.
 */

const minikube = z.strictObject({
  provider: z.literal("minikube"),
  profile: digitsOr(
    /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/,
    "a minikube profile, which is also its context",
    "minikube",
  )
    .prefault("minikube")
    .describe("The minikube profile, whose name its kubeconfig context has too."),
  driver: enumOf(["docker", "hyperkit", "kvm2", "vfkit", "none"])
    .exactOptional()
    .describe(
      "The minikube driver. Without it, minikube chooses. minikube deprecates hyperkit: prefer vfkit.",
    ),
  kubernetesVersion: string(/^1\.\d+(\.\d+)?$/, "a Kubernetes version", defaultKubernetesVersion)
    .exactOptional()
    .describe("The Kubernetes version that `make up` starts minikube with. Without it, minikube chooses."),
});

const existing = z.strictObject({
  provider: z.literal("existing"),
  context: digitsOr(/^[\w.:@/+-]+$/, "the name of a kubeconfig context", "kind-kind", "<context>").describe(
    "The kubeconfig context that leads to the cluster.",
  ),
  local: boolean(true)
    .default(false)
    .describe(
      "Says that the cluster is on this computer: node ports and images without digest are allowed, and data is not protected.",
    ),
  nodeAddress: string(/^([a-zA-Z0-9][\w.-]*|\[[0-9a-fA-F:]+\])$/, "an address", "127.0.0.1")
    .exactOptional()
    .describe("The address at which node ports answer. It only makes the output `url`."),
  storageClass: digitsOr(dnsSubdomain, "the name of a StorageClass: a DNS name in lower case", "standard")
    .exactOptional()
    .describe("The StorageClass of the claims. Without it, the cluster's default. Fixed at creation."),
  networkPolicies: enumOf(["enforced", "unknown", "none"])
    .default("unknown")
    .describe(
      "What the cluster makes of network policies. `enforced`: they bind, and `make smoke` fails where they do not. " +
        "`unknown`: they are created, and `make smoke` says whether they bind. `none`: none is created, for a cluster " +
        "whose DNS is no pods `k8s-app: kube-dns` of kube-system.",
    ),
  existingNamespace: boolean(true)
    .exactOptional()
    .describe(
      "Says that the namespace is there already: it is used, and never changed or deleted. For a deployer who may not " +
        "create namespaces. Fixed at creation.",
    ),
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

const tls = object(
  {
    certificate: pem("CERTIFICATE", "< certificate.pem").describe("The certificate and its chain."),
    key: pem("PRIVATE KEY", "--secret < key.pem").describe(
      "The private key of the certificate, which must be set with `--secret`.",
    ),
  },
  { certificate: "...", key: "..." },
);

const edges = Object.entries<CloudTarget>(clouds).map(([name, { edge }]) => ({ name, ...edge }));
const certificates = edges.flatMap(({ name, certificate }) =>
  certificate ? [{ name, ...certificate }] : [],
);

const exposure = object(
  {
    type: enumOf(["public", "clusterIP", "nodePort", "loadBalancer", "ingress", "gateway"])
      .default("clusterIP")
      .describe(
        "How the client is reached. `public` is what the cluster offers to everyone: `nodePort` where it is local, " +
          edges.map(({ name, type }) => `\`${type}\` on ${name}, `).join("") +
          "`loadBalancer` elsewhere. `clusterIP` is reached by a port-forward only.",
      ),
    nodePort: integer(30000, 32767, 31515)
      .exactOptional()
      .describe("The port on the nodes, with type `nodePort` only. Without it, 31515."),
    host: dnsName
      .exactOptional()
      .describe("The DNS name that leads to the load balancer, Ingress or Gateway."),
    tls: tls
      .exactOptional()
      .describe("A certificate with which the client or the Ingress serves HTTPS. HTTP is redirected."),
    certificate: string(
      new RegExp(`^(${certificates.map(({ form }) => form.source).join("|")})$`),
      certificates.map(({ title, name }) => `${title} (${name})`).join(", or "),
      "multi-client",
    )
      .exactOptional()
      .describe(
        "A certificate that the cloud keeps, with which its load balancer serves HTTPS. HTTP is redirected.",
      ),
    plainHttp: boolean(true)
      .exactOptional()
      .describe(
        "Says that a managed cluster serves plain HTTP to the internet on purpose. Where its exposure has neither " +
          "`certificate` nor `tls`, nothing is deployed without it.",
      ),
  },
  { type: "public" },
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
    takeOver: boolean(true)
      .exactOptional()
      .describe(
        "Takes fields that the program sets back from whoever else set them in the cluster, such as kubectl scale; " +
          "false refuses, and names the field and its manager. For stacks that a pipeline deploys. Default: true on " +
          "local clusters, else false.",
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
    cluster: cluster.describe("The cluster that the stack is deployed to."),
    exposure: exposure.prefault({}).describe("How the client is reached from outside."),
    services: object(
      Object.fromEntries(keys.map((key) => [key, serviceSettings(services, key).exactOptional()])),
      { client: { scale: { replicas: 1 } } },
    )
      .prefault({})
      .describe("What a stack sets of single services; everything else is the same in all stacks."),
    images: object(
      {
        registry: registry
          .exactOptional()
          .describe("The registry that stands in for docker.io: `redis` becomes `REGISTRY/library/redis`."),
        pullSecret: digitsOr(dnsSubdomain, "the name of a Secret: a DNS name in lower case", "registry-login")
          .exactOptional()
          .describe(
            "The Secret of type `kubernetes.io/dockerconfigjson` with which pods pull their images. It is made beside the " +
              "stack, in its namespace.",
          ),
        ...Object.fromEntries(
          keys.map((key) => [key, imageReference.exactOptional().describe(`The image of ${key}.`)]),
        ),
      },
      { registry: "registry.example.com" },
    )
      .prefault({})
      .describe(
        "Images other than those of the list of services, another registry for all of them, and the login to it.",
      ),
    rollout: rollout.prefault({}).describe("How a change is rolled out."),
    backup: backup.prefault({}).describe("Where backups are copied to, outside of the cluster."),
    namespace: dnsLabel.default("multi-client").describe("The namespace of every object. Fixed at creation."),
  };
}

/** `multi-client:cluster`. */
export type ClusterConfig = z.infer<typeof cluster>;
/** `multi-client:exposure`, with a type that says how: `public` is resolved, see {@link publicExposure}. */
export type ExposureConfig = Omit<z.infer<typeof exposure>, "type"> & { readonly type: ExposureType };
/** The configuration of a stack, checked and with its defaults. */
export interface Config {
  readonly cluster: ClusterConfig;
  readonly exposure: ExposureConfig;
  readonly services: Readonly<Record<string, ServiceSettings | undefined>>;
  readonly images: Readonly<Record<string, string | undefined>>;
  readonly rollout: z.infer<typeof rollout>;
  readonly backup: z.infer<typeof backup>;
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
