import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import type { core } from "@pulumi/kubernetes/types/input.js";
import type * as pulumi from "@pulumi/pulumi";
import { objectLabels, podLabels, selectorLabels } from "./kubernetes/labels.ts";
import { podSpec, portName, type ContainerArgs } from "./kubernetes/pod.ts";
import type { Timeouts } from "./timeouts.ts";

/** The arguments that every workload of the application has. */
export interface WorkloadArgs {
  readonly namespace: pulumi.Input<string>;
  /** The service's own container; its `port` makes the Service. */
  readonly container: Omit<ContainerArgs, "name">;
  /** The containers that must succeed first. @default none */
  readonly initContainers?: readonly ContainerArgs[];
  /** The name of the Secret with which the images are pulled. @default no login, or that of the node */
  readonly pullSecret?: string | undefined;
  /** The processor architecture of the nodes that can run the pod. @default any */
  readonly architecture?: string | undefined;
  /** `true` where nodes come when pods ask for them: replicas wait for one each. @default false */
  readonly awaitsNode?: boolean | undefined;
  /** The annotations of the pod. @default none */
  readonly podAnnotations?: Readonly<Record<string, string>> | undefined;
  /** The port of the Service. @default the container's port */
  readonly servicePort?: number | undefined;
  /** The uid of every container of the pod. */
  readonly user: number;
  /** The gid of every container of the pod. @default `user` */
  readonly group?: number | undefined;
  /** The seconds between the signal to stop and the kill. */
  readonly gracePeriodSeconds: number;
  /** The network policies: they are there before the first pod, and go after the last one. @default none */
  readonly after?: pulumi.Resource | undefined;
  /** The time limits of the objects. @default the provider's own */
  readonly timeouts?: Timeouts | undefined;
}

/** Creates the workload's own ServiceAccount, without rights and without a token in the pod. */
export function serviceAccount(
  name: string,
  args: WorkloadArgs,
  opts: pulumi.CustomResourceOptions,
): ServiceAccount {
  return new ServiceAccount(
    name,
    { metadata: metadata(name, args), automountServiceAccountToken: false },
    opts,
  );
}

/** The metadata of an object that has a fixed name because something depends on it. */
export function metadata(name: string, { namespace }: Pick<WorkloadArgs, "namespace">, service = name) {
  return { name, namespace, labels: objectLabels(service) };
}

/**
 * The pods of a workload: labelled as its selector asks, the service's own container first.
 *
 * @param of containers beside it; and `replicated: true` where there may be several pods, which are then spread
 */
export function podTemplate(
  name: string,
  args: WorkloadArgs,
  serviceAccountName: pulumi.Input<string>,
  of: { readonly sidecars?: readonly ContainerArgs[]; readonly replicated?: boolean } = {},
): core.v1.PodTemplateSpec {
  return {
    metadata: {
      labels: objectLabels(name),
      ...(args.podAnnotations && { annotations: { ...args.podAnnotations } }),
    },
    spec: podSpec({
      serviceAccountName,
      user: args.user,
      group: args.group ?? args.user,
      gracePeriodSeconds: args.gracePeriodSeconds,
      containers: [{ ...args.container, name }, ...(of.sidecars ?? [])],
      spreadAcross: of.replicated === true ? selectorLabels(name) : undefined,
      initContainers: args.initContainers ?? [],
      awaitsNode: args.awaitsNode,
      pullSecret: args.pullSecret,
      architecture: args.architecture,
    }),
  };
}

/** The Service spec that fits those pods: selector and target port come from the same arguments. */
export function serviceSpec(
  name: string,
  port: number,
  args: WorkloadArgs,
  nodePort?: number,
): core.v1.ServiceSpec {
  const number = args.servicePort ?? port;
  const ports: core.v1.ServicePort = {
    name: portName(number),
    protocol: "TCP",
    port: number,
    targetPort: port,
    ...(nodePort !== undefined && { nodePort }),
  };
  return { selector: podLabels(name), ports: [ports] };
}
