// The gRPC server of every stand-in plugin: the engine starts it with its own address, and reads a port from stdout.
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

type Given<T> = T | Promise<T>;

/** What a stand-in answers; every method as https://www.pulumi.com/docs/iac/guides/building-extending/providers/ has it. */
export interface Provider {
  checkConfig(request: pb.CheckRequest): pb.CheckResponse;
  diffConfig(request: pb.DiffRequest): pb.DiffResponse;
  configure(request: pb.ConfigureRequest): Given<pb.ConfigureResponse>;
  check(request: pb.CheckRequest): pb.CheckResponse;
  diff(request: pb.DiffRequest): pb.DiffResponse;
  create(request: pb.CreateRequest): Given<pb.CreateResponse>;
  update(request: pb.UpdateRequest): Given<pb.UpdateResponse>;
  read(request: pb.ReadRequest): Given<pb.ReadResponse>;
  delete(request: pb.DeleteRequest): Given<void>;
  /** @default the plugin has no functions */
  invoke?(request: pb.InvokeRequest): Given<pb.InvokeResponse>;
}

/** Something for the user about a resource: beside it while it lasts, or to stay. */
export type Say = (
  urn: string,
  text: string,
  kind: { severity: "info" | "warning"; passing: boolean },
) => Promise<void>;

/** An error that carries what the engine shall keep of a resource. */
export interface WithDetail {
  readonly detail: pb.ErrorResourceInitFailed;
}

const isWithDetail = (error: Error): error is Error & WithDetail => "detail" in error;

/** An error for the engine, with the object's state where there is an object (as the SDK's dynamic provider packs it). */
function failure(error: unknown): Partial<StatusObject> {
  const details = error instanceof Error ? error.message : String(error);
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

const answering =
  <Request, Answer>(work: (request: Request) => Answer | Promise<Answer>) =>
  (call: ServerUnaryCall<Request, Answer>, done: sendUnaryData<Answer>): void => {
    const succeed = (answer: Answer) => {
      done(null, answer);
    };
    const fail = (error: unknown) => {
      done(failure(error));
    };
    Promise.resolve(call.request).then(work).then(succeed, fail);
  };

/**
 * Serves a plugin until the engine ends it, or is gone.
 *
 * @param version that the plugin claims: the SDK's.
 * @param make gets the signal of a cancelled run, and how to speak to the user.
 */
export function serve(version: string, make: (stop: AbortSignal, say: Say) => Provider): void {
  const [address = ""] = process.argv.slice(-1);
  const engine = new engineService.EngineClient(address, grpc.credentials.createInsecure());
  const cancelled = new AbortController();
  const say: Say = (urn, text, { severity, passing }) => {
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
    getPluginInfo: answering(() => new plugins.PluginInfo().setVersion(version)),
    checkConfig: answering((request: pb.CheckRequest) => provider.checkConfig(request)),
    diffConfig: answering((request: pb.DiffRequest) => provider.diffConfig(request)),
    configure: answering((request: pb.ConfigureRequest) => provider.configure(request)),
    check: answering((request: pb.CheckRequest) => provider.check(request)),
    diff: answering((request: pb.DiffRequest) => provider.diff(request)),
    create: answering((request: pb.CreateRequest) => provider.create(request)),
    update: answering((request: pb.UpdateRequest) => provider.update(request)),
    read: answering((request: pb.ReadRequest) => provider.read(request)),
    delete: answering(async (request: pb.DeleteRequest) => {
      await provider.delete(request);
      return new empties.Empty();
    }),
    ...(provider.invoke && {
      invoke: answering((request: pb.InvokeRequest) => provider.invoke?.(request)),
    }),
    cancel: answering(() => {
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
  // An engine that was killed ends nothing by itself: its address no longer answers.
  setInterval(() => {
    if (engine.getChannel().getConnectivityState(true) === grpc.connectivityState.TRANSIENT_FAILURE) end();
  }, 1_000);
}
