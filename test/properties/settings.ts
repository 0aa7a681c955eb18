import fc from "fast-check";
import { sections } from "../../config/schema.ts";
import { jsonSchema } from "../../config/setting-schema.ts";
import { services } from "../../services.ts";
import { certificate, key } from "../support/tls.ts";

/** Settings under `multi-client:`, by section. */
export type Raw = Record<string, unknown>;

const label = fc.oneof(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}[a-z0-9]$/), fc.constant("a".repeat(63)));
const size = fc.oneof(
  fc.constantFrom("1Gi", "0.5Gi", "1500M", "2e9", "16Mi", "7Ei", ".5Gi", "5.Gi", "+1Gi"),
  fc.integer({ min: 2 ** 24, max: 2 ** 40 }),
);
const cpus = fc.constantFrom("1m", "250m", "0.1", "1", "2.5", "1e0", "100u", "3", 1, 0.5);
const memory = fc.constantFrom("16Mi", "64M", "1Gi", "128974848", "1e9", "1024Ki", "6Mi", 67108864);
const image = fc.constantFrom(
  "redis",
  "redis:8",
  "library/redis:8.8.0-alpine",
  `redis@sha256:${"0a".repeat(32)}`,
  `registry.example.com:5000/team/app:v1@sha256:${"9".repeat(64)}`,
  "localhost/app_name:a.b-c_d",
);
const domain = fc.constantFrom(
  "app.example.com",
  "a.b",
  `${"a".repeat(63)}.example`,
  "xn--bcher-kva.example",
);

/**
 * Values that the schema may accept, by setting; `*` stands for any service or sidecar. Whether a combination of them
 * is accepted is for the program to say.
 */
const VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  "cluster.provider": fc.constantFrom("minikube", "existing"),
  "cluster.profile": fc.constantFrom("minikube", "second", "A_b-1"),
  "cluster.driver": fc.constantFrom("docker", "hyperkit", "kvm2", "vfkit", "none"),
  "cluster.kubernetesVersion": fc.constantFrom("1.36", "1.36.3"),
  "cluster.context": fc.constantFrom("near", "kind-kind", "arn:aws:eks:eu-west-1:1:cluster/x", "user@host"),
  "cluster.local": fc.boolean(),
  "cluster.nodeAddress": fc.constantFrom("127.0.0.1", "node.example.com", "[::1]"),
  "cluster.storageClass": label,
  "cluster.existingNamespace": fc.boolean(),
  "cluster.networkPolicies": fc.constantFrom("enforced", "unknown", "none"),
  // Of managed clusters: not generated, but mutated (mutations.ts).
  ...Object.fromEntries(
    [
      "name",
      "authorizedCidrs",
      "deletionProtection",
      "owner",
      "costCentre",
      "admins",
      "logRetentionDays",
      "network.cidr",
      "network.serviceCidr",
      "network.podCidr",
      "network.zones",
      "network.nat",
      "network.flowLog",
      "containerRegistry",
      "nodes.vmSize",
      "nodes.systemVmSize",
      "nodes.min",
      "nodes.max",
    ].map((name) => [`cluster.${name}`, fc.constant(undefined)]),
  ),
  "exposure.certificate": fc.constant(undefined),
  "exposure.plainHttp": fc.constant(undefined),
  "rollout.timeoutSeconds": fc.integer({ min: 5, max: 86400 }),
  "rollout.takeOver": fc.boolean(),
  "exposure.type": fc.constantFrom("nodePort", "clusterIP", "loadBalancer", "ingress"),
  "exposure.nodePort": fc.integer({ min: 30000, max: 32767 }),
  "exposure.host": domain,
  "exposure.tls.certificate": fc.constant(certificate),
  "exposure.tls.key": fc.constant(key),
  "services.*.scale.replicas": fc.integer({ min: 0, max: 3 }),
  "services.*.scale.min": fc.integer({ min: 1, max: 3 }),
  "services.*.scale.max": fc.integer({ min: 1, max: 5 }),
  "services.*.scale.cpu": fc.integer({ min: 1, max: 100 }),
  "services.*.resources.requests.cpu": cpus,
  "services.*.resources.requests.memory": memory,
  "services.*.resources.requests.ephemeral-storage": memory,
  "services.*.resources.limits.cpu": cpus,
  "services.*.resources.limits.memory": memory,
  "services.*.resources.limits.ephemeral-storage": memory,
  "services.*.storage.size": size,
  "services.*.backups.size": size,
  "services.*.sidecars.*": fc.boolean(),
  "images.registry": fc.constantFrom(
    "registry.example.com",
    "localhost:5000/mirror",
    "mirror.example.com/a/b",
  ),
  "images.pullSecret": label,
  "images.*": image,
  "backup.bucket": fc.constant(undefined), // of clouds, as cluster.name
  "backup.s3.endpoint": fc.constantFrom(
    "https://s3.example.com",
    "http://10.0.0.5:9000",
    "https://store:8443",
    "https://198.51.100.7:65535",
  ),
  "backup.s3.bucket": fc.constantFrom("backups", "a.b-c9"),
  "backup.s3.region": fc.constantFrom("eu-central-1", "garage"),
  "backup.s3.secret": label,
  "backup.s3.network": fc.constantFrom("10.1.0.0/16", "192.0.2.1/32"),
  namespace: label,
};

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly oneOf?: readonly Node[];
  readonly anyOf?: readonly Node[];
}
const named = new Set([
  ...Object.keys(services),
  ...Object.values(services).flatMap((s) => Object.keys(("sidecars" in s && s.sidecars) || {})),
]);

