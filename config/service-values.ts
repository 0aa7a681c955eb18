import { z } from "zod";
import { quantityValue } from "../components/kubernetes/quantity.ts";
import type { Resources, ServiceDefinition } from "../components/service.ts";
import { valueAt } from "./setting-schema.ts";
import { editServices, nearest, shown, type Problem } from "./problems.ts";
import { bytes, cpu, dnsLabel, enumOf, imageReference, integer } from "./schema-types.ts";

/** The schema of an entry of the list of services: its values go through the checks of settings. */

const text = z.string().meta({ title: "text, in quotes" });
const texts = z.array(z.string()).meta({ title: "a list of texts, in quotes" });
const path = z
  .string()
  .regex(/^(\/(?!\.{1,2}(\/|$))[^/:\s]+)+$/)
  .meta({ title: "an absolute path, such as /data" });
const port = integer(1, 65535, 80);
const id = integer(1, 2 ** 31 - 1, 1000);
const seconds = (least: number) => integer(least, 86400, 30);

const loginParts = ["loginUser", "loginPassword", "loginVerifier"];
const reference = (aspect: string) => z.strictObject({ [aspect]: z.string() });
const env = z.record(
  z.string().regex(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/),
  z.union([z.string(), ...["host", "port", "password", ...loginParts].map(reference)]).meta({
    title:
      "text, in quotes, or one of {host}, {port}, {password}, {loginUser}, {loginPassword} and {loginVerifier}, with the key of a service",
  }),
);

// Kubernetes' quantities are text here: the program compares and hands on what stands in the list.
const amount = (of: z.ZodType) =>
  z
    .string()
    .refine((value) => of.safeParse(value).success)
    .meta({ title: `${String(of.meta()?.title)}, in quotes` });
const amounts = z
  .strictObject({
    cpu: amount(cpu).optional(),
    memory: amount(bytes("6Mi", "256Mi")).optional(),
    "ephemeral-storage": amount(bytes("1Mi", "256Mi")).optional(),
  })
  .meta({ title: 'amounts such as { cpu: "50m", memory: "64Mi" }' });
const resources = z
  .strictObject({ requests: amounts.optional(), limits: amounts.optional() })
  .meta({ title: "{ requests, limits }, either of which may be left out" });
const storage = z
  .strictObject({ size: amount(bytes("16Mi", "2Gi")), mountPath: path })
  .meta({ title: '{ size: "1Gi", mountPath: "/data" }' });

const sidecarStorage = storage
  .partial({ size: true })
  .meta({ title: '{ mountPath: "/backup" }, with a size or without' });

const action = {
  httpGet: z.string().startsWith("/").optional(),
  tcpSocket: z.literal(true).optional(),
  exec: z.array(z.string()).min(1).optional(),
};
const isOneAction = (probe: object) => Object.keys(probe).filter((key) => key in action).length === 1;
const title = 'one of { httpGet: "/path" }, { tcpSocket: true } and { exec: ["command"] }';
const probe = z.strictObject(action).refine(isOneAction).meta({ title });
const startup = z
  .strictObject({ ...action, seconds: integer(1, 86400, 60) })
  .refine(isOneAction)
  .meta({ title: `${title}, with the seconds that starting may take` });

const sidecar = z
  .strictObject({
    command: texts,
    env: env.optional(),
    shared: z.array(path).optional(),
    serviceArgs: texts.optional(),
    storage: sidecarStorage.optional(),
    resources,
  })
  .meta({ title: "a sidecar: { command, resources }" });

const bucketCopy = z
  .strictObject({
    schedule: z
      .string()
      .regex(/^\d{1,2} \d{1,2} \* \* \*$/)
      .meta({ title: 'a minute and an hour for every day, such as "40 1 * * *"' }),
    folder: path,
    dump: z
      .strictObject({ command: texts, env: env.optional(), resources })
      .meta({ title: "{ command, resources }" }),
    upload: z
      .strictObject({ image: imageReference, args: texts, resources })
      .meta({ title: "{ image, args, resources }" }),
  })
  .meta({ title: "{ schedule, folder, dump, upload }" });

const service = z
  .strictObject({
    formerly: texts.optional(),
    image: imageReference,
    architecture: enumOf(["amd64", "arm64"]).optional(),
    command: texts.optional(),
    args: texts.optional(),
    port: port.optional(),
    servicePort: port.optional(),
    edge: z.strictObject({ upstream: text }).meta({ title: '{ upstream: "server" }' }).optional(),
    env: env.optional(),
    uses: texts.optional(),
    egress: z.literal("internet").meta({ title: '"internet"' }).optional(),
    waits: z
      .array(
        z.strictObject({ name: dnsLabel, imageOf: text.optional(), command: texts, env: env.optional() }),
      )
      .meta({ title: 'a list of { name: "wait", command: ["command"] }' })
      .optional(),
    password: z
      .string()
      .regex(/^[\w.-]+$/)
      .meta({ title: "the key of a Secret: letters, digits, '-', '_' and '.'" })
      .optional(),
    login: z
      .string()
      .regex(/^[a-z_][a-z0-9_]*$/)
      .meta({ title: "the name of a database: small letters, digits and '_'" })
      .optional(),
    user: id,
    group: integer(0, 2 ** 31 - 1, 1000).optional(),
    writable: z.array(path).optional(),
    probes: z
      .strictObject({
        startup: startup.optional(),
        readiness: probe.optional(),
        liveness: probe.optional(),
      })
      .meta({ title: "{ startup, readiness, liveness }, each of which may be left out" })
      .optional(),
    resources,
    singletonReason: text.optional(),
    storage: storage.optional(),
    sidecars: z.record(z.string(), sidecar).optional(),
    bucketCopy: bucketCopy.optional(),
    gracePeriodSeconds: seconds(1),
    drainSeconds: seconds(0).optional(),
  })
  .meta({ title: "an entry: { image, user, resources, gracePeriodSeconds, ... }" });

