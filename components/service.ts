/**
 * The vocabulary in which `services.ts` describes a service. It has types only: the list stays plain data.
 */

/** An environment value: text, or a reference to another service that is resolved when the pod is built. */
export type EnvironmentValue =
  | string
  /** The DNS name of the service's Service. */
  | { readonly host: string }
  /** The port of the service's Service, as text. */
  | { readonly port: string }
  /** The generated password owned by the service, read from a Secret by the kubelet. */
  | { readonly password: string }
  /** What logs in to the service's database: the role as text; its password, or the verifier of that, from a Secret. */
  | { readonly loginUser: string }
  | { readonly loginPassword: string }
  | { readonly loginVerifier: string };

/** The action by which the kubelet probes a container: an HTTP path or a TCP connection on its port, or a command in it. */
export type ProbeAction =
  { readonly httpGet: string } | { readonly tcpSocket: true } | { readonly exec: readonly string[] };

/** The probes of one container. Readiness and liveness differ: a busy pod is taken out of service, not killed. */
export interface Probes {
  /** It runs first, and the others wait for it. `seconds` is the time that starting may take. */
  readonly startup?: ProbeAction & { readonly seconds: number };
  readonly readiness?: ProbeAction;
  readonly liveness?: ProbeAction;
}

/** Quantities of Kubernetes, such as `100m` and `64Mi`; `ephemeral-storage` is logs and empty directories on the node's disk. */
export type Quantities = Readonly<Partial<Record<"cpu" | "memory" | "ephemeral-storage", string>>>;

/** The resources of a container: the scheduler reserves the requests, and the kernel enforces the limits. */
export interface Resources {
  readonly requests?: Quantities;
  readonly limits?: Quantities;
}

/** A claim, and the path at which it is mounted. */
export interface Storage {
  /** The size of the claim, unless the stack sets another one. */
  readonly size: string;
  readonly mountPath: string;
}

/** A container that must succeed before the service's own container starts: waiting is done in the pod. */
export interface Wait {
  /** The name of the init container. */
  readonly name: string;
  /** The service whose image has the tools. @default the service's own image */
  readonly imageOf?: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, EnvironmentValue>>;
}

/** An extra container in the pod, with the same image and user as the service's own container. */
export interface Sidecar {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, EnvironmentValue>>;
  /** The paths of empty directories that this container and the service's own container both mount. */
  readonly shared?: readonly string[];
  /** The arguments that the service's own container gets while the sidecar is on. */
  readonly serviceArgs?: readonly string[];
  /** A claim of its own, named `<service>-<sidecar>`; its size is by default that of the service's own. @default none */
  readonly storage?: Pick<Storage, "mountPath"> & Partial<Storage>;
  readonly resources: Resources;
}

/**
 * A job that makes a backup of the service once a day and copies it to a bucket, which the stack names (`backup`). Without one
 * there is no job.
 */
export interface BucketCopy {
  /** The time of day, in UTC, as cron writes it. */
  readonly schedule: string;
  /** The path of the empty directory that the dump is made in, and copied from. */
  readonly folder: string;
  /** The container that makes the dump, with the service's image; the copy begins when it has succeeded. */
  readonly dump: Pick<Sidecar, "command" | "env" | "resources">;
  /** The container that copies: rclone, to whose arguments `bucket:$(BUCKET)` is the bucket. */
  readonly upload: Required<Pick<ServiceDefinition, "image" | "args">> & Pick<ServiceDefinition, "resources">;
}

/** One service of the application: its key names the workload, its Service and its DNS name. */
export interface ServiceDefinition {
  /**
   * The keys that it had before, for stacks that were deployed with one of them: the engine then recognizes its
   * resources, and its claims and its password stay. @default none
   */
  readonly formerly?: readonly string[];
  /** The image's reference, with digest. */
  readonly image: string;
  /** The one processor architecture that the image is made for, as Kubernetes labels nodes. @default any */
  readonly architecture?: "amd64" | "arm64";
  /** @default the image's own */
  readonly command?: readonly string[];
  /** @default the image's own */
  readonly args?: readonly string[];
  /** The port that the container listens on. @default none, and then no Service */
  readonly port?: number;
  /** The port of the Service. @default `port` */
  readonly servicePort?: number;
  /** It marks the one service that is reached from outside, through nginx, which passes `/api/` on to `upstream`. */
  readonly edge?: { readonly upstream: string };
  readonly env?: Readonly<Record<string, EnvironmentValue>>;
  /** The services that it talks to. Everything that `env` and `edge` refer to must be listed, and nothing else. */
  readonly uses?: readonly string[];
  /** `internet` lets its pods speak to public IPv4 addresses, at every port. @default to those that it `uses` alone */
  readonly egress?: "internet";
  readonly waits?: readonly Wait[];
  /** The key, in a Secret, of a password that is generated once and kept encrypted in the state. @default no password */
  readonly password?: string;
  /**
   * The database to which other services log in, as one of two roles `<login>_a` and `<login>_b`; `make rotate-password` changes
   * from one to the other. `database/create-login.sh` makes the role, in a pod of a service that logs in. @default no login
   */
  readonly login?: string;
  /** The uid that the containers run as; never 0. */
  readonly user: number;
  /** The gid that the containers run as. @default `user` */
  readonly group?: number;
  /** The directories that must be writable: the root file system is read-only. */
  readonly writable?: readonly string[];
  readonly probes?: Probes;
  readonly resources: Resources;
  /** The reason why there can be only one replica. A service with storage has always one. @default any number */
  readonly singletonReason?: string;
  /** The claim that makes the service a StatefulSet. @default none: a Deployment */
  readonly storage?: Storage;
  readonly sidecars?: Readonly<Record<string, Sidecar>>;
  /** The copy of its backups outside of the cluster. @default there is none */
  readonly bucketCopy?: BucketCopy;
  /** The seconds between the signal to stop and the kill. */
  readonly gracePeriodSeconds: number;
  /** The seconds that a pod goes on serving after it was taken out of its Service. @default 0 */
  readonly drainSeconds?: number;
}

/** The application: every service by its key. */
export type Services = Readonly<Record<string, ServiceDefinition>>;