/** What `VALUES` calls a setting. */
export const patternOf = (path: string): string =>
  path
    .split(".")
    .map((name, index) => (index > 0 && named.has(name) ? "*" : name))
    .join(".");

/** Every setting the schema knows, as `exposure.tls.key`, with what `VALUES` calls it. */
export const leaves: readonly { readonly path: string; readonly pattern: string }[] = (() => {
  const found = new Map<string, string>();
  const walk = (node: Node, path: readonly string[]): void => {
    const choices =
      node.oneOf ?? (node.properties ? undefined : node.anyOf?.filter((each) => each.properties));
    for (const choice of choices ?? []) walk(choice, path);
    if (node.properties) {
      for (const [name, inner] of Object.entries(node.properties)) walk(inner, [...path, name]);
    } else if ((choices ?? []).length === 0) {
      found.set(path.join("."), patternOf(path.join(".")));
    }
  };
  for (const [section, schema] of Object.entries(sections(services))) walk(jsonSchema(schema), [section]);
  return [...found].map(([path, pattern]) => ({ path, pattern }));
})();

/** Settings of the schema that no value is known for: a new key needs a line in `VALUES`. */
export const uncovered = leaves.map(({ pattern }) => pattern).filter((pattern) => !(pattern in VALUES));

/** A copy of nested settings with one of them replaced; undefined takes it away. */
export function withSetting(raw: Raw, path: string, value: unknown): Raw {
  const [first = "", ...rest] = path.split(".");
  const inner = raw[first];
  const isSettings = typeof inner === "object" && inner !== null && !Array.isArray(inner);
  const next =
    rest.length === 0 ? value : withSetting(isSettings ? (inner as Raw) : {}, rest.join("."), value);
  return Object.fromEntries(
    Object.entries({ ...raw, [first]: next }).filter(([, each]) => each !== undefined),
  );
}

const MINIKUBE = ["profile", "driver", "kubernetesVersion"];

/** Configurations: a cluster, and up to eight of all other settings at values that may be accepted. */
export const configurations: fc.Arbitrary<Raw> = fc
  .record({
    cluster: fc.constantFrom<Raw>(
      { provider: "minikube" },
      { provider: "existing", context: "near", local: true },
      { provider: "existing", context: "far" },
    ),
    chosen: fc.uniqueArray(fc.constantFrom(...leaves), { maxLength: 8, selector: ({ path }) => path }),
  })
  .chain(({ cluster, chosen }) => {
    const others = chosen.filter(({ path }) => path !== "cluster.provider");
    const values = fc.tuple(...others.map(({ pattern }) => VALUES[pattern] ?? fc.constant(undefined)));
    return values.map((found) =>
      others.reduce<Raw>((raw, { path }, index) => withSetting(raw, path, found[index]), { cluster }),
    );
  })
  .map(tidy);

/** What every bucket has, as a cluster that is not local may reach it. */
const bucket = { endpoint: "https://s3.example.com", bucket: "backups", secret: "keys" };

/**
 * Mends what would refuse most of what is made blindly: half a certificate, half an autoscaler, a setting of another
 * kind of cluster or exposure. What is left to refuse are amounts that do not fit each other.
 */
function tidy(raw: Raw): Raw {
  const { cluster, exposure, services: settings = {}, images = {}, backup } = raw as Record<string, Raw>;
  const isFar = cluster?.context === "far";
  const own = [
    "provider",
    ...(cluster?.provider === "minikube"
      ? MINIKUBE
      : ["nodeAddress", "storageClass", "existingNamespace", "networkPolicies"]),
  ];
  const { tls, nodePort, host, ...rest } = exposure ?? {};
  const isNamed = host !== undefined || rest.type === "ingress" || rest.type === "loadBalancer";
  const isPort = !isFar && !isNamed && (nodePort !== undefined || rest.type === "nodePort");
  const type = isPort
    ? "nodePort"
    : isNamed
      ? rest.type === "loadBalancer"
        ? rest.type
        : "ingress"
      : "clusterIP";
  const scaled = Object.entries(settings).map(([name, value]): [string, Raw] => {
    const { scale, ...others } = value as Record<string, Raw>;
    const isFixed = scale === undefined || (name !== "client" && name !== "server");
    if (isFixed) return [name, others];
    const { replicas } = scale;
    const { min = 1, max = 5, cpu = 70 } = scale;
    return [name, { ...others, scale: replicas === undefined ? { min, max, cpu } : { replicas } }];
  });
  return {
    ...raw,
    cluster: {
      ...Object.fromEntries(Object.entries(cluster ?? {}).filter(([name]) => own.includes(name))),
      ...(cluster?.provider === "existing" && { context: cluster.context, local: !isFar }),
    },
    exposure: {
      type,
      ...(isPort && nodePort !== undefined && { nodePort }),
      ...(isNamed && host !== undefined && { host }),
      ...(tls !== undefined && { tls: { certificate, key } }),
    },
    services: Object.fromEntries(scaled),
    backup: backup?.s3 === undefined ? {} : { s3: { ...bucket, ...backup.s3, ...(isFar && bucket) } },
    images: Object.fromEntries(
      Object.entries(images).filter(
        ([name, value]) =>
          !isFar || ["registry", "pullSecret"].includes(name) || String(value).includes("@sha256:"),
      ),
    ),
  };
}
