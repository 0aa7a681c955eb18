import type { Services } from "../components/service.ts";
import { isLoopback } from "../components/kubernetes/server-address.ts";
import { parseCidr } from "../components/cluster/cidr.ts";
import { cloudOf, cloudsWith } from "./clouds/index.ts";
import { collectProblems } from "./poisoned.ts";
import { editServices, problem, surplus, type Problem } from "./problems.ts";
import { isLocal, isManaged, type ClusterConfig, type Config } from "./schema.ts";

/** Problems with where backups are copied to: one place, which the cluster's cloud offers or which is named. */
export function bucketProblems(
  backup: Config["backup"],
  cluster: ClusterConfig,
  services: Services,
): Problem[] {
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
      const copied = Object.keys(services).filter((key) => services[key]?.bucketCopy);
      if (backup.bucket !== true || copied.length < 2) return [];
      const found = `bucketCopy on ${copied.join(", ")}`;
      const expected = "one service at most with backup.bucket: one ServiceAccount may write to that bucket";
      const fix = editServices("leave bucketCopy to one of them, or name a bucket that is there (backup.s3)");
      return [{ key: "services.ts: bucketCopy", found, expected, fix }];
    },
    () => {
      // What only looks like an address is another one, 010.0.0.1 being 8.0.0.1, or none at all.
      const { endpoint } = backup.s3 ?? {};
      const [, host] = /^https?:\/\/([^:]*)/.exec(endpoint ?? "") ?? [];
      if (endpoint === undefined || URL.parse(endpoint)?.hostname === host) return [];
      const expected = "a DNS name or an IPv4 address, without leading zeros";
      return [problem(["backup", "s3", "endpoint"], endpoint, expected, "https://<host>")];
    },
    () => {
      const { network } = backup.s3 ?? {};
      if (network === undefined || parseCidr(network).prefix >= 8) return [];
      const expected =
        "the network in which the endpoint is, /8 at the largest; on the internet it needs none";
      return [problem(["backup", "s3", "network"], network, expected, "<network of the endpoint>")];
    },
    () => {
      const { endpoint = "" } = backup.s3 ?? {};
      if (isLocal(cluster) || !isLoopback(endpoint)) return [];
      const expected =
        "an endpoint that pods reach: this cluster is not local (multi-client:cluster.local), and each pod is its own localhost";
      return [problem(["backup", "s3", "endpoint"], endpoint, expected, "https://<host>")];
    },
    () => {
      // A backup is the whole of the data, and the key of the bucket goes with it.
      const { endpoint } = backup.s3 ?? {};
      if (!endpoint?.startsWith("http:") || isLocal(cluster) || isLoopback(endpoint)) return [];
      const expected = "https: this cluster is not local (multi-client:cluster.local)";
      return [problem(["backup", "s3", "endpoint"], endpoint, expected, endpoint.replace("http:", "https:"))];
    },
  );
}
