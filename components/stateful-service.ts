import { StatefulSet } from "@pulumi/kubernetes/apps/v1/statefulSet.js";
import { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1/persistentVolumeClaim.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import * as pulumi from "@pulumi/pulumi";
import { derivedName, selectorLabels } from "./kubernetes/labels.ts";
import type { ContainerArgs, Mount } from "./kubernetes/pod.ts";
import type { Storage } from "./service.ts";
import { rolloutTimeouts } from "./timeouts.ts";
import { metadata, podTemplate, serviceAccount, serviceSpec, type WorkloadArgs } from "./workload.ts";

/** The arguments of an extra container of the pod, with a claim of its own where it keeps something. */
export interface SidecarArgs {
  readonly container: ContainerArgs;
  readonly storage?: Storage | undefined;
  /** `false` leaves the container out; its claim stays, with its data. */
  readonly enabled: boolean;
}

/**
 * The fields whose change would replace a claim (forceNewProperties, provider/pkg/provider/diff.go @ 94977969) keep the value that the state has:
 * nothing makes the engine delete one for another, not a service's other name, nor what the cluster filled in.
 */
const neverReplaced = [
  "metadata.name",
  ...["accessModes", "selector", "storageClassName", "volumeName"].map((field) => `spec.${field}`),
];

/** The arguments of a {@link StatefulService}. */
export interface StatefulServiceArgs extends WorkloadArgs {
  readonly storage: Storage;
  /** @default the cluster's default class */
  readonly storageClassName?: pulumi.Input<string> | undefined;
  /** @default none */
  readonly sidecars?: readonly SidecarArgs[];
  /** `true` has the engine refuse to delete or replace the claims and the StatefulSet. */
  readonly protect: boolean;
  /** `true` lets the StatefulSet be replaced even so, by one of another name on the same claims. @default false */
  readonly renamed?: boolean;
}

/**
 * A StatefulSet of one pod, its Services and its claims.
 *
 * The claims are resources of their own, not `volumeClaimTemplates`: those are not in the state, cannot be
 * protected, and a changed size would replace the StatefulSet. A claim keeps the name it was made with, whatever the
 * service is called later, and stays in the cluster when the service goes: it ends with its namespace.
 *
 * @example
 * new StatefulService("redis", { namespace, container: { image, port: 6379, resources }, user: 999,
 *   storage: { size: "1Gi", mountPath: "/data" }, gracePeriodSeconds: 30, protect: true });
 */
export class StatefulService extends pulumi.ComponentResource {
  /** The Service that clients use; none without a port. */
  readonly service: Service | undefined;

  constructor(name: string, args: StatefulServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:app:StatefulService", name, {}, opts);
    const { sidecars = [], protect, container } = args;
    const account = serviceAccount(name, args, { parent: this });
    const data = this.claim(name, derivedName.data(name), args, args.storage);
    const containers = sidecars.flatMap(({ container: sidecar, storage, enabled }) => {
      const mounts = storage
        ? [this.claim(name, derivedName.sidecar(name, sidecar.name), args, storage)]
        : undefined;
      return enabled ? [{ ...sidecar, mounts }] : [];
    });
    const own = { ...args, container: { ...container, mounts: [...(container.mounts ?? []), data] } };
    new StatefulSet(
      name,
      {
        metadata: metadata(name, args),
        spec: {
          replicas: 1,
          serviceName: derivedName.headless(name),
          selector: { matchLabels: selectorLabels(name) },
          template: podTemplate(name, own, account.metadata.name, { sidecars: containers }),
        },
      },
      // Also under another name: two pods must never write to one claim.
      {
        parent: this,
        ...(args.after && { dependsOn: args.after }),
        protect: protect && args.renamed !== true,
        deleteBeforeReplace: true,
        ...rolloutTimeouts(args.timeouts?.pods),
      },
    );
    this.service = container.port === undefined ? undefined : this.createServices(name, container.port, args);
    this.registerOutputs({ service: this.service });
  }

  /** Creates a claim, and gives it as the volume of a container. */
  private claim(
    service: string,
    name: string,
    args: StatefulServiceArgs,
    { size, mountPath }: Storage,
  ): Mount {
    const { storageClassName, protect } = args;
    const claim = new PersistentVolumeClaim(
      name,
      {
        metadata: metadata(name, args, service),
        spec: {
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: size } },
          ...(storageClassName !== undefined && { storageClassName }),
        },
      },
      { parent: this, protect, retainOnDelete: true, ignoreChanges: neverReplaced },
    );
    return { name, mountPath, source: { persistentVolumeClaim: { claimName: claim.metadata.name } } };
  }

  /** Creates the headless Service that a StatefulSet needs, and the one that clients use. */
  private createServices(name: string, port: number, args: StatefulServiceArgs): Service {
    const headless = derivedName.headless(name);
    const spec = serviceSpec(name, port, args);
    const child = { parent: this, ...rolloutTimeouts(args.timeouts?.pods) };
    new Service(
      headless,
      { metadata: metadata(headless, args, name), spec: { clusterIP: "None", ...spec } },
      child,
    );
    return new Service(name, { metadata: metadata(name, args), spec: { type: "ClusterIP", ...spec } }, child);
  }
}
