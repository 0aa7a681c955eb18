/**
 * The vocabulary in which `services.ts` describes a service. Types only: the list stays plain data.
 */

/** An environment value: text, or a reference to another service that is resolved when the pod is built. */
export type EnvironmentValue =
  | string
  /** DNS name of the service's Service. */
  | { readonly host: string }
  /** Port of the service's Service, as text. */
  | { readonly port: string }
  /** The generated password owned by the service, read from a Secret by the kubelet. */
  | { readonly password: string };

/** How the kubelet asks a container: an HTTP path or a TCP connection on its port, or a command in it. */
export type ProbeAction =
  { readonly httpGet: string } | { readonly tcpSocket: true } | { readonly exec: readonly string[] };

/** Probes of one container. Readiness and liveness differ: a busy pod is taken out of service, not killed. */
export interface Probes {
  /** Runs first; the others wait for it. `seconds` is how long starting may take. */
  readonly startup?: ProbeAction & { readonly seconds: number };
  readonly readiness?: ProbeAction;
  readonly liveness?: ProbeAction;
}

/** Kubernetes quantities, e.g. `100m` and `64Mi`; `ephemeral-storage` is logs and empty directories on the node's disk. */
export type Quantities = Readonly<Partial<Record<"cpu" | "memory" | "ephemeral-storage", string>>>;

/** Requests are what the scheduler reserves; limits are what the kernel enforces. */
export interface Resources {
  readonly requests?: Quantities;
  readonly limits?: Quantities;
}

/** A claim and where it is mounted. */
export interface Storage {
  /** Default size of the claim. */
  readonly size: string;
  readonly mountPath: string;
}

/** A container that must succeed before the service's own container starts: waiting is done in the pod. */
export interface Wait {
  /** Name of the init container. */
  readonly name: string;
  /** Service whose image has the tools. @default the service's own image */
  readonly imageOf?: string;
  readonly command: readonly string[];
}

/** An extra container in the pod, with the same image and user as the service's own container. */
export interface Sidecar {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, EnvironmentValue>>;
  /** Empty directories that this container and the service's own container both mount. */
  readonly shared?: readonly string[];
  /** Arguments that the service's own container gets while the sidecar is on. */
  readonly serviceArgs?: readonly string[];
  /** A claim of its own, named `<service>-<sidecar>`. */
  readonly storage?: Storage;
  readonly resources: Resources;
}

/** One service of the application: its key names the workload, its Service and its DNS name. */
export interface ServiceDefinition {
  /**
   * Keys it had before, for stacks that were deployed with one of them: the engine then knows what it made for it, and
   * its claims and its password stay. @default none
   */
  readonly formerly?: readonly string[];
  /** Image reference with digest. */
  readonly image: string;
  /** @default the image's own */
  readonly command?: readonly string[];
  /** @default the image's own */
  readonly args?: readonly string[];
  /** Port the container listens on. @default none: then there is no Service */
  readonly port?: number;
  /** Port of the Service. @default `port` */
  readonly servicePort?: number;
  /** The one service that is reached from outside, through nginx, which passes `/api/` on to `upstream`. */
  readonly edge?: { readonly upstream: string };
  readonly env?: Readonly<Record<string, EnvironmentValue>>;
  /** Services it talks to. Everything that `env` and `edge` refer to must be listed, and nothing else. */
  readonly uses?: readonly string[];
  readonly waits?: readonly Wait[];
  /** Owns a password, generated once and kept encrypted in the state: its key in a Secret. @default none */
  readonly password?: string;
  /** uid the containers run as; never 0. */
  readonly user: number;
  /** gid the containers run as. @default `user` */
  readonly group?: number;
  /** Directories that must be writable: the root file system is read-only. */
  readonly writable?: readonly string[];
  readonly probes?: Probes;
  readonly resources: Resources;
  /** Why there can be only one replica; unset: any number. A service with storage is always one. */
  readonly singletonReason?: string;
  /** Makes the service a StatefulSet with a claim. */
  readonly storage?: Storage;
  readonly sidecars?: Readonly<Record<string, Sidecar>>;
  /** Seconds between the signal to stop and the kill. */
  readonly gracePeriodSeconds: number;
  /** Seconds a pod goes on serving after it was taken out of its Service. @default 0 */
  readonly drainSeconds?: number;
}

/** The application: every service by its key. */
export type Services = Readonly<Record<string, ServiceDefinition>>;
