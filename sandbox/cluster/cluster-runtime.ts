import type { Kubeconfig } from "../../system/kubeconfig.ts";
import type { Log } from "../../system/log.ts";

/** The state of a cluster. */
export interface ClusterStatus {
  /** `broken`: a component does not run or the API server is not ready. `interrupted`: its creation has not ended. */
  readonly state: "absent" | "interrupted" | "stopped" | "broken" | "running";
  /** The version of the API server. @default it does not answer */
  readonly version?: string;
  /** The programs of the cluster that do not run. */
  readonly missing: readonly string[];
}

/** What a cluster is given beside its programs. */
export interface Provisions {
  /** The images that pods will name, with registry and repository spelt out. @default none */
  readonly images?: readonly string[];
  readonly log: Log;
}

/** What runs the clusters of one kind: simulated nodes, or a real one. */
export interface ClusterRuntime {
  /** The folder of a cluster, with its data and its certificates. */
  folder(name: string): string;
  /** The kubeconfig of a cluster that was started. */
  kubeconfig(name: string): Kubeconfig;
  /** The programs of a cluster that run, by name, with their process ids. */
  processes(name: string): Map<string, number>;
  /** Finds the state of a cluster; changes nothing. */
  status(name: string): Promise<ClusterStatus>;
  /** Creates, repairs or restarts a cluster that has this state; its data is kept where there is any. */
  ensureRunning(name: string, status: ClusterStatus, provisions: Provisions): Promise<void>;
  /** Gives a cluster that runs what pods need and it does not have yet. @default nothing is needed */
  provide?(name: string, provisions: Provisions): Promise<void>;
  /** Removes a cluster with its processes and data. */
  remove(name: string): Promise<void>;
}
