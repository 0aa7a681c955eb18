import { certificate, key } from "../support/tls.ts";
import { leaves, withSetting, type Raw } from "./settings.ts";

/** A valid configuration with one thing changed. */
export interface Mutation {
  /** The setting that was changed, as it is written behind `multi-client:`. */
  readonly path: string;
  readonly what: string;
  readonly raw: Raw;
}

const managed: Raw = {
  name: "multi-client",
  kubernetesVersion: "1.36",
  authorizedCidrs: ["203.0.113.0/24"],
  deletionProtection: true,
  owner: "platform",
  costCentre: "cc-1234",
};

/** Valid, and together they set everything there is. */
const bases: readonly Raw[] = [
  { cluster: { provider: "minikube", profile: "minikube", driver: "docker", kubernetesVersion: "1.36" } },
  {
    cluster: {
      provider: "existing",
      context: "near",
      local: true,
      nodeAddress: "127.0.0.1",
      storageClass: "standard",
    },
    exposure: { type: "nodePort", nodePort: 31515, tls: { certificate, key } },
    services: {
      client: { scale: { min: 1, max: 3, cpu: 70 } },
      server: {
        scale: { replicas: 2 },
        resources: { requests: { cpu: "50m", memory: "96Mi" }, limits: { cpu: "1", memory: "256Mi" } },
      },
      postgres: { storage: { size: "2Gi" }, sidecars: { logger: true, "backup-manager": false } },
    },
    images: { registry: "registry.example.com", pullSecret: "registry-login", redis: "redis:8" },
    backup: {
      s3: {
        endpoint: "https://s3.example.com",
        bucket: "backups",
        region: "eu-central-1",
        secret: "keys",
        network: "10.1.0.0/16",
      },
    },
    namespace: "elsewhere",
  },
  {
    cluster: { provider: "existing", context: "far", local: false },
    exposure: { type: "ingress", host: "app.example.com" },
  },
  {
    cluster: {
      ...managed,
      provider: "eks",
      admins: ["arn:aws:iam::111122223333:role/platform"],
      logRetentionDays: 90,
      network: {
        cidr: "10.0.0.0/16",
        serviceCidr: "172.20.0.0/16",
        nat: "zone",
        zones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
      },
    },
    exposure: {
      type: "ingress",
      certificate: "arn:aws:acm:eu-central-1:111122223333:certificate/12345678-aaaa",
    },
  },
  {
    cluster: {
      ...managed,
      provider: "aks",
      admins: ["00000000-0000-0000-0000-000000000000"],
      logRetentionDays: 90,
      network: { cidr: "10.0.0.0/16", podCidr: "10.244.0.0/16", serviceCidr: "10.1.0.0/16" },
      nodes: { vmSize: "Standard_D2ds_v5", systemVmSize: "Standard_D4ds_v5", min: 3, max: 6 },
    },
    exposure: { type: "loadBalancer", plainHttp: true },
  },
  {
    cluster: {
      ...managed,
      provider: "gke",
      admins: ["group:platform@example.com"],
      network: { cidr: "10.0.0.0/20", podCidr: "10.4.0.0/14", serviceCidr: "10.8.0.0/20" },
    },
    exposure: { type: "gateway", certificate: "multi-client" },
  },
];

/** What people and tools write where something else belongs. */
const WRONG: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  65536,
  1e21,
  "",
  " ",
  "x y",
  "-",
  ".",
  "NaN",
  "null",
  "1e3",
  "0x10",
  [],
  ["a"],
  {},
  { a: 1 },
  "UPPER",
  "ümlaut",
  "日本",
  " trailing ",
  "a".repeat(300),
  "a\nb",
  "$(id)",
  "..",
  "*",
];

const valueAt = (raw: Raw, path: string): unknown =>
  path.split(".").reduce<unknown>((at, name) => (at as Raw | undefined)?.[name], raw);

/** A name as a hurried person writes it: two letters swapped. */
const misspelt = (name: string): string => `${name.slice(0, -2)}${name.slice(-1)}${name.slice(-2, -1)}x`;

/** Paths of everything above the leaves: sections and groups of settings. */
const groups = [
  ...new Set(
    leaves.flatMap(({ path }) => {
      const names = path.split(".");
      return names.slice(1).map((_, index) => names.slice(0, index + 1).join("."));
    }),
  ),
];

function of(raw: Raw, index: number): Mutation[] {
  const paths = [...leaves.map(({ path }) => path), ...groups];
  // Once in the largest configuration, and again where another one sets it. A setting of another kind of cluster is a
  // mistake of its own; here, it would only be that one again.
  const here = paths.filter(
    (path) =>
      valueAt(raw, path) !== undefined ||
      (index === 1 && !path.startsWith("cluster.") && path !== "exposure.certificate"),
  );
  return [
    ...here.flatMap((path) =>
      WRONG.map((value) => ({ path, what: JSON.stringify(value), raw: withSetting(raw, path, value) })),
    ),
    ...here
      .filter((path) => valueAt(raw, path) !== undefined)
      .flatMap((path) => {
        const value = valueAt(raw, path);
        const wrong = [...path.split(".").slice(0, -1), misspelt(path.split(".").at(-1) ?? "")].join(".");
        return [
          { path, what: "missing", raw: withSetting(raw, path, undefined) },
          {
            path: wrong,
            what: "misspelt",
            raw: withSetting(withSetting(raw, path, undefined), wrong, value),
          },
          ...(typeof value === "string" && path !== "exposure.tls.key" && path !== "exposure.tls.certificate"
            ? [{ path, what: "upper case", raw: withSetting(raw, path, value.toUpperCase()) }]
            : []),
        ];
      }),
    ...paths
      .filter((path) => path.startsWith("cluster.") && valueAt(raw, path) === undefined)
      .map((path) => ({ path, what: "of another cluster", raw: withSetting(raw, path, "x") })),
  ];
}

/** Every setting times every mistake. */
export const mutations: readonly Mutation[] = bases.flatMap(of);
