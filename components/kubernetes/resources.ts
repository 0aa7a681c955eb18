import type { Resources } from "../service.ts";

/** A service's resources with the single values that a stack sets in their place. */
export function mergeResources(defaults: Resources, own: Resources | undefined): Resources {
  return {
    requests: { ...defaults.requests, ...own?.requests },
    limits: { ...defaults.limits, ...own?.limits },
  };
}
