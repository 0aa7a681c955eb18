/**
 * The minor version of Kubernetes that a cluster has unless its stack file names another one.
 *
 * Which versions a cloud supports is in its own file: `config/clouds/`.
 */
export const defaultKubernetesVersion = "1.36";

/**
 * The oldest minor version that the pods run on as they are written: their `preStop` hooks sleep by the kubelet, a field
 * that an API server drops before 1.30 unless its feature gate is set.
 *
 * @see https://www.kubernetes.dev/resources/keps/3960/
 */
export const oldestKubernetesVersion = "1.30";

/** A cloud's support of one minor version. */
export interface VersionSupport {
  /** The last day of standard support, `YYYY-MM-DD`. */
  readonly end: string;
  /** The cloud names the day itself; else it follows from the cloud's rule, and is only warned of. */
  readonly exact: boolean;
}

/** The minor versions that a cloud offers. */
export interface SupportedVersions {
  /** The page where the cloud says so. */
  readonly source: string;
  /** By minor version, the oldest first. */
  readonly versions: Readonly<Record<string, VersionSupport>>;
}

/** Days before the end of support from which on a deployment warns. */
export const WARN_DAYS = 90;

/** Days from `now` to the end of the last day; negative when it is over. */
export function daysLeft({ end }: VersionSupport, now: Date): number {
  return Math.floor((Date.parse(`${end}T23:59:59Z`) - now.getTime()) / 86_400_000);
}
