import type { Services } from "../components/service.ts";
import { services } from "../services.ts";

/** The key of a service; a key that the list does not have is a type error. */
export type ServiceKey = keyof typeof services;

const list: Services = services;

/** The service that is reached from outside: its key, and the port of its Service. */
export function edgeService(): { readonly key: string; readonly port: number } {
  const [key, edge] = Object.entries(list).find(([, service]) => service.edge !== undefined) ?? [];
  const port = edge?.servicePort ?? edge?.port;
  if (key === undefined || port === undefined) throw new Error("the list of services has no edge");
  return { key, port };
}

/** The workload of a service as kubectl names it: `deploy/server`, `statefulset/redis`. */
export function workloadOf(key: ServiceKey): string {
  return `${list[key]?.storage === undefined ? "deploy" : "statefulset"}/${key}`;
}
