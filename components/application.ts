import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import * as pulumi from "@pulumi/pulumi";
import { aliasesFor } from "./aliases.ts";
import type { Cluster } from "./cluster/cluster.ts";
import type { Endpoint } from "./cluster/endpoint.ts";
import { BucketCopyJob, type Bucket } from "./bucket-copy.ts";
import { exposeEdge, type ExposureArgs } from "./edge/index.ts";
import type { EnvValue } from "./kubernetes/env.ts";
import { applicationLabels, derivedName } from "./kubernetes/labels.ts";
import { resolveImage, type ImageSettings } from "./kubernetes/image.ts";
import type { ContainerArgs } from "./kubernetes/pod.ts";
import { mergeResources } from "./kubernetes/resources.ts";
import { StatelessService, type ScaleArgs } from "./stateless-service.ts";
import { Login } from "./login.ts";
import { NetworkPolicies } from "./network-policies.ts";
import { Password } from "./password.ts";
import { s3Bucket, type S3Args } from "./s3-bucket.ts";
import type {
  BucketCopy,
  EnvironmentValue,
  Resources,
  ServiceDefinition,
  Services,
  Sidecar,
  Storage,
} from "./service.ts";
import { StatefulService, type SidecarArgs } from "./stateful-service.ts";
import { timeoutsOf } from "./timeouts.ts";
import type { WorkloadArgs } from "./workload.ts";

/** The settings that a stack may give one service; everything else is in its definition. */
export interface ServiceOverrides {
  /** The number of pods. @default one */
  readonly scale?: ScaleArgs | undefined;
  /** Single values in place of the definition's. @default the definition's */
  readonly resources?: Resources | undefined;
  /** The size of the claim. @default the definition's */
  readonly storage?: Pick<Storage, "size"> | undefined;
  /** The size of the claims of its sidecars. @default the definition's, else the size of the service's own claim */
  readonly backups?: Pick<Storage, "size"> | undefined;
  /** `false` switches a sidecar off, by its name. @default all are on */
  readonly sidecars?: Readonly<Record<string, boolean | undefined>> | undefined;
}

/** The arguments of an {@link Application}. */
export interface ApplicationArgs {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly services: Services;
  readonly overrides: Readonly<Record<string, ServiceOverrides | undefined>>;
  readonly images: ImageSettings;
  readonly exposure: ExposureArgs;
  /** The bucket that backups are copied to: one that the cluster's cloud makes, or one that is there. @default none */
  readonly bucket?: "cluster" | S3Args | undefined;
  /** The seconds that an object may take to become ready. @default by service, see {@link timeoutsOf} */
  readonly timeoutSeconds?: number | undefined;
}

/** The whole application in one namespace: every service of the list, one of which is the edge. */
export class Application extends pulumi.ComponentResource {
  /** The URL answers without a helper running; it is empty where none does. */
  readonly url: pulumi.Output<string>;
  /** The command that leads to the application. */
  readonly accessCommand: pulumi.Output<string>;
  readonly namespace: pulumi.Output<string>;
  private readonly args: ApplicationArgs;
  /** What values of the environment refer to, such as `password postgres`. */
  private readonly secrets: ReadonlyMap<string, EnvValue>;
  private readonly policies: NetworkPolicies | undefined;
  private readonly bucket: Bucket | undefined;

  constructor(name: string, args: ApplicationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:app:Application", name, {}, { ...opts, provider: args.cluster.provider });
    this.args = args;
    this.namespace = this.createNamespace();
    this.secrets = this.createSecrets();
    this.bucket = this.createBucket();
    this.policies = this.createPolicies();
    let endpoint: pulumi.Output<Endpoint> | undefined;
    for (const [key, service] of Object.entries(args.services)) {
      if (service.storage) this.createStateful(key, service, service.storage);
      else if (service.edge) endpoint = this.createEdge(key, service, service.edge.upstream);
      else this.createStateless(key, service);
      if (service.bucketCopy && this.bucket)
        this.createBucketCopy(key, service, service.bucketCopy, this.bucket);
    }
    if (!endpoint) throw new Error("the list of services has no edge");
    this.url = endpoint.apply(({ url }) => url);
    this.accessCommand = endpoint.apply(({ accessCommand }) => accessCommand);
    this.registerOutputs({ url: this.url, accessCommand: this.accessCommand, namespace: this.namespace });
  }

