/** Managed Kubernetes by the provider's name in `multi-client:cluster`. */
export type ManagedProvider = "eks" | "aks" | "gke";

/** A minor version on one cloud. */
export interface Support {
  /** Last day of standard support, `YYYY-MM-DD`. */
  readonly end: string;
  /** Whether the cloud says the day itself; else it follows from its rule, and only warns. */
  readonly exact: boolean;
}

const upstream = "https://kubernetes.io/releases/patch-releases/";

/**
 * The versions that may be asked for, and until when the clouds stand by them. Edit this file, and nothing else, when
 * a cloud offers another one. As of 2026-11-23.
 */
export const supported: Readonly<
  Record<ManagedProvider, { readonly source: string; readonly versions: Readonly<Record<string, Support>> }>
> = {
  eks: {
    // 14 months; then 12 months more at six times the price, which this program's clusters do not enter.
    source: "https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html",
    versions: {
      "1.34": { end: "2026-12-02", exact: true },
      "1.35": { end: "2027-03-27", exact: true },
      "1.36": { end: "2027-08-02", exact: true },
    },
  },
  aks: {
    // 12 months after general availability; its calendar names months, of which these are the last days.
    source: "https://learn.microsoft.com/azure/aks/supported-kubernetes-versions",
    versions: {
      "1.34": { end: "2026-11-30", exact: false },
      "1.35": { end: "2027-03-31", exact: false },
      "1.36": { end: "2027-06-30", exact: false },
    },
  },
  gke: {
    // About 14 months after the Regular channel offers it; until its day is known, upstream's end, which is earlier.
    source: `https://cloud.google.com/kubernetes-engine/docs/release-schedule, ${upstream}`,
    versions: {
      "1.34": { end: "2026-12-31", exact: false },
      "1.35": { end: "2027-02-28", exact: false },
      "1.36": { end: "2027-06-28", exact: false },
    },
  },
};

/** Days before the end from which on a deployment warns. */
export const WARN_DAYS = 90;

/** Days from `now` to the end of the last day; negative when it is over. */
export function daysLeft({ end }: Support, now: Date): number {
  return Math.floor((Date.parse(`${end}T23:59:59Z`) - now.getTime()) / 86_400_000);
}
