import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import grpc from "@grpc/grpc-js";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import empties from "google-protobuf/google/protobuf/empty_pb.js";
import { installedVersion } from "../../launcher/engine/find-engine.ts";
import { value } from "../../system/folders.ts";
import { engine, plugins, run } from "./world.ts";

/** A plugin that does not see its engine gives up; it answers before. Nothing listens there. */
const noEngine = "127.0.0.1:1";

/** The folder of the kubernetes plugin that the engine takes: its version is the SDK's. It is fetched where it is not there. */
async function pluginFolder(): Promise<string> {
  const { pulumi, env } = await engine();
  const version = installedVersion(process.cwd(), "@pulumi/kubernetes");
  const home = value(env.PULUMI_HOME) ?? join(homedir(), ".pulumi");
  const folder = join(home, "plugins", `resource-kubernetes-v${version}`);
  if (!existsSync(folder))
    await run(pulumi, ["plugin", "install", "resource", "kubernetes", version], { env });
  return folder;
}

/** Starts a plugin and asks it for its version (GetPluginInfo). */
async function askVersion(program: string): Promise<string> {
  const { env } = await engine();
  const child = spawn(program, [noEngine], { env, stdio: ["ignore", "pipe", "ignore"] });
  try {
    const [port] = (await once(createInterface(child.stdout), "line")) as [string];
    const client = new service.ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    const info = await new Promise<PluginInfo>((done, fail) => {
      client.getPluginInfo(new empties.Empty(), (error, answer) => {
        if (error) fail(error);
        else done(answer);
      });
    });
    client.close();
    return info.getVersion();
  } finally {
    child.kill();
  }
}

let asked: Promise<string> | undefined;

/**
 * The version of the kubernetes plugin in use. One that pretends to have the version of the SDK, so that an engine takes
 * it, says its real one in the file `module-version` beside it.
 */
export function pluginVersion(): Promise<string> {
  asked ??= pluginFolder().then((folder) => {
    const told = join(folder, "module-version");
    return existsSync(told)
      ? readFileSync(told, "utf8").trim()
      : askVersion(join(folder, "pulumi-resource-kubernetes"));
  });
  return asked;
}

/** Compares the numbers of two versions such as 4.29.0. */
function isOlder(version: string, than: string): boolean {
  const [a = [], b = []] = [version, than].map((each) => each.split(".").map((part) => parseInt(part, 10)));
  const at = a.findIndex((number, index) => number !== b[index]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}

/**
 * A case for which the official plugin has what it takes since a version: with an older one it is skipped, and the run
 * says so. The stand-in has it always.
 */
export function itSince(since: string, title: string, work: () => Promise<void>): void {
  it(title, async function () {
    const version = plugins === "standin" ? since : await pluginVersion();
    if (isOlder(version, since)) {
      console.log(`  not in this version (${version}, but since ${since}): ${title}`);
      this.skip();
    }
    await work();
  });
}
