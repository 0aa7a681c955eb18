import type * as Grpc from "@grpc/grpc-js";
import type * as Service from "@pulumi/pulumi/proto/events_grpc_pb.js";
import type { EventRequest } from "@pulumi/pulumi/proto/events_pb.js";
import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";

interface ResourceState {
  readonly inputs?: object;
  readonly outputs?: object;
  /** Says that the object stays where it is when the resource is deleted. */
  readonly retainOnDelete?: boolean;
  /** The engine refuses to delete or replace the resource. */
  readonly protect?: boolean;
}

/** A step of the engine on one resource. */
export interface StepEvent {
  readonly metadata: {
    /** `refresh`, `same`, `create`, `update`, `delete`, `replace` and so on. */
    readonly op: string;
    readonly urn: string;
    readonly type: string;
    /** The resource before the step, its secrets hidden; null where there was none. */
    readonly old: ResourceState | null;
    /** The resource after the step; null where there is none any more. */
    readonly new: ResourceState | null;
    /** The paths of the properties that differ, of an update or a replacement. */
    readonly detailedDiff?: Readonly<Record<string, unknown>> | null;
    /** The properties that differ, where the plugin gives no paths. */
    readonly diffs?: readonly string[];
    /** The properties that make a replacement necessary. */
    readonly keys?: readonly string[];
  };
}

/** An event of the engine, as far as it is read here. Source: sdk/go/common/apitype/events.go (EngineEvent). */
export interface EngineEvent {
  /** The engine begins a step. */
  readonly resourcePreEvent?: StepEvent;
  /** The engine ended a step. */
  readonly resOutputsEvent?: StepEvent;
  readonly diagnosticEvent?: { readonly severity: string };
  /** The number of resources by what was done to them, those of a refresh apart. */
  readonly summaryEvent?: { readonly resourceChanges: Readonly<Record<string, number>> };
}

/** Makes the CLI take `--event-log` and `replay-events`: sdk/go/common/env/env.go (DebugCommands). */
export const hiddenCommands = { PULUMI_DEBUG_COMMANDS: "true" };

/**
 * Receives the events of a run of the CLI while it runs, as the SDK's Automation API does. They hold secrets in clear
 * (what the program's SDK logs of its requests), so that none is written to a file.
 *
 * @param work is given the address for `--event-log`.
 * @param onEvent is called for each event, in order.
 */
