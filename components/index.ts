export { Application } from "./application.ts";
export { fixedAtCreation } from "./cluster/fixed.ts";
export { createCluster } from "./cluster/index.ts";
