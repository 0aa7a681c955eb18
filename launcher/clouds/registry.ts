import type { ManagedProvider } from "../../config/clouds/index.ts";
import type { Target } from "../stack/read-stack.ts";
import { aks } from "./aks.ts";
import type { CloudOperations } from "./cloud-operations.ts";
import { eks } from "./eks.ts";
import { gke } from "./gke.ts";

/** The operations of every cloud: one that is missing is a type error. */
export const clouds: Readonly<Record<ManagedProvider, CloudOperations>> = { eks, aks, gke };

/** The operations of the cloud in which a stack makes its cluster; undefined for a cluster that is there. */
export const operationsOf = ({ target }: { readonly target: Target }): CloudOperations | undefined =>
  target.provider === "managed" ? clouds[target.cloud] : undefined;
