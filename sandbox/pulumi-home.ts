import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { ensureBuilt } from "./build/build-cache.ts";
import { explainWrite } from "../system/errors.ts";
import { cacheFolder, projectRoot } from "../system/folders.ts";
import type { Log } from "../system/log.ts";
import { accountAnswers } from "./cloud-plugins/account-answers.ts";
import { helperPrograms } from "./cloud-plugins/helper-programs.ts";
import { clouds } from "./cloud-plugins/cloud-rules.ts";
import { pulumiVersion } from "./build/recipes.ts";

/** The Pulumi CLI in use: ours, built from Go modules, or the official one, which the npm launcher downloads. */
export type Engine = "built" | "official";

/** A script that starts a file of the work tree in use on the Node of its dependencies: work trees share a home. */
const startScript = (entry: string, ...args: readonly string[]): string =>
  [
    "#!/bin/sh",
    ': "${MULTI_CLIENT_ROOT:?is not set: start pulumi through make, or export it as the path of the work tree}"',
    'exec "$MULTI_CLIENT_ROOT/node_modules/.bin/node" \\',
    `  "$MULTI_CLIENT_ROOT/${entry}" ${args.map((arg) => `${arg} `).join("")}"$@"`,
    "",
  ].join("\n");

/** Puts a file in its place in one step, so that neither an interrupt nor two processes at once leave half a file. */
function place(file: string, make: (temporary: string) => void): void {
  const temporary = `${file}.${process.pid}`;
  rmSync(temporary, { force: true });
  make(temporary);
  renameSync(temporary, file);
}

function placeScript(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const current = statSync(file, { throwIfNoEntry: false });
  if (current !== undefined && (current.mode & 0o100) !== 0 && readFileSync(file, "utf8") === text) return;
  place(file, (temporary) => {
    writeFileSync(temporary, text);
    chmodSync(temporary, 0o755);
  });
}

/** Places a hard link: the CLI looks for its language host beside its real path, which a symbolic link would hide. */
function placeLink(file: string, original: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const [current, wanted] = [statSync(file, { throwIfNoEntry: false }), statSync(original)];
  if (current?.size === wanted.size && current.mtimeMs >= wanted.mtimeMs) return;
  place(file, (temporary) => {
    try {
      linkSync(original, temporary);
    } catch {
      copyFileSync(original, temporary); // a file system without links
    }
  });
}

/**
 * Puts a file where the CLI keeps its logs. It writes a log of every property of every run, compressed and encrypted,
 * whatever it is told, and goes without where the folder cannot be made: a third less processor time, and no 500 MB
 * after a day of tests.
 *
 * @see pkg/logging/encrypted.go, StartLogging.
 */
function disableCliLogs(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isFile() === true) return;
  rmSync(folder, { recursive: true, force: true });
  writeFileSync(folder, "A file, not a folder: the Pulumi CLI keeps no logs of the sandbox's runs.\n");
}

/** The version of an SDK, which is also that of its plugin. */
function installedVersion(name: string): string {
  const file = join(projectRoot(), "node_modules", "@pulumi", name, "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version;
}

/** The folder of the programs that a kubeconfig of a simulated cloud calls. */
export const helperProgramFolder = (home: string): string => join(home, "helpers");

/** The path of a plugin in a PULUMI_HOME, where the CLI looks for the version that the SDK asks for. */
const pluginPath = (name: string): string =>
  `plugins/resource-${name}-v${installedVersion(name)}/pulumi-resource-${name}`;
const kubernetesPlugin = () => pluginPath("kubernetes");

/** The options of {@link pulumiHome}. */
interface HomeOptions {
  readonly engine: Engine;
  /** The kubernetes plugin: ours, or the official one built from its Go module. @default "standin" */
  readonly kubernetes?: "standin" | "official";
}

/** The scripts of a PULUMI_HOME by their path in it: the stand-in plugins and the clouds' helper programs. */
function scripts(): Record<string, string> {
  const kubernetes = startScript("sandbox/kubernetes-plugin/kubernetes-plugin.ts");
  const all: Record<string, string> = { [kubernetesPlugin()]: kubernetes };
  for (const cloud of clouds)
    all[pluginPath(cloud)] = startScript(
      "sandbox/cloud-plugins/cloud-plugin.ts",
      cloud,
      installedVersion(cloud),
    );
  for (const name of Object.keys({ ...helperPrograms, ...accountAnswers }))
    all[`helpers/${name}`] = startScript("sandbox/cloud-plugins/credential-helper.ts", name);
  return all;
}

/**
 * Assembles a PULUMI_HOME of the sandbox's own: the stand-in plugins, and with `built` our CLI and language host, where
 * the npm launcher and the CLI look for them. What is there is checked and repaired each time; what the CLI keeps there
 * stays. Work trees of one layout share a home; another layout has another one.
 *
 * @throws UserError when the cache cannot be written.
 */
export async function pulumiHome({ engine, kubernetes }: HomeOptions, log: Log): Promise<string> {
  const bin = engine === "built" ? await ensureBuilt("pulumi", log) : "";
  const official = kubernetes === "official" ? await ensureBuilt("official-kubernetes", log) : "";
  const { [kubernetesPlugin()]: standIn, ...others } = scripts();
  const placed = official === "" ? { ...others, [kubernetesPlugin()]: standIn ?? "" } : others;
  const languageHost = startScript("sandbox/language-host/language-host.ts");
  const key = [
    engine,
    ...[bin, official].map((from) => basename(dirname(from))),
    pulumiVersion,
    placed,
    languageHost,
  ];
  const hash = createHash("sha256").update(JSON.stringify(key));
  const home = join(cacheFolder(), `home-${hash.digest("hex").slice(0, 16)}`);
  try {
    for (const [path, text] of Object.entries(placed)) placeScript(join(home, path), text);
    if (official !== "")
      placeLink(join(home, kubernetesPlugin()), join(official, "pulumi-resource-kubernetes"));
    disableCliLogs(join(home, "logs"));
    if (engine === "built") {
      const cli = join(home, "versions", pulumiVersion, "bin");
      placeLink(join(cli, "pulumi"), join(bin, "pulumi"));
      placeScript(join(cli, "pulumi-language-nodejs"), languageHost);
    }
  } catch (error) {
    throw explainWrite(error, home, "XDG_CACHE_HOME");
  }
  return home;
}
