import { z } from "zod";
import type { Services } from "../components/service.ts";
import { cluster, isManaged, type ClusterConfig } from "./clusters.ts";
import {
  dnsName,
  dnsLabel,
  enumOf,
  pem,
  quantity,
  describe,
  object,
  string,
  integer,
} from "./schema-types.ts";

export type { ClusterConfig, ManagedConfig } from "./clusters.ts";
export { isManaged } from "./clusters.ts";
export { dnsLabel } from "./schema-types.ts";

/**
 * What may be set, under `multi-client:` in a stack file. One schema gives the type, the check before the first
 * resource (`config/`), and the JSON Schema for editors (`make schema`).
 *
 * Every leaf says what is allowed as `<words>, for example <value>`; the value makes the command that mends it.
 */

/** Parts of an image reference. Grammar: https://pkg.go.dev/github.com/distribution/reference */
const DOMAIN_PART = "[a-z0-9]([a-z0-9-]*[a-z0-9])?";
const DOMAIN = `(localhost|${DOMAIN_PART}(\\.${DOMAIN_PART})+|${DOMAIN_PART}(?=:))(:\\d{1,5})?`;
const PATH_PART = "[a-z0-9]+((\\.|_{1,2}|-+)[a-z0-9]+)*";
/** A name has at most 255 characters. */
const imageReference = string(
  new RegExp(
    `^(?=[^@]{1,255}(@|$))(${DOMAIN}/)?${PATH_PART}(/${PATH_PART})*(:\\w[\\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$`,
  ),
  {
    allowed: "an image reference",
    example: "redis:8@sha256:<64 hex digits>",
  },
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
  "{certificate, key}",
);

const exposure = object(
  {
    type: enumOf(["nodePort", "clusterIP", "loadBalancer", "ingress", "gateway"])
      .default("clusterIP")
      .describe(
        "How the client is reached. nodePort is for local clusters, gateway for GKE, loadBalancer or clusterIP for AKS.",
      ),
    nodePort: integer(30000, 32767, 31515)
      .exactOptional()
      .describe("Only with type nodePort. Default 31515."),
    host: dnsName.exactOptional().describe("DNS name that leads to the load balancer or Ingress."),
    tls: tls.exactOptional().describe("Serve HTTPS; HTTP is redirected."),
    certificate: string(/^(arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate\/[\w-]+|[a-z][a-z0-9-]{0,62})$/, {
      allowed: "the ARN of an ACM certificate (EKS), or the name of a Certificate Manager map (GKE)",
      example: "multi-client",
    })
      .exactOptional()
      .describe("The cloud's own certificate: HTTPS ends at its load balancer; HTTP is redirected."),
  },
  "{type: clusterIP}",
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
  "{replicas: 1}",
);
const amounts = object(
  {
    cpu: cpu.exactOptional(),
    memory: bytes.exactOptional(),
    "ephemeral-storage": bytes.exactOptional().describe("Logs and empty directories, on the node's disk."),
  },
  "{cpu: 100m, memory: 64Mi}",
);
const resources = object(
  { requests: amounts.exactOptional(), limits: amounts.exactOptional() },
  "{limits: {memory: 64Mi}}",
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
  "{timeoutSeconds: 300}",
);

/** The schema of each section, for a given list of services. */
export function sections(services: Services) {
  const keys = Object.keys(services);
  return {
    cluster: cluster.describe("Where the stack runs."),
    exposure: exposure.prefault({}).describe("How the client is reached from outside."),
    services: object(
      Object.fromEntries(keys.map((key) => [key, serviceSettings(services, key).exactOptional()])),
      "{client: {scale: {replicas: 1}}}",
    )
      .prefault({})
      .describe("Settings of single services."),
    images: object(
      {
        registry: string(new RegExp(`^${DOMAIN}(/${PATH_PART})*/?$`), {
          allowed: "a registry, with a path if need be",
          example: "registry.example.com/mirror",
        })
          .exactOptional()
          .describe("Replaces docker.io, after the name was made canonical."),
        ...Object.fromEntries(keys.map((key) => [key, imageReference.exactOptional()])),
      },
      "{registry: registry.example.com}",
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
        storage: object({ size: bytes }, "{size: 2Gi}")
          .exactOptional()
          .describe("Size of the claim; only grows."),
      }),
      ...(names.length > 0 && {
        sidecars: object(
          Object.fromEntries(
            names.map((name) => [
              name,
              z.boolean({ error: describe("true or false", "false") }).exactOptional(),
            ]),
          ),
          `{${names[0] ?? ""}: false}`,
        )
          .exactOptional()
          .describe("Switches single sidecars off."),
      }),
    },
    "{scale: {replicas: 1}}",
  );
}

export type ExposureConfig = z.infer<typeof exposure>;
export type Scale = z.infer<typeof scale>;

/** Settings of one service, as they stand in the stack file. */
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

/** Whether the cluster is on this computer: only then may a door be open and data unprotected. */
export function isLocal(cluster: ClusterConfig): boolean {
  return cluster.provider === "minikube" || (cluster.provider === "existing" && cluster.local);
}

/** The user's kubeconfig context that a cluster is reached by; minikube's is called as its profile. A cluster that the stack makes has none. */
export function contextName(cluster: ClusterConfig): string | undefined {
  if (isManaged(cluster)) return undefined;
  return cluster.provider === "minikube" ? cluster.profile : cluster.context;
}
