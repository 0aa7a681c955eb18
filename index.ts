import "./system/lean-sdk.ts"; // first: what it leaves out must not be loaded yet
import { Application, createCluster, assertImmutable } from "./components/index.ts";
import { clusterArgs, immutableSettings } from "./config/cluster-args.ts";
import { readConfig } from "./config/read-config.ts";
import { services } from "./services.ts";

const config = readConfig(services);
await assertImmutable("immutable-settings", immutableSettings(config));
const cluster = await createCluster("cluster", clusterArgs(config));
const application = new Application("multi-client", {
  cluster,
  namespace: config.namespace,
  services,
  overrides: config.services,
  images: config.images,
  exposure: config.exposure,
  bucket: config.backup.bucket === true ? "cluster" : config.backup.s3,
  timeoutSeconds: config.rollout.timeoutSeconds,
});

/** Answers without a helper running; empty where nothing does. */
export const url = application.url;
/** A command that leads to the application. */
export const accessCommand = application.accessCommand;
export const namespace = application.namespace;
/** What the cluster makes of network policies; `make smoke` judges by it. */
export const networkPolicies = cluster.networkPolicies;
export const clusterName = cluster.name;
/** Leads to a cluster that the stack made, else empty; holds no credential. Secret, because it names the API server. */
export const kubeconfig = cluster.kubeconfig ?? "";
