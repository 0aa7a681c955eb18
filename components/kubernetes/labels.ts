/** The only label of a workload's selector. It never changes: a selector cannot be changed without replacing the workload. */
export function selectorLabels(key: string): Record<string, string> {
  return { component: key };
}

/** The label of every object of the application, whichever service's it is. */
export const applicationLabels = { "app.kubernetes.io/part-of": "multi-client" } as const;

/**
 * The labels by which everything but a workload's own selector finds the pods of a service: in a namespace that others use
 * too, their pods may have the same `component`. Pods have had both since the first version of the program.
 */
export function podLabels(key: string): Record<string, string> {
  return { ...selectorLabels(key), ...applicationLabels };
}

/** The labels of every object of a service: the selector label and Kubernetes' recommended ones. */
export function objectLabels(key: string): Record<string, string> {
  return {
    ...selectorLabels(key),
    "app.kubernetes.io/name": key,
    ...applicationLabels,
  };
}

/** The names that derive from a service's key. Other programs and people depend on them. */
export const derivedName = {
  headless: (key: string) => `${key}-headless`,
  data: (key: string) => `${key}-data`,
  sidecar: (key: string, sidecar: string) => `${key}-${sidecar}`,
  edge: (key: string) => `${key}-nginx`,
  password: (key: string) => `${key}-password`,
  login: (key: string) => `${key}-login`,
  bucketCopy: (key: string) => `${key}-bucket-copy`,
} as const;

/** The name of the network policy of all pods of the namespace; no service may have it for its key. */
export const defaultDeny = "default-deny";
