import type { z } from "zod";
import type { Services } from "../components/service.ts";
import { boolean, bytes, cpu, integer, object } from "./schema-types.ts";

/** The settings of single services, under `multi-client:services`. */

const scale = object(
  {
    replicas: integer(0, 1000, 1).exactOptional().describe("A fixed number of pods. Without it, 1."),
    min: integer(1, 1000, 1).exactOptional().describe("The least number of pods of an autoscaler."),
    max: integer(1, 1000, 3).exactOptional().describe("The largest number of pods of an autoscaler."),
    cpu: integer(1, 1000, 70)
      .exactOptional()
      .describe("The CPU use that the autoscaler aims at, in percent of the request."),
  },
  { replicas: 1 },
);
const amounts = object(
  {
    cpu: cpu.exactOptional().describe("The processor time, in CPUs."),
    memory: bytes("6Mi", "256Mi").exactOptional().describe("The memory."),
    "ephemeral-storage": bytes("1Mi", "256Mi")
      .exactOptional()
      .describe("The disk of the node, for logs and empty directories."),
  },
  { cpu: "100m", memory: "64Mi" },
);
const resources = object(
  { requests: amounts.exactOptional(), limits: amounts.exactOptional() },
  { limits: { memory: "64Mi" } },
);

/** The schema of the settings of a service: `storage` and `sidecars` only where the list of services gives it any. */
export function serviceSettings(services: Services, key: string) {
  const { storage, sidecars } = services[key] ?? {};
  const names = Object.keys(sidecars ?? {});
  const hasBackups = Object.values(sidecars ?? {}).some((sidecar) => sidecar.storage !== undefined);
  return object(
    {
      scale: scale.exactOptional().describe("The number of pods: fixed, or what an autoscaler makes it."),
      resources: resources
        .exactOptional()
        .describe(
          "What a container requests and may use. Each value replaces the one of the list of services.",
        ),
      ...(storage && {
        storage: object(
          { size: bytes("16Mi", "2Gi").describe("The size. It can only grow.") },
          { size: "2Gi" },
        )
          .exactOptional()
          .describe("The claim of the service."),
      }),
      ...(hasBackups && {
        backups: object(
          {
            size: bytes("16Mi", "2Gi").describe(
              "The size. It can only grow. Without it, the size of the service's own claim.",
            ),
          },
          { size: "4Gi" },
        )
          .exactOptional()
          .describe("The claim of the backups."),
      }),
      ...(names.length > 0 && {
        sidecars: object(
          Object.fromEntries(
            names.map((name) => [
              name,
              boolean(false).exactOptional().describe(`Runs ${name}. Without it, true.`),
            ]),
          ),
          {
            [names[0] ?? ""]: false,
          },
        )
          .exactOptional()
          .describe("The containers that run beside the service."),
      }),
    },
    { scale: { replicas: 1 } },
  );
}

/** The number of pods of a service: fixed, or what an autoscaler makes it. */
export type Scale = z.infer<typeof scale>;

/** The settings of one service, as they stand in the stack file. */
export interface ServiceSettings {
  readonly scale?: Scale | undefined;
  readonly resources?: z.infer<typeof resources> | undefined;
  readonly storage?: { readonly size: string } | undefined;
  readonly backups?: { readonly size: string } | undefined;
  readonly sidecars?: Readonly<Record<string, boolean | undefined>> | undefined;
}
