import { far, minikube } from "./facts.ts";
import { key } from "../support/tls.ts";

/** A refusal: what is configured, and the key of the one problem that it has. */
export type Refusal = readonly [title: string, raw: Readonly<Record<string, unknown>>, key: string];

const s3 = { endpoint: "https://s3.example.com", bucket: "backups", secret: "keys" };

/** Refusals of settings that are not a cloud's. */
export const refusals: readonly Refusal[] = [
  ["no cluster", {}, "cluster"],
  ["a provider that is not there", { cluster: { provider: "gce" } }, "cluster.provider"],
  ["a misspelt section", { ...minikube, exposre: {} }, "exposre"],
  [
    "sections nested below the project's name",
    { ...minikube, "multi-client": { services: {}, namespace: "shop" } },
    "",
  ],
  ["a misspelt key", { ...minikube, exposure: { typ: "clusterIP" } }, "exposure.typ"],
  ["a key of another provider", { cluster: { provider: "minikube", contxt: "x" } }, "cluster.contxt"],
  ["an unknown driver", { cluster: { provider: "minikube", driver: "dokcer" } }, "cluster.driver"],
  [
    "the driver none with a profile",
    { cluster: { provider: "minikube", driver: "none", profile: "second" } },
    "cluster.profile",
  ],
  ["text where settings belong", { ...minikube, exposure: "nodePort" }, "exposure"],
  [
    "a node port below the range",
    { ...minikube, exposure: { type: "nodePort", nodePort: 29999 } },
    "exposure.nodePort",
  ],
  [
    "a node port above the range",
    { ...minikube, exposure: { type: "nodePort", nodePort: 32768 } },
    "exposure.nodePort",
  ],
  [
    "a node port that is text",
    { ...minikube, exposure: { type: "nodePort", nodePort: "high" } },
    "exposure.nodePort",
  ],
  [
    "a node port with another exposure",
    { ...minikube, exposure: { type: "clusterIP", nodePort: 31515 } },
    "exposure.nodePort",
  ],
  [
    "a host that no name leads to",
    { ...minikube, exposure: { type: "nodePort", host: "a.example.com" } },
    "exposure.host",
  ],
  [
    "node ports on a cluster that is not local",
    { cluster: far, exposure: { type: "nodePort" } },
    "exposure.type",
  ],
  [
    "an image without digest on a cluster that is not local",
    { cluster: far, images: { redis: "redis:8" } },
    "images.redis",
  ],
  ["an image reference that is none", { ...minikube, images: { redis: "redis 8" } }, "images.redis"],
  ["a namespace that is no DNS label", { ...minikube, namespace: "Multi_Client" }, "namespace"],
  [
    "a profile that is no context",
    { cluster: { provider: "minikube", profile: "other" } },
    "cluster.profile",
  ],
  [
    "a profile that minikube did not make",
    { cluster: { provider: "minikube", profile: "near" } },
    "cluster.profile",
  ],
  ["a context that is not there", { cluster: { provider: "existing", context: "gone" } }, "cluster.context"],
  ["a far cluster called local", { cluster: { ...far, local: true } }, "cluster.local"],
  [
    "a PEM that is none",
    { ...minikube, exposure: { tls: { certificate: "x", key } } },
    "exposure.tls.certificate",
  ],
  ["a namespace of Kubernetes' own", { ...minikube, namespace: "kube-system" }, "namespace"],
  [
    "a time limit that is no number",
    { ...minikube, rollout: { timeoutSeconds: "5m" } },
    "rollout.timeoutSeconds",
  ],
  ["a cluster that is text", { cluster: "minikube" }, "cluster"],
  [
    "an address where a name belongs",
    { ...minikube, exposure: { type: "ingress", host: "203.0.113.7" } },
    "exposure.host",
  ],
  ["a registry that is none", { ...minikube, images: { registry: "mirror" } }, "images.registry"],
  [
    "a context that a shell would run",
    { cluster: { provider: "existing", context: "$(reboot)" } },
    "cluster.context",
  ],
  [
    "this computer's registry on a far cluster",
    { cluster: far, images: { registry: "localhost:5000" } },
    "images.registry",
  ],
  [
    "an image of this computer's registry on a far cluster",
    { cluster: far, images: { redis: `127.0.0.1:5000/redis@sha256:${"0a".repeat(32)}` } },
    "images.redis",
  ],
  ["port 99999", { ...minikube, images: { registry: "registry.example.com:99999" } }, "images.registry"],
  [
    "port 65536 in an image",
    { ...minikube, images: { redis: "registry.example.com:65536/redis:8" } },
    "images.redis",
  ],
  [
    "port 0 in an image",
    { ...minikube, images: { redis: "registry.example.com:0/redis:8" } },
    "images.redis",
  ],
  ...["dbPassword", "apiKey", "token", "client_secret", "credentials"].map((name): Refusal => [
    `an unknown key that is called a secret, ${name}`,
    { ...minikube, [name]: "hunter2" },
    name,
  ]),
  ["a bucket that no cloud makes", { ...minikube, backup: { bucket: true } }, "backup.bucket"],
  ["a bucket beside another one", { ...minikube, backup: { bucket: true, s3 } }, "backup.bucket"],
  [
    "an endpoint with a path",
    { ...minikube, backup: { s3: { ...s3, endpoint: "https://s3.example.com/backups" } } },
    "backup.s3.endpoint",
  ],
  ...["s3.example.com:99999", "s3.example.com:0", "999.1.1.1", "010.0.0.1", "10.1"].map((host): Refusal => [
    `an endpoint at ${host}`,
    { ...minikube, backup: { s3: { ...s3, endpoint: `https://${host}` } } },
    "backup.s3.endpoint",
  ]),
  ...["0.0.0.0/0", "128.0.0.0/1"].map((network): Refusal => [
    `an endpoint anywhere in ${network}`,
    { ...minikube, backup: { s3: { ...s3, network } } },
    "backup.s3.network",
  ]),
  ...["https://localhost", "http://127.0.0.1:9000"].map((endpoint): Refusal => [
    `the endpoint ${endpoint} for a far cluster`,
    { cluster: far, backup: { s3: { ...s3, endpoint } } },
    "backup.s3.endpoint",
  ]),
  [
    "a bucket over plain HTTP from a far cluster",
    { cluster: far, backup: { s3: { ...s3, endpoint: "http://s3.example.com" } } },
    "backup.s3.endpoint",
  ],
  ["an unknown key in which a secret is", { ...minikube, vault: { auth: { token: "hunter2" } } }, "vault"],
  ["a PEM block behind an unknown key", { ...minikube, tls: { file: `\n${key}` } }, "tls"],
  ["a PEM block as a setting", { ...minikube, exposure: key }, "exposure"],
];

