// The executable `pulumi-resource-kubernetes` of the sandbox: a gRPC server, started by the engine with its address.
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
import { KubernetesProvider } from "./provider.ts";
import { InitFailed } from "./state.ts";
import type { Note } from "./view.ts";

const [address = ""] = process.argv.slice(2);
const engine = new engineService.EngineClient(address, grpc.credentials.createInsecure());
const cancelled = new AbortController();

const say = (urn: string, { text, severity }: Note, isPassing: boolean): Promise<void> => {
  const { INFO, WARNING } = engineMessages.LogSeverity;
  const request = new engineMessages.LogRequest().setUrn(urn).setMessage(text).setEphemeral(isPassing);
  request.setSeverity(severity === "warning" ? WARNING : INFO);
  return new Promise((done) => {
    engine.log(request, () => {
      done();
    });
  });
};
const provider = new KubernetesProvider(cancelled.signal, {
  show: (urn, note) => {
    void say(urn, note, true);
  },
  log: (urn, note) => say(urn, note, false),
});

/** An error for the engine, with the object's state where there is an object (as the SDK's dynamic provider packs it). */
function failure(error: unknown): Partial<StatusObject> {
  const details = error instanceof Error ? error.message : String(error);
  const metadata = new grpc.Metadata();
  if (error instanceof InitFailed) {
    const packed = new anys.Any();
    packed.pack(error.detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const status = new statuses.Status().setCode(grpc.status.UNKNOWN).setMessage(details);
    status.addDetails(packed);
    metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  }
  return { code: grpc.status.UNKNOWN, details, metadata };
}

const serve =
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

const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
server.addService(service.ResourceProviderService, {
  getPluginInfo: serve(() => new plugins.PluginInfo().setVersion("4.34.2")),
  checkConfig: serve((request: pb.CheckRequest) => provider.checkConfig(request)),
  diffConfig: serve((request: pb.DiffRequest) => provider.diffConfig(request)),
  configure: serve((request: pb.ConfigureRequest) => provider.configure(request)),
  check: serve((request: pb.CheckRequest) => provider.check(request)),
  diff: serve((request: pb.DiffRequest) => provider.diff(request)),
  create: serve((request: pb.CreateRequest) => provider.create(request)),
  update: serve((request: pb.UpdateRequest) => provider.update(request)),
  read: serve((request: pb.ReadRequest) => provider.read(request)),
  delete: serve(async (request: pb.DeleteRequest) => {
    await provider.delete(request);
    return new empties.Empty();
  }),
  cancel: serve(() => {
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
