export { Application } from "./application.ts";
export { assertImmutable } from "./immutable-settings.ts";
export { createCluster } from "./cluster/index.ts";