const service = (name: string, settings: unknown) => ({ ...minikube, services: { [name]: settings } });

/** Refusals of the settings of single services. */
export const serviceRefusals: readonly Refusal[] = [
  ["an unknown service", service("clinet", {}), "services.clinet"],
  ["a second worker", service("worker", { scale: { replicas: 2 } }), "services.worker.scale"],
  ["no worker", service("worker", { scale: { replicas: 0 } }), "services.worker.scale"],
  [
    "an autoscaler on the worker",
    service("worker", { scale: { min: 1, max: 3, cpu: 70 } }),
    "services.worker.scale",
  ],
  ["a second database", service("postgres", { scale: { replicas: 2 } }), "services.postgres.scale"],
  ["half an autoscaler", service("client", { scale: { min: 1 } }), "services.client.scale"],
  [
    "replicas and an autoscaler",
    service("client", { scale: { replicas: 1, min: 1, max: 2, cpu: 5 } }),
    "services.client.scale",
  ],
  [
    "an autoscaler upside down",
    service("client", { scale: { min: 3, max: 2, cpu: 50 } }),
    "services.client.scale.max",
  ],
  ["fewer than no pods", service("client", { scale: { replicas: -1 } }), "services.client.scale.replicas"],
  [
    "a quantity Kubernetes refuses",
    service("server", { resources: { limits: { memory: "64MB" } } }),
    "services.server.resources.limits.memory",
  ],
  [
    "a request above its limit",
    service("server", { resources: { requests: { memory: "1Gi" } } }),
    "services.server.resources.requests.memory",
  ],
  [
    "a limit below the request",
    service("server", { resources: { limits: { memory: "10Mi" } } }),
    "services.server.resources.limits.memory",
  ],
  ["storage of no size", service("redis", { storage: { size: "0Gi" } }), "services.redis.storage.size"],
  [
    "storage of a service that has none",
    service("client", { storage: { size: "1Gi" } }),
    "services.client.storage",
  ],
  [
    "an unknown sidecar",
    service("postgres", { sidecars: { loger: false } }),
    "services.postgres.sidecars.loger",
  ],
  [
    "storage beyond all disks",
    service("redis", { storage: { size: "1e400" } }),
    "services.redis.storage.size",
  ],
  ["settings of a service that are none", service("client", null), "services.client"],
];
