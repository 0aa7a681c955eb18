import { Application, createCluster } from "./components/index.ts";
import { readConfig } from "./config/stack.ts";
import { services } from "./services.ts";

const config = readConfig(services);
const cluster = createCluster("cluster", config.cluster, config.context, config.namespace);
const application = new Application("multi-client", {
  cluster,
  namespace: config.namespace,
  services,
  overrides: config.services,
  images: config.images,
  exposure: config.exposure,
  timeoutSeconds: config.rollout.timeoutSeconds,
});

/** Answers without a helper running; empty where nothing does. */
export const url = application.url;
/** A command that leads to the application. */
export const accessCommand = application.accessCommand;
export const namespace = application.namespace;
export const clusterName = cluster.name;
