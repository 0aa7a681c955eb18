import type { ServiceOverrides } from "../../components/application.ts";
import { quantityValue } from "../../components/kubernetes/quantity.ts";
import { mergeResources } from "../../components/kubernetes/resources.ts";
import type { Quantities, Resources, ServiceDefinition } from "../../components/service.ts";

/** The resources of a service's own container, and by name those of the sidecars that run beside it. */
export function podResources(service: ServiceDefinition, settings: ServiceOverrides | undefined) {
  const all = Object.entries(service.sidecars ?? {});
  const on = all.filter(([name]) => settings?.sidecars?.[name] !== false);
  return {
    own: mergeResources(service.resources, settings?.resources),
    sidecars: Object.fromEntries(on.map(([name, { resources }]): [string, Resources] => [name, resources])),
  };
}

/** The sum of the requests of containers, in CPUs or bytes. */
export function totalOf(containers: readonly Resources[], name: keyof Quantities): number {
  return containers.reduce((total, { requests }) => total + quantityValue(requests?.[name] ?? "0"), 0);
}
