import { pluralOf, type ApiResource } from "../../system/api-path.ts";

/** A kind of object that this plugin serves. */
export interface Kind extends ApiResource {
  readonly kind: string;
  /** The property paths whose change replaces the object. */
  readonly replaceOn: readonly string[];
}

/**
 * The properties that replace an object beside its name and namespace, by type token without `kubernetes:` (`forceNew`
 * and `forceNewProperties`, provider/pkg/provider/diff.go @ 94977969). ConfigMap and Secret are as they are without
 * enableConfigMapMutable and enableSecretMutable. A claim's `spec.resources` is not in the list: storage grows in
 * place, and the API server refuses what cannot be done.
 */
const REPLACE_ON: Readonly<Record<string, readonly string[]>> = {
  "core/v1:Namespace": [],
  "core/v1:ServiceAccount": [],
  "core/v1:Secret": ["type", "stringData", "data"],
  "core/v1:ConfigMap": ["binaryData", "data"],
  "core/v1:Service": ["spec.clusterIP"],
  "core/v1:PersistentVolumeClaim": ["accessModes", "selector", "storageClassName", "volumeName"].map(
    (key) => `spec.${key}`,
  ),
  "apps/v1:Deployment": ["spec.selector"],
  "apps/v1:StatefulSet": [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
  ],
  "batch/v1:CronJob": [],
  "autoscaling/v2:HorizontalPodAutoscaler": [],
  "policy/v1:PodDisruptionBudget": [],
  "networking.k8s.io/v1:Ingress": [],
  "networking.k8s.io/v1:IngressClass": [],
  "networking.k8s.io/v1:NetworkPolicy": [],
  "storage.k8s.io/v1:StorageClass": ["parameters", "provisioner"],
  // Custom resources of the managed clusters. The official plugin takes any, and replaces one for its name and
  // namespace only.
  "eks.amazonaws.com/v1:IngressClassParams": [],
  "gateway.networking.k8s.io/v1:Gateway": [],
  "gateway.networking.k8s.io/v1:HTTPRoute": [],
  "networking.gke.io/v1:HealthCheckPolicy": [],
};

const CLUSTER_WIDE = ["Namespace", "IngressClass", "IngressClassParams", "StorageClass"];

/**
 * The kind behind a Pulumi type token such as `kubernetes:apps/v1:Deployment`.
 *
 * @throws for every type that is not in the table above.
 */
export function servedKind(type: string): Kind {
  const token = type.replace(/^kubernetes:/, "");
  const replaceOn = REPLACE_ON[token];
  if (!replaceOn) {
    const served = Object.keys(REPLACE_ON).join(", ");
    throw new Error(
      `the sandbox's stand-in for the kubernetes plugin does not serve ${type}, only: ${served}`,
    );
  }
  const [version = "", kind = ""] = token.split(":");
  return {
    apiVersion: version.replace(/^core\//, ""),
    kind,
    plural: pluralOf(kind),
    namespaced: !CLUSTER_WIDE.includes(kind),
    replaceOn: ["metadata.name", "metadata.namespace", ...replaceOn],
  };
}
