import { cloudOf, cloudsWith } from "./clouds/index.ts";
import { collectProblems } from "./poisoned.ts";
import { problem, surplus, type Problem } from "./problems.ts";
import { isLocal, isManaged, type ClusterConfig, type Config } from "./schema.ts";

/** Problems with where backups are copied to: one place, which the cluster's cloud offers or which is named. */
export function bucketProblems(backup: Config["backup"], cluster: ClusterConfig): Problem[] {
  return collectProblems(
    () => {
      const { bucket } = backup;
      if (bucket !== true) return [];
      const path = ["backup", "bucket"];
      if ("s3" in backup) return [surplus(path, bucket, "one place: backup.s3 names another")];
      if (isManaged(cluster) && cloudOf(cluster.provider).bucket) return [];
      const offered = cloudsWith(({ bucket: isOffered }) => isOffered);
      const expected = `nothing: no bucket is offered on ${cluster.provider}, only on ${offered}; backup.s3 names one that is there`;
      return [surplus(path, bucket, expected)];
    },
    () => {
      // A backup is the whole of the data, and the key of the bucket goes with it.
      const { endpoint } = backup.s3 ?? {};
      if (!endpoint?.startsWith("http:") || isLocal(cluster)) return [];
      const expected = "https: this cluster is not local (multi-client:cluster.local)";
      return [problem(["backup", "s3", "endpoint"], endpoint, expected, endpoint.replace("http:", "https:"))];
    },
  );
}
