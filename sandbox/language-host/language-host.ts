// The nodejs language host, as the CLI starts it: `pulumi-language-nodejs [flags] ENGINE_ADDRESS`. It serves what the
// engine calls to run a program or a policy pack; other plugins and code generation answer "unimplemented".
// Behaviour and options follow the official host: sdk/nodejs/cmd/pulumi-language-nodejs/main.go of pulumi/pulumi.
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import type {
  AboutRequest,
  InstallDependenciesRequest,
  ProgramInfo,
  RunPluginRequest,
  RunRequest,
} from "@pulumi/pulumi/proto/language_pb.js";
import * as languageModule from "@pulumi/pulumi/proto/language_pb.js";
import * as pluginModule from "@pulumi/pulumi/proto/plugin_pb.js";
import * as serviceModule from "@pulumi/pulumi/proto/language_grpc_pb.js";
import * as versionModule from "@pulumi/pulumi/version.js";

/** The exports of a generated module: they are CommonJS without names that Node can see, so all is in `default`. */
const commonJs = <T>(module: T): T => (module as T & { readonly default: T }).default;
const language = commonJs(languageModule);
const { PluginInfo } = commonJs(pluginModule);
const { LanguageRuntimeService } = commonJs(serviceModule);
const { version } = commonJs(versionModule);

/** The exit code of `@pulumi/pulumi/cmd/run` for a failure that it has reported (`cmd/run/index.js`). */
const alreadyReported = 32;
const engine = process.argv.at(-1) ?? "";
const children = new Set<ChildProcess>();

