/** A field that others set as a part of their work, so that it is no drift. */
export interface ExpectedField {
  /** The field managers, as `metadata.managedFields` names them. @default all */
  readonly managers?: readonly string[];
  /** The kinds of the objects. @default all */
  readonly kinds?: readonly string[];
  /** The field, with all that is below it. It is never a whole object, whose other fields are compared as before. */
  readonly field: string;
  /** The work to which it belongs. */
  readonly reason: string;
  /** The page that documents it. */
  readonly source: string;
}

/** The process with the controllers of Kubernetes; k3s has them in its only one. */
const CONTROLLERS = ["kube-controller-manager", "k3s"];
const CLAIMS = "https://kubernetes.io/docs/concepts/storage/persistent-volumes/";

/** The fields that are no drift. A controller that completes objects in another cluster is one more entry. */
export const expectedFields: readonly ExpectedField[] = [
  {
    managers: CONTROLLERS,
    kinds: ["Deployment", "StatefulSet"],
    field: "spec.replicas",
    reason:
      "A HorizontalPodAutoscaler scales it. Where the program sets it as well, the plan has the change.",
    source: "https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/",
  },
  {
    managers: CONTROLLERS,
    kinds: ["PersistentVolumeClaim"],
    field: "spec.volumeName",
    reason: "The claim is bound to its volume.",
    source: `${CLAIMS}#binding`,
  },
  {
    managers: CONTROLLERS,
    kinds: ["PersistentVolumeClaim"],
    field: "spec.storageClassName",
    reason: "A claim without a class gets the default one, also when that comes later.",
    source: `${CLAIMS}#retroactive-default-storageclass-assignment`,
  },
  {
    field: "metadata.finalizers",
    reason: "Controllers clean up before an object goes, such as the load balancer of a Service.",
    source: "https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/",
  },
  {
    field: "metadata.annotations",
    reason:
      "Controllers keep their notes there, such as the revision of a Deployment; so do cert-manager and those of clouds.",
    source: "https://kubernetes.io/docs/reference/labels-annotations-taints/",
  },
  {
    field: "metadata.labels",
    reason: "Everybody may select objects by labels of one's own.",
    source: "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/",
  },
  {
    field: "metadata.ownerReferences",
    reason: "The garbage collector reads them, as those of a StatefulSet's claims.",
    source: "https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/",
  },
  {
    field: "status",
    reason: "Controllers say there what they found; nobody declares it.",
    source: "https://kubernetes.io/docs/concepts/overview/working-with-objects/#object-spec-and-status",
  },
];

/** Tells whether somebody sets a field as a part of their work. */
export function isExpected(kind: string, manager: string, field: string): boolean {
  return expectedFields.some(
    (each) =>
      (each.managers?.includes(manager) ?? true) &&
      (each.kinds?.includes(kind) ?? true) &&
      field.startsWith(each.field) &&
      /^([.[]|$)/.test(field.slice(each.field.length)),
  );
}
