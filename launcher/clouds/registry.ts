import type { ManagedProvider } from "../../config/clouds/index.ts";
import { aks } from "./aks.ts";
import type { CloudOperations } from "./cloud-operations.ts";
import { eks } from "./eks.ts";
import { gke } from "./gke.ts";

/** The operations of every cloud: one that is missing is a type error. */
export const clouds: Readonly<Record<ManagedProvider, CloudOperations>> = { eks, aks, gke };