interface Options {
  readonly typescript?: unknown;
  readonly tsconfig?: unknown;
  readonly nodeargs?: unknown;
}
/** `runtime.options` of Pulumi.yaml. */
const optionsOf = (info: ProgramInfo | undefined): Options => info?.getOptions()?.toJavaScript() ?? {};
/** Splits a text into words as a shell does, with quotes. */
const words = (text: string): string[] =>
  (text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) => word.replace(/["']/g, ""));

function start(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> = {},
): ChildProcess {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  child.on("close", () => children.delete(child));
  return child;
}

/** Interrupts a process, and ends it 5 s later, as the official host does. */
function stop(child: ChildProcess): void {
  child.kill("SIGINT");
  setTimeout(() => child.kill("SIGKILL"), 5000).unref();
}

/** The arguments and the environment of the program's process. */
function programProcess(request: RunRequest): {
  readonly args: string[];
  readonly env: Record<string, string>;
} {
  const info = request.getInfo();
  const { typescript = true, tsconfig, nodeargs } = optionsOf(info);
  const flags = {
    monitor: request.getMonitorAddress(),
    engine,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": info?.getRootDirectory() ?? "",
    stack: request.getStack(),
    pwd: info?.getProgramDirectory() ?? "",
    parallel: String(request.getParallel()),
  };
  const run = createRequire(join(flags.pwd, "package.json")).resolve("@pulumi/pulumi/cmd/run");
  const args = [
    ...words(typeof nodeargs === "string" ? nodeargs : ""),
    run,
    ...Object.entries(flags).flatMap(([name, value]) => (value === "" ? [] : [`--${name}`, value])),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    info?.getEntryPoint() ?? ".",
    ...request.getArgsList(),
  ];
  const env = {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toArray())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    ...(typescript === true ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    ...(typeof tsconfig === "string" ? { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig } : {}),
  };
  return { args, env };
}

function run(call: grpc.ServerUnaryCall<RunRequest, unknown>, callback: grpc.sendUnaryData<unknown>): void {
  const answer = (error: string, bail = false) => {
    const response = new language.RunResponse();
    response.setError(error);
    response.setBail(bail);
    callback(null, response);
  };
  try {
    const { args, env } = programProcess(call.request);
    const child = start(process.execPath, args, call.request.getInfo()?.getProgramDirectory() ?? ".", env);
    child.stdout?.pipe(process.stdout, { end: false });
    child.stderr?.pipe(process.stderr, { end: false });
    call.on("cancelled", () => {
      stop(child);
    });
    child.on("error", (error) => {
      answer(`Problem executing program (could not run language executor): ${error.message}`);
    });
    child.on("close", (code, signal) => {
      if (code === 0) answer("");
      else if (code === alreadyReported) answer("", true);
      else
        answer(
          `Program exited with ${code === null ? `signal ${signal ?? "?"}` : `non-zero exit code: ${code}`}`,
        );
    });
  } catch (error) {
    answer(`The program cannot be started: ${String(error)}. Have you run npm ci?`);
  }
}

function installDependencies(call: grpc.ServerWritableStream<InstallDependenciesRequest, unknown>): void {
  const child = start("npm", ["install"], call.request.getInfo()?.getProgramDirectory() ?? ".");
  const send = (data: Uint8Array) => {
    const response = new language.InstallDependenciesResponse();
    response.setStdout(data);
    call.write(response);
  };
  child.stdout?.on("data", send);
  child.stderr?.on("data", send);
  child.on("error", (error) => call.destroy(error));
  child.on("close", (code) => {
    if (code === 0) call.end();
    else call.destroy(new Error(`npm install ended with code ${code ?? -1}`));
  });
}

/** Runs a policy pack in its folder. Unlike the official host, it gives the pack nothing of the stack's configuration. */
function runPlugin(call: grpc.ServerWritableStream<RunPluginRequest, unknown>): void {
  const folder = call.request.getInfo()?.getProgramDirectory() ?? ".";
  if (call.request.getKind() !== "analyzer") {
    call.emit("error", { code: grpc.status.UNIMPLEMENTED, details: "only policy packs are run as plugins" });
    return;
  }
  let runner: string;
  try {
    runner = createRequire(join(folder, "package.json")).resolve("@pulumi/pulumi/cmd/run-policy-pack");
  } catch (error) {
    call.emit("error", {
      code: grpc.status.NOT_FOUND,
      details: `${String(error)}. Have you run npm ci there?`,
    });
    return;
  }
  const env = Object.fromEntries(
    call.request
      .getEnvList()
      .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const),
  );
  const child = start(process.execPath, [runner, ...call.request.getArgsList(), folder], folder, env);
  const send = (set: "setStdout" | "setStderr" | "setExitcode") => (value: Uint8Array & number) => {
    const response = new language.RunPluginResponse();
    response[set](value);
    call.write(response);
  };
  child.stdout?.on("data", send("setStdout"));
  child.stderr?.on("data", send("setStderr"));
  child.on("error", (error) => call.destroy(error));
  child.on("close", (code) => {
    send("setExitcode")((code ?? 1) as Uint8Array & number);
    call.end();
  });
  call.on("cancelled", () => {
    stop(child);
  });
}

const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(LanguageRuntimeService, {
  run,
  installDependencies,
  runPlugin,
  // The list is empty: the CLI asks for each plugin when a resource names its version.
  getRequiredPackages: (_: unknown, callback: grpc.sendUnaryData<unknown>) => {
    callback(null, new language.GetRequiredPackagesResponse());
  },
  getPluginInfo: (_: unknown, callback: grpc.sendUnaryData<unknown>) => {
    const info = new PluginInfo();
    info.setVersion(version);
    callback(null, info);
  },
  about: (_: grpc.ServerUnaryCall<AboutRequest, unknown>, callback: grpc.sendUnaryData<unknown>) => {
    const response = new language.AboutResponse();
    response.setExecutable(process.execPath);
    response.setVersion(process.version);
    callback(null, response);
  },
  cancel: (_: unknown, callback: grpc.sendUnaryData<unknown>) => {
    children.forEach(stop);
    callback(null, new language.GetRequiredPackagesResponse()); // any message without fields is an Empty
  },
});

/** Ends the host and what it started at once: the CLI is gone, or needs it no more. */
function end(): void {
  for (const child of children) child.kill("SIGKILL");
  process.exit(0);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);
// A CLI that was killed does not end the host, but the host gets another parent.
const cli = process.ppid;
setInterval(() => {
  if (process.ppid !== cli) end();
}, 500);

/** Ends the host when nobody listens at the engine's address: the CLI was gone before its id could be read above. */
function endWithoutEngine(): void {
  const [host = "", port = ""] = engine.split(/:(?=\d+$)/);
  const socket = connect(Number(port), host);
  socket.on("connect", () => socket.destroy()).on("error", end);
}

server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(port);
  // Without an address (`pulumi about`, plugin commands) there is no engine that could go.
  if (/:\d+$/.test(engine)) endWithoutEngine();
});
