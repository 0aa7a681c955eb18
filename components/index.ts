export { Application } from "./application.ts";
export { createCluster } from "./cluster/index.ts";
