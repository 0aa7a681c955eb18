import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { HorizontalPodAutoscaler } from "@pulumi/kubernetes/autoscaling/v2/horizontalPodAutoscaler.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import * as pulumi from "@pulumi/pulumi";
import { withFormerType } from "./aliases.ts";
import { podLabels, selectorLabels } from "./kubernetes/labels.ts";
import { addressTimeouts, rolloutTimeouts } from "./timeouts.ts";
import { metadata, podTemplate, serviceAccount, serviceSpec, type WorkloadArgs } from "./workload.ts";

/** The number of pods: a fixed one, or the bounds of an autoscaler. */
export interface ScaleArgs {
  readonly replicas?: number;
  readonly min?: number;
  readonly max?: number;
  /** The CPU that the autoscaler aims at, in percent of the request. @default 70 */
  readonly cpu?: number;
}

/** The annotation that says why a workload has one pod; the policy wants several on a cluster that the stack makes. */
const singlePod = "multi-client/single-pod";

/** The annotation with which the provider takes fields over from other managers (patchForce, provider/pkg/await/await.go @ 94977969). */
const patchForce = "pulumi.com/patchForce";

/**
 * The annotations of a Deployment, and the fields that the engine keeps as the state has them.
 *
 * Under an autoscaler the number of pods is its own. Where this program set it before, the last one stays until then: a
 * field that is left out would be made 1. A number that the caller sets is meant: it is taken over from an autoscaler or
 * `kubectl scale`, instead of a conflict with them. The default is not worth that, but in the place of an autoscaler,
 * which leaves the field its own when it goes. The engine remembers whether there was one: an ignored change keeps
 * the annotation that a state has, and makes none (PropertyPath.Reset, pulumi/pulumi sdk/go/common/resource; it adds no
 * `annotations` either, so they are never left out).
 */
function ownership({ replicas }: ScaleArgs, isDefault: boolean) {
  const annotations: Record<string, string> = isDefault ? {} : { [patchForce]: "true" };
  if (replicas === undefined) return { annotations, ignoreChanges: ["spec.replicas"] };
  return { annotations, ignoreChanges: isDefault ? [`metadata.annotations["${patchForce}"]`] : [] };
}

/** The exposure of a Service, in Kubernetes' own words. */
export interface ServiceExposure {
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer";
  readonly nodePort?: number | undefined;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The arguments of a {@link StatelessService}. */
export interface StatelessServiceArgs extends WorkloadArgs {
  /** @default one replica */
  readonly scale?: ScaleArgs;
  /** The reason why there is one pod, for whoever looks at the Deployment. @default none */
  readonly singletonReason?: string | undefined;
  /** @default a ClusterIP */
  readonly exposure?: ServiceExposure;
}

/**
 * A Deployment and its Service, from one set of arguments: selector, labels and ports cannot diverge.
 * A container without a port gets no Service.
 *
 * @example
 * new StatelessService("server", { namespace, container: { image, port: 5000, resources }, user: 1000, gracePeriodSeconds: 15 });
 */
export class StatelessService extends pulumi.ComponentResource {
  /** The Service; none without a port. */
  readonly service: Service | undefined;

  constructor(name: string, args: StatelessServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      "multi-client:app:StatelessService",
      name,
      {},
      withFormerType("multi-client:app:Microservice", opts),
    );
    const { scale = { replicas: 1 } } = args;
    const { annotations, ignoreChanges } = ownership(scale, args.scale === undefined);
    const child = { parent: this };
    const account = serviceAccount(name, args, child);
    new Deployment(
      name,
      {
        metadata: {
          ...metadata(name, args),
          annotations: { ...annotations, ...(args.singletonReason && { [singlePod]: args.singletonReason }) },
        },
        spec: {
          ...(scale.replicas !== undefined && { replicas: scale.replicas }),
          revisionHistoryLimit: 3,
          selector: { matchLabels: selectorLabels(name) },
          // Never fewer than asked for: a gap loses requests and messages.
          strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
          template: podTemplate(name, args, account.metadata.name, { replicated: true }),
        },
      },
      {
        ...child,
        ...(args.after && { dependsOn: args.after }),
        ...rolloutTimeouts(args.timeouts?.pods),
        ignoreChanges,
      },
    );
    if (scale.max !== undefined) {
      new HorizontalPodAutoscaler(
        name,
        { metadata: metadata(name, args), spec: autoscaler(name, scale) },
        child,
      );
    }
    if ((scale.max ?? scale.replicas ?? 1) > 1) {
      new PodDisruptionBudget(name, { metadata: metadata(name, args), spec: oneAtATime(name) }, child);
    }
    this.service =
      args.container.port === undefined ? undefined : this.createService(name, args.container.port, args);
    this.registerOutputs({ service: this.service });
  }

  private createService(name: string, port: number, args: StatelessServiceArgs): Service {
    const { type, nodePort, annotations }: ServiceExposure = args.exposure ?? { type: "ClusterIP" };
    const seconds = type === "LoadBalancer" ? args.timeouts?.address : args.timeouts?.pods;
    return new Service(
      name,
      {
        metadata: { ...metadata(name, args), ...(annotations && { annotations }) },
        spec: { type, ...serviceSpec(name, port, args, nodePort) },
      },
      // A node port belongs to one Service at a time, also when the Service gets another name.
      {
        parent: this,
        ...(type === "LoadBalancer" ? addressTimeouts(seconds) : rolloutTimeouts(seconds)),
        ...(nodePort !== undefined && { deleteBeforeReplace: true }),
      },
    );
  }
}

/** The budget by which a drain of nodes takes one pod after the other, and one that does not run at any time. */
function oneAtATime(name: string) {
  const selector = { matchLabels: podLabels(name) };
  return { maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow", selector };
}

function autoscaler(name: string, { min = 1, max = min, cpu = 70 }: ScaleArgs) {
  const target = { type: "Utilization", averageUtilization: cpu };
  return {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
    minReplicas: min,
    maxReplicas: max,
    metrics: [{ type: "Resource", resource: { name: "cpu", target } }],
  };
}
