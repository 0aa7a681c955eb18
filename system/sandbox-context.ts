const prefix = "sandbox-";

/** The kubeconfig context of a cluster of the sandbox. */
export const sandboxContext = (cluster: string): string => `${prefix}${cluster}`;

/** The cluster of the sandbox that a context names; undefined where it is another one's. */
export const clusterOfContext = (context: string): string | undefined =>
  context.startsWith(prefix) ? context.slice(prefix.length) : undefined;
