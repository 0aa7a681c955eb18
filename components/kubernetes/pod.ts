import type { Input } from "@pulumi/pulumi";
import type { core } from "@pulumi/kubernetes/types/input.js";
import type { ProbeAction, Probes, Resources } from "../service.ts";
import { envVars, type EnvValue } from "./env.ts";

/**
 * The name of a port is another one for another number: until the first update of an object, a preview holds old and new port
 * side by side (fixCSAFieldManagers is left out of it, provider/pkg/await/await.go @ 94977969), and names are unique.
 */
export const portName = (port: number) => `port-${String(port)}`;

/** A volume that is not an empty directory, and the path at which it is mounted. */
export interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly source: Omit<core.v1.Volume, "name">;
  readonly readOnly?: boolean;
}

/** The arguments of one container of a pod. */
export interface ContainerArgs {
  readonly name: string;
  readonly image: string;
  /** @default the image's own */
  readonly command?: readonly string[] | undefined;
  /** @default the image's own */
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, EnvValue>> | undefined;
  readonly port?: number | undefined;
  /** `true` where the port speaks TLS, which a probe has to know. @default false */
  readonly tls?: boolean | undefined;
  readonly probes?: Probes | undefined;
  readonly resources: Resources;
  /** The paths of empty directories; containers that name the same path share it. */
  readonly writable?: readonly string[] | undefined;
  readonly mounts?: readonly Mount[] | undefined;
  /** `true` has the kubelet report the end of the log of a container that fails. @default false */
  readonly reportsFailure?: boolean | undefined;
  /** The seconds that the container goes on serving after the pod was told to stop. @default 0 */
  readonly drainSeconds?: number | undefined;
}

/** The arguments of a pod: its containers, and the settings that they share. */
export interface PodArgs {
  readonly serviceAccountName: Input<string>;
  readonly user: number;
  readonly group: number;
  readonly containers: readonly ContainerArgs[];
  readonly initContainers?: readonly ContainerArgs[];
  /** The name of the Secret with which the images are pulled. @default no login, or that of the node */
  readonly pullSecret?: string | undefined;
  /** The processor architecture of the nodes that can run the pod. @default any */
  readonly architecture?: string | undefined;
  readonly gracePeriodSeconds: number;
  /** The labels of the pods that are spread across nodes and zones, where there are several. @default they are not */
  readonly spreadAcross?: Readonly<Record<string, string>> | undefined;
  /** `true` where a pod waits for a node rather than to share one that has more of them than another. @default false */
  readonly awaitsNode?: boolean | undefined;
}

const hostname = "kubernetes.io/hostname";
const anyNode = { whenUnsatisfiable: "ScheduleAnyway" };
/**
 * The pod waits for a node. Nodes with a taint, which these pods do not tolerate, do not count: otherwise the cloud's own
 * nodes, which have none of these pods, would allow a single pod on each of the others.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
 */
const oneMoreNode = { whenUnsatisfiable: "DoNotSchedule", nodeTaintsPolicy: "Honor" };

/**
 * The pod spec, fit for Pod Security `restricted`: not root, no privilege, read-only root file system.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export function podSpec(args: PodArgs): core.v1.PodSpec {
  const all = [...(args.initContainers ?? []), ...args.containers];
  const mounts = new Map(all.flatMap((c) => c.mounts ?? []).map((mount) => [mount.name, mount]));
  const writable = new Set(all.flatMap((c) => c.writable ?? []));
  return {
    serviceAccountName: args.serviceAccountName,
    ...(args.pullSecret !== undefined && { imagePullSecrets: [{ name: args.pullSecret }] }),
    automountServiceAccountToken: false,
    // Otherwise a Service called `redis` injects REDIS_PORT=tcp://... into every container.
    enableServiceLinks: false,
    terminationGracePeriodSeconds: args.gracePeriodSeconds,
    ...(args.architecture !== undefined && { nodeSelector: { "kubernetes.io/arch": args.architecture } }),
    ...(args.spreadAcross && {
      topologySpreadConstraints: [hostname, "topology.kubernetes.io/zone"].map((topologyKey) => ({
        topologyKey,
        maxSkew: 1,
        ...(topologyKey === hostname && args.awaitsNode === true ? oneMoreNode : anyNode),
        labelSelector: { matchLabels: { ...args.spreadAcross } },
        // Of one revision only: the pods that a roll takes away do not count.
        matchLabelKeys: ["pod-template-hash"],
      })),
    }),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: args.user,
      runAsGroup: args.group,
      fsGroup: args.group,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    },
    ...(args.initContainers?.length ? { initContainers: args.initContainers.map(container) } : {}),
    containers: args.containers.map(container),
    volumes: [
      ...[...writable].map((path) => ({ name: volumeName(path), emptyDir: {} })),
      ...[...mounts.values()].map(({ name, source }) => ({ name, ...source })),
    ],
  };
}

function container(args: ContainerArgs): core.v1.Container {
  const { probes } = args;
  return {
    name: args.name,
    image: args.image,
    // Also with the tag `latest`: an image loaded into a local cluster must be found.
    imagePullPolicy: "IfNotPresent",
    ...(args.command && { command: [...args.command] }),
    ...(args.args && { args: [...args.args] }),
    ...(args.env && { env: envVars(args.env) }),
    ...(args.port !== undefined && {
      ports: [{ name: portName(args.port), containerPort: args.port, protocol: "TCP" }],
    }),
    ...(probes?.startup && {
      startupProbe: probe(probes.startup, args, {
        periodSeconds: 2,
        failureThreshold: Math.ceil(probes.startup.seconds / 2),
      }),
    }),
    ...(probes?.readiness && { readinessProbe: probe(probes.readiness, args, { periodSeconds: 5 }) }),
    ...(probes?.liveness && { livenessProbe: probe(probes.liveness, args, { periodSeconds: 10 }) }),
    ...(args.drainSeconds && { lifecycle: { preStop: { sleep: { seconds: args.drainSeconds } } } }),
    ...(args.reportsFailure === true && { terminationMessagePolicy: "FallbackToLogsOnError" }),
    resources: args.resources,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
    volumeMounts: [
      // Each once: sidecars may share one directory, which may be writable anyway.
      ...[...new Set(args.writable)].map((path) => ({ name: volumeName(path), mountPath: path })),
      ...(args.mounts ?? []).map(({ name, mountPath, readOnly }) => ({
        name,
        mountPath,
        ...(readOnly && { readOnly }),
      })),
    ],
  };
}

function probe(action: ProbeAction, { port, tls }: ContainerArgs, timing: core.v1.Probe): core.v1.Probe {
  if ("exec" in action) return { exec: { command: [...action.exec] }, timeoutSeconds: 5, ...timing };
  if (port === undefined) throw new Error("a probe over the network needs a container with a port");
  if ("tcpSocket" in action) return { tcpSocket: { port }, ...timing };
  return {
    httpGet: { path: action.httpGet, port, ...(tls && { scheme: "HTTPS" }) },
    timeoutSeconds: 5,
    ...timing,
  };
}

/** `/var/cache/nginx` -> `var-cache-nginx`: a volume's name is a DNS label. */
function volumeName(path: string): string {
  return path
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}
