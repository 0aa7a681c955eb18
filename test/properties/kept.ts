import type { Raw } from "./settings.ts";

const cluster = { provider: "existing", context: "near", local: true };

/** Configurations that a property once failed on: what was wrong, and the counterexample. They are tried first. */
export const kept: readonly (readonly [found: string, raw: Raw])[] = [
  ["a hyphen passed as an image, which no node can pull", { cluster, images: { client: "-" } }],
  ["a name of 300 letters passed as an image", { cluster, images: { redis: "a".repeat(300) } }],
  [
    "an amount the API server works on for minutes",
    { cluster, services: { redis: { resources: { limits: { memory: "1e99999999999" } } } } },
  ],
  [
    "a registry whose path no reference can have",
    { cluster, images: { registry: "registry.example.com/.." } },
  ],
  ["a class with dots was refused", { cluster: { ...cluster, storageClass: "managed.csi" } }],
];