/** The problems of the values of one entry, each with the place where it stands in `services.ts`. */
export function serviceValueProblems(key: string, given: unknown): Problem[] {
  const { error } = service.safeParse(given);
  return (error?.issues ?? []).flatMap((issue) => {
    const place = ["services.ts: ", [key, ...issue.path].join(".")].join("");
    if (issue.code === "invalid_key") {
      const expected = "a name of letters, digits, '_', '-' and '.', first no digit";
      return [{ key: place, found: "that name", expected, fix: editServices("rename it") }];
    }
    const found = shown(valueAt(given, issue.path));
    if (issue.code === "unrecognized_keys") {
      const known = knownKeys(issue.path);
      return issue.keys.map((unknown) => {
        const close = nearest(unknown, known);
        const fix = editServices(
          close === undefined ? "remove it" : `write '${close}' if that is meant, or remove it`,
        );
        return {
          key: `${place}.${unknown}`,
          found: "an unknown key",
          expected: `one of ${known.join(", ")}`,
          fix,
        };
      });
    }
    if (issue.path.join() === "user" && given !== null && valueAt(given, ["user"]) === 0)
      return [
        {
          key: place,
          found: "0, which is root",
          expected: "the uid the image runs with",
          fix: editServices("set it"),
        },
      ];
    return [{ key: place, found, expected: titleAt(issue.path), fix: editServices("correct it") }];
  });
}

/** Problems of amounts and times of an entry that do not fit each other. */
export function serviceLimitProblems(key: string, definition: ServiceDefinition): Problem[] {
  const { gracePeriodSeconds: grace, drainSeconds: drain = 0, sidecars = {}, bucketCopy: copy } = definition;
  const containers: [string, Resources][] = [
    [key, definition.resources],
    ...Object.entries(sidecars).map(([name, own]): [string, Resources] => [
      `${key}.sidecars.${name}`,
      own.resources,
    ]),
    ...Object.entries({ dump: copy?.dump, upload: copy?.upload }).flatMap(
      ([name, own]): [string, Resources][] => (own ? [[`${key}.bucketCopy.${name}`, own.resources]] : []),
    ),
  ];
  const amountProblems = containers.flatMap(([place, { requests, limits }]) =>
    (["cpu", "memory", "ephemeral-storage"] as const).flatMap((name): Problem[] => {
      const [request, limit] = [requests?.[name], limits?.[name]];
      if (request === undefined || limit === undefined) return [];
      if (quantityValue(request) <= quantityValue(limit)) return [];
      const expected = `a request that is not above the limit (${limit})`;
      const fix = editServices("lower the request, or raise the limit");
      return [{ key: `services.ts: ${place}.resources.requests.${name}`, found: request, expected, fix }];
    }),
  );
  if (drain < grace || drain === 0) return amountProblems;
  const expected = `less than gracePeriodSeconds (${String(grace)}), within which the pod has to end`;
  const fix = editServices("lower it, or raise gracePeriodSeconds");
  return [
    ...amountProblems,
    { key: `services.ts: ${key}.drainSeconds`, found: String(drain), expected, fix },
  ];
}

/** The schemas from the entry's own down to that at a path, the deepest last; it ends at a choice of several. */
function schemasAt(path: readonly PropertyKey[]): z.core.$ZodType[] {
  const found: z.core.$ZodType[] = [service];
  for (const part of path) {
    const at = found.at(-1);
    const inner =
      at instanceof z.ZodObject
        ? (at.shape as Record<PropertyKey, z.core.$ZodType | undefined>)[part]
        : at instanceof z.ZodRecord
          ? at.valueType
          : at instanceof z.ZodArray
            ? at.element
            : undefined;
    if (inner === undefined) break;
    found.push(inner instanceof z.ZodOptional ? inner.unwrap() : inner);
  }
  return found;
}

/** What is allowed at a path, in the words of the deepest schema that has any. */
function titleAt(path: readonly PropertyKey[]): string {
  const titles = schemasAt(path).map((schema) => z.globalRegistry.get(schema)?.title);
  return titles.findLast((each) => each !== undefined) ?? "";
}

function knownKeys(path: readonly PropertyKey[]): string[] {
  const at = schemasAt(path).at(-1);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}
