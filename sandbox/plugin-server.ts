// The gRPC server of every stand-in plugin. The engine starts the plugin with its own address and reads a port from
// stdout.
import grpc from "@grpc/grpc-js";
import type { sendUnaryData, ServerUnaryCall, StatusObject } from "@grpc/grpc-js";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineMessages from "@pulumi/pulumi/proto/engine_pb.js";
import plugins from "@pulumi/pulumi/proto/plugin_pb.js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import statuses from "@pulumi/pulumi/proto/status_pb.js";
import anys from "google-protobuf/google/protobuf/any_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import { messageOf } from "../system/errors.ts";

/** A value, now or later. */
type Awaitable<T> = T | Promise<T>;

/**
 * The methods of a plugin.
 *
 * @see https://www.pulumi.com/docs/iac/guides/building-extending/providers/
 */
export interface Provider {
  checkConfig(request: pb.CheckRequest): pb.CheckResponse;
  diffConfig(request: pb.DiffRequest): pb.DiffResponse;
  configure(request: pb.ConfigureRequest): Awaitable<pb.ConfigureResponse>;
  check(request: pb.CheckRequest): pb.CheckResponse;
  diff(request: pb.DiffRequest): pb.DiffResponse;
  create(request: pb.CreateRequest): Awaitable<pb.CreateResponse>;
  update(request: pb.UpdateRequest): Awaitable<pb.UpdateResponse>;
  read(request: pb.ReadRequest): Awaitable<pb.ReadResponse>;
  delete(request: pb.DeleteRequest): Awaitable<void>;
  /** Calls a function of the plugin. @default it has none */
  invoke?(request: pb.InvokeRequest): Awaitable<pb.InvokeResponse>;
}

/** Shows a message about a resource: beside it while it lasts when it is `passing`, else as a line that remains. */
export type Report = (
  urn: string,
  text: string,
  kind: { severity: "info" | "warning"; passing: boolean },
) => Promise<void>;

/** An error that carries the state of a resource, which the engine keeps. */
export interface WithDetail {
  readonly detail: pb.ErrorResourceInitFailed;
}

const isWithDetail = (error: Error): error is Error & WithDetail => "detail" in error;

/** The gRPC status of an error, with the state that it carries, packed as the SDK's dynamic provider does. */
function statusOf(error: unknown): Partial<StatusObject> {
  const details = messageOf(error);
  const metadata = new grpc.Metadata();
  if (error instanceof Error && isWithDetail(error)) {
    const packed = new anys.Any();
    packed.pack(error.detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new statuses.Status().setCode(grpc.status.UNKNOWN).setMessage(details);
    status.addDetails(packed);
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
  return { code: grpc.status.UNKNOWN, details, metadata };
}

/** A gRPC handler of a method with one request and one answer. */
const unary =
  <Request, Answer>(work: (request: Request) => Answer | Promise<Answer>) =>
  (call: ServerUnaryCall<Request, Answer>, done: sendUnaryData<Answer>): void => {
    const succeed = (answer: Answer) => {
      done(null, answer);
    };
    const fail = (error: unknown) => {
      done(statusOf(error));
    };
    Promise.resolve(call.request).then(work).then(succeed, fail);
  };

/**
 * Serves a plugin until the engine ends it, or is gone.
 *
 * @param version the version of the SDK, which the plugin claims to have.
 * @param make makes the provider; it gets the signal of a cancelled run, and a function that shows messages.
 */
export function servePlugin(version: string, make: (stop: AbortSignal, say: Report) => Provider): void {
  const [address = ""] = process.argv.slice(-1);
  const engine = new engineService.EngineClient(address, grpc.credentials.createInsecure());
  const cancelled = new AbortController();
  const say: Report = (urn, text, { severity, passing }) => {
    const { INFO, WARNING } = engineMessages.LogSeverity;
    const request = new engineMessages.LogRequest().setUrn(urn).setMessage(text).setEphemeral(passing);
    request.setSeverity(severity === "warning" ? WARNING : INFO);
    return new Promise((done) => {
      engine.log(request, () => {
        done();
      });
    });
  };
  const provider = make(cancelled.signal, say);
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  server.addService(service.ResourceProviderService, {
    getPluginInfo: unary(() => new plugins.PluginInfo().setVersion(version)),
    checkConfig: unary((request: pb.CheckRequest) => provider.checkConfig(request)),
    diffConfig: unary((request: pb.DiffRequest) => provider.diffConfig(request)),
    configure: unary((request: pb.ConfigureRequest) => provider.configure(request)),
    check: unary((request: pb.CheckRequest) => provider.check(request)),
    diff: unary((request: pb.DiffRequest) => provider.diff(request)),
    create: unary((request: pb.CreateRequest) => provider.create(request)),
    update: unary((request: pb.UpdateRequest) => provider.update(request)),
    read: unary((request: pb.ReadRequest) => provider.read(request)),
    delete: unary(async (request: pb.DeleteRequest) => {
      await provider.delete(request);
      return new empties.Empty();
    }),
    ...(provider.invoke && {
      invoke: unary((request: pb.InvokeRequest) => provider.invoke?.(request)),
    }),
    cancel: unary(() => {
      cancelled.abort();
      return new empties.Empty();
    }),
  });
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    console.log(String(port)); // The engine reads the port from the first line; nothing else goes to stdout.
  });
  const end = () => process.exit(0);
  process.on("SIGTERM", end).on("SIGINT", end);
  // An engine that was killed does not end its plugins; its address no longer answers.
  setInterval(() => {
    if (engine.getChannel().getConnectivityState(true) === grpc.connectivityState.TRANSIENT_FAILURE) end();
  }, 1_000);
}
