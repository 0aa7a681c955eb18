import { minikube } from "./facts.ts";

type Amount = readonly [value: unknown, meant: string];

const storage = (size: unknown) => ({ ...minikube, services: { postgres: { storage: { size } } } });
const limit = (name: string) => (value: unknown) => ({
  ...minikube,
  services: { client: { resources: { limits: { [name]: value } } } },
});
const at = "services.client.resources.limits";

/** Amounts of each setting that are refused, and the amount that is suggested; an example, where it is not clear. */
export const amountRefusals: readonly (readonly [
  key: string,
  raw: (value: unknown) => Record<string, unknown>,
  amounts: readonly Amount[],
])[] = [
  [
    "services.postgres.storage.size",
    storage,
    [
      [20, "20Gi"],
      ["20", "20Gi"],
      ["5GB", "5Gi"],
      ["5gb", "5Gi"],
      ["5 Gi", "5Gi"],
      ["512m", "512Mi"],
      ["512MiB", "512Mi"],
      ["1k", "2Gi"],
      ["0Gi", "2Gi"],
      ["1e400", "2Gi"],
      ["-5Gi", "2Gi"],
      ["9Ei", "2Gi"],
    ],
  ],
  [
    `${at}.memory`,
    limit("memory"),
    [
      ["256m", "256Mi"],
      [512, "512Mi"],
      ["64MB", "64Mi"],
      ["1g", "1Gi"],
      ["0", "256Mi"],
      ["5Mi", "256Mi"],
      ["200.5", "256Mi"],
      ["128000500m", "256Mi"],
    ],
  ],
  [
    `${at}.ephemeral-storage`,
    limit("ephemeral-storage"),
    [
      ["100m", "100Mi"],
      [256, "256Mi"],
      ["1Ki", "256Mi"],
    ],
  ],
  [
    `${at}.cpu`,
    limit("cpu"),
    [
      [500, "500m"],
      ["250", "250m"],
      ["half", "250m"],
      ["1e9", "250m"],
    ],
  ],
];

/** Amounts that are right, in the same order. */
export const amountsTaken: readonly (readonly unknown[])[] = [
  ["20Gi", "0.5Gi", "1500M", "2e9", "+1Gi", "16Mi", 2147483648],
  ["256Mi", "1G", 134217728, "134217728000m"],
  ["256Mi", "1Gi"],
  [1, "1", 0.5, "1500m", "64"],
];