export async function receiveEvents<T>(
  work: (address: string) => Promise<T>,
  onEvent: (event: EngineEvent) => void,
): Promise<T> {
  // Loaded here, because most commands need no events; the SDK's own copy speaks the SDK's messages.
  const require = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
  const grpc = require("@grpc/grpc-js") as typeof Grpc;
  const { EventsService } = require("./proto/events_grpc_pb.js") as typeof Service;
  const { Empty } = require("google-protobuf/google/protobuf/empty_pb.js") as {
    readonly Empty: new () => object;
  };
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  server.addService(EventsService, {
    streamEvents(call: Grpc.ServerReadableStream<EventRequest, object>, done: Grpc.sendUnaryData<object>) {
      call.on("data", (request: EventRequest) => {
        onEvent(JSON.parse(request.getEvent()) as EngineEvent);
      });
      call.on("end", () => {
        done(null, new Empty());
      });
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  try {
    return await work(`tcp://127.0.0.1:${String(port)}`);
  } finally {
    server.forceShutdown();
  }
}

const stepOf = ({ resourcePreEvent, resOutputsEvent }: EngineEvent) =>
  (resourcePreEvent ?? resOutputsEvent)?.metadata;

/** The events of a plan alone: without the refresh before it, which repeats every object, and without debug messages. */
export function planEvents(events: readonly EngineEvent[]): EngineEvent[] {
  return events.filter(
    (event) => stepOf(event)?.op !== "refresh" && event.diagnosticEvent?.severity !== "debug",
  );
}

/** Counts the resources of a plan that changes nothing, no output either; undefined for any other, and for none. */
export function unchangedResources(events: readonly EngineEvent[]): number | undefined {
  const changes = events.findLast(({ summaryEvent }) => summaryEvent)?.summaryEvent?.resourceChanges ?? {};
  const { same, ...others } = changes;
  if (same === undefined || Object.keys(others).length > 0) return undefined;
  const stack = events.findLast(
    ({ resOutputsEvent }) => resOutputsEvent?.metadata.type === "pulumi:pulumi:Stack",
  )?.resOutputsEvent?.metadata;
  return isDeepStrictEqual(stack?.old?.outputs, stack?.new?.outputs) ? same : undefined;
}

/**
 * Gives the events of a plan in which an update that only sets a version which is there already, in full, is no update: to
 * the cloud `1.36` is the `1.36.4` that it shows.
 *
 * @param inFull the inputs that are such versions. @default none
 */
export function withoutPatchVersions(
  events: readonly EngineEvent[],
  inFull: readonly string[] = [],
): readonly EngineEvent[] {
  const urns = new Set(
    events.flatMap(({ resOutputsEvent: step }) =>
      step && isSameInFull(step, inFull) ? [step.metadata.urn] : [],
    ),
  );
  if (urns.size === 0) return events;
  const asSame = ({ metadata }: StepEvent): StepEvent => ({
    metadata:
      metadata.op === "update" && urns.has(metadata.urn)
        ? { ...metadata, op: "same", detailedDiff: null, diffs: [] }
        : metadata,
  });
  return events.map((event) => {
    const { resourcePreEvent, resOutputsEvent, summaryEvent } = event;
    if (resourcePreEvent) return { ...event, resourcePreEvent: asSame(resourcePreEvent) };
    if (resOutputsEvent) return { ...event, resOutputsEvent: asSame(resOutputsEvent) };
    if (!summaryEvent) return event;
    const { same = 0, update = 0, ...others } = summaryEvent.resourceChanges;
    const left = update - urns.size;
    const resourceChanges = { ...others, same: same + urns.size, ...(left > 0 && { update: left }) };
    return { ...event, summaryEvent: { ...summaryEvent, resourceChanges } };
  });
}

/**
 * Tells whether an update differs in inputs whose value is there already, in full, and in nothing else. One that differs in
 * no input at all is an update all the same: the object was not ready when it was read.
 */
function isSameInFull({ metadata: { op, old, new: next } }: StepEvent, inFull: readonly string[]): boolean {
  if (op !== "update" || !old?.inputs || !next?.inputs) return false;
  const shown: Record<string, unknown> = { ...old.inputs };
  const wanted = new Map<string, unknown>(Object.entries(next.inputs));
  const full = inFull.filter((key) => String(shown[key]).startsWith(`${String(wanted.get(key))}.`));
  for (const key of full) shown[key] = wanted.get(key);
  return full.length > 0 && isDeepStrictEqual(shown, { ...next.inputs });
}

/** Names the claims that the state knows, the cluster does not have any more, and the plan makes anew. */
export function lostClaims(events: readonly EngineEvent[]): string[] {
  const claims = events
    .flatMap(({ resOutputsEvent }) => resOutputsEvent?.metadata ?? [])
    .filter(({ type }) => type === "kubernetes:core/v1:PersistentVolumeClaim");
  const gone = claims.filter((step) => step.op === "refresh" && step.new === null).map(({ urn }) => urn);
  return claims
    .filter(({ op, urn }) => op === "create" && gone.includes(urn))
    .map(({ urn }) => urn.split("::").at(-1) ?? "")
    .sort();
}

/** Gives the URNs of the autoscalers that a plan deletes. */
export function leavingAutoscalers(events: readonly EngineEvent[]): string[] {
  return events
    .flatMap(({ resOutputsEvent }) => resOutputsEvent?.metadata ?? [])
    .filter(({ op, type }) => op === "delete" && type.endsWith(":HorizontalPodAutoscaler"))
    .map(({ urn }) => urn);
}