  private createNamespace(): pulumi.Output<string> {
    const { namespace, cluster, exposure } = this.args;
    if (cluster.existingNamespace === true) return pulumi.output(namespace);
    const labels = {
      ...(exposure.type === "ingress" && cluster.ingress?.namespaceLabels),
      ...applicationLabels,
      "pod-security.kubernetes.io/enforce": "restricted",
    };
    // With its namespace, every claim would go: it is protected as they are.
    const opts = { parent: this, protect: cluster.protectData };
    return new Namespace(namespace, { metadata: { name: namespace, labels } }, opts).metadata.name;
  }

  private createSecrets(): ReadonlyMap<string, EnvValue> {
    const { namespace } = this;
    const protect = this.args.cluster.protectData;
    const secrets = new Map<string, EnvValue>();
    for (const [key, { password, login, formerly }] of Object.entries(this.args.services)) {
      if (password !== undefined) {
        const args = { namespace, key: password, protect };
        const opts = { parent: this, ...aliasesFor(formerly, derivedName.password) };
        const { secretName } = new Password(key, args, opts);
        secrets.set(`password ${key}`, { secretName, key: password });
      }
      if (login !== undefined) {
        const opts = { parent: this, ...aliasesFor(formerly, derivedName.login) };
        const { secretName, user } = new Login(key, { namespace, database: login, protect }, opts);
        // No reference to the Secret: until the first update of an object, a preview holds the old `value` of a variable beside
        // a new `valueFrom` (see `portName`), and the API server refuses both. Older versions had the role as a `value`.
        secrets.set(`loginUser ${key}`, user);
        secrets.set(`loginPassword ${key}`, { secretName, key: "password" });
        secrets.set(`loginVerifier ${key}`, { secretName, key: "verifier" });
      }
    }
    return secrets;
  }

  private createPolicies(): NetworkPolicies | undefined {
    const { cluster, services, exposure } = this.args;
    if (cluster.networkPolicies === "none") return undefined;
    const { namespace, bucket } = this;
    const args = { namespace, services, exposure: exposure.type, cluster, bucket };
    return new NetworkPolicies("network-policies", args, { parent: this });
  }

  private createStateless(key: string, service: ServiceDefinition): void {
    const opts = { parent: this, ...aliasesFor(service.formerly) };
    const { singletonReason } = service;
    new StatelessService(key, { ...this.workload(key, service), ...this.scale(key), singletonReason }, opts);
  }

  private createStateful(key: string, service: ServiceDefinition, storage: Storage): void {
    const { cluster, overrides } = this.args;
    const workload = this.workload(key, service);
    const isOn = (name: string) => overrides[key]?.sidecars?.[name] !== false;
    const all = Object.entries(service.sidecars ?? {});
    const on = all.filter(([name]) => isOn(name));
    const shared = on.flatMap(([, sidecar]) => sidecar.shared ?? []);
    const extraArgs = on.flatMap(([, sidecar]) => sidecar.serviceArgs ?? []);
    const { args = [], writable = [] } = workload.container;
    const size = overrides[key]?.storage?.size ?? storage.size;
    const claimOf = (own: Sidecar["storage"]): Storage | undefined =>
      own && { ...own, size: overrides[key]?.backups?.size ?? own.size ?? size };
    const sidecars = all.map(([name, sidecar]): SidecarArgs => ({
      enabled: isOn(name),
      storage: claimOf(sidecar.storage),
      container: {
        name,
        image: workload.container.image,
        command: sidecar.command,
        env: this.environment(sidecar.env),
        resources: sidecar.resources,
        // The same empty directories as the service's own container: its socket and its temporary files.
        writable: [...writable, ...(sidecar.shared ?? [])],
      },
    }));
    new StatefulService(
      key,
      {
        ...workload,
        container: {
          ...workload.container,
          args: args.length + extraArgs.length > 0 ? [...args, ...extraArgs] : undefined,
          writable: [...writable, ...shared],
        },
        storage: { ...storage, size },
        storageClassName: cluster.storageClassName,
        sidecars,
        protect: cluster.protectData,
        renamed: service.formerly !== undefined,
      },
      { parent: this, ...aliasesFor(service.formerly) },
    );
  }

  private createBucket(): Bucket | undefined {
    const { bucket, cluster, services } = this.args;
    if (bucket !== "cluster") return bucket && s3Bucket(bucket);
    const [key] = Object.entries(services).find(([, { bucketCopy }]) => bucketCopy) ?? [];
    if (key === undefined) return undefined;
    if (!cluster.createBucket) throw new Error("the cloud of this cluster offers no bucket");
    return cluster.createBucket({ namespace: this.namespace, serviceAccount: derivedName.bucketCopy(key) });
  }

  private createBucketCopy(key: string, service: ServiceDefinition, copy: BucketCopy, bucket: Bucket): void {
    const { container, namespace, user, group, architecture, after, podAnnotations } = this.workload(
      key,
      service,
    );
    const { registry, pullSecret } = this.args.images;
    const common = { pullSecret, namespace, user, group, architecture, after, podAnnotations };
    const uploadImage = resolveImage("", copy.upload.image, { registry });
    const dumpEnv = this.environment(copy.dump.env);
    new BucketCopyJob(
      key,
      { ...common, copy, bucket, image: container.image, uploadImage, dumpEnv },
      { parent: this, ...aliasesFor(service.formerly, derivedName.bucketCopy) },
    );
  }

  private createEdge(key: string, service: ServiceDefinition, upstream: string): pulumi.Output<Endpoint> {
    const { cluster, namespace, exposure, services } = this.args;
    const { formerly } = service;
    const workload = { ...this.workload(key, service), ...this.scale(key) };
    const upstreamPort = `${upstream}:${servicePortOf(services, upstream)}`;
    return exposeEdge(
      key,
      { cluster, namespace, workload, upstream: upstreamPort, exposure, formerly },
      this,
    );
  }

  /** The workload of a service: its definition with the stack's overrides, and references resolved. */
  private workload(key: string, service: ServiceDefinition): WorkloadArgs {
    const { overrides, images, services, timeoutSeconds, cluster } = this.args;
    const image = (of: string) => resolveImage(of, services[of]?.image ?? "", images);
    const resources = mergeResources(service.resources, overrides[key]?.resources);
    const initContainers = (service.waits ?? []).map(({ name, imageOf, command, env }): ContainerArgs => ({
      name,
      command,
      env: this.environment(env),
      image: image(imageOf ?? key),
      resources,
    }));
    return {
      namespace: this.namespace,
      container: {
        image: image(key),
        command: service.command,
        args: service.args,
        port: service.port,
        resources,
        probes: service.probes,
        writable: service.writable,
        drainSeconds: service.drainSeconds,
        env: this.environment(service.env),
      },
      initContainers,
      pullSecret: images.pullSecret,
      // An image that the stack names is its own affair: it may have others, or the nodes emulate this one.
      architecture: images[key] === undefined ? service.architecture : undefined,
      awaitsNode: cluster.nodeStartSeconds > 0,
      podAnnotations: service.storage || service.singletonReason ? cluster.onlyPodAnnotations : undefined,
      servicePort: service.servicePort,
      user: service.user,
      group: service.group,
      gracePeriodSeconds: service.gracePeriodSeconds,
      after: this.policies,
      timeouts: timeoutsOf(services, key, timeoutSeconds, cluster.nodeStartSeconds),
    };
  }

  private scale(key: string): { scale: ScaleArgs } | Record<string, never> {
    const scale = this.args.overrides[key]?.scale;
    return scale ? { scale } : {};
  }

  /** References become plain text or a key of a Secret; never an output of another service, which would wait for it. */
  private environment(
    env: Readonly<Record<string, EnvironmentValue>> = {},
  ): Record<string, EnvValue> | undefined {
    const values = Object.entries(env).map(([name, value]): [string, EnvValue] => {
      if (typeof value === "string") return [name, value];
      if ("host" in value) return [name, value.host];
      if ("port" in value) return [name, servicePortOf(this.args.services, value.port)];
      const reference = Object.entries(value).flat().join(" ");
      const secret = this.secrets.get(reference);
      if (!secret) throw new Error(`there is no ${reference}`);
      return [name, secret];
    });
    return values.length > 0 ? Object.fromEntries(values) : undefined;
  }
}

function servicePortOf(services: Services, key: string): string {
  const service = services[key];
  return String(service?.servicePort ?? service?.port ?? "");
}
