import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { type Engine, findEngine, installedVersion, pulumiVersion, sandboxThere } from "./find-engine.ts";
import { explained, UserError } from "../../system/errors.ts";
import {
  cacheFolder,
  credentialsFolder,
  pulumiFolder,
  stateFolder,
  value,
  type Env,
} from "../../system/folders.ts";
import { shellWord } from "../../system/shell-command.ts";
import { shownUrl, type Backend } from "./backend.ts";
import type { Plugins } from "./plugins.ts";
import type { Log } from "../../system/log.ts";

/** The choices with which the engine is run. */
export interface EngineOptions {
  readonly plugins: Plugins;
  /** The only context that stand-ins serve. */
  readonly context?: string;
  /** The clouds are stand-ins too, where the kubernetes plugin is one. @default false */
  readonly simulatesClouds?: boolean;
  /** The reason for these plugins, for the line that names them. */
  readonly because?: string;
  readonly log: Log;
  /** @default this process's own */
  readonly env?: Env;
}

/**
 * Finds, fetches or builds the Pulumi CLI and its plugins, and says in one line which are in use.
 *
 * @returns the CLI's path and the whole environment it is run with; backend and passphrase are the caller's business.
 */
export async function engineEnvironment({
  plugins,
  context,
  simulatesClouds = false,
  because,
  log,
  env = process.env,
}: EngineOptions): Promise<{ readonly pulumi: string; readonly env: Record<string, string | undefined> }> {
  const root = process.cwd();
  const engine = await findEngine(root, env, log);
  const official = plugins === "official" ? await officialKubernetes(root, engine, env) : undefined;
  const which =
    official !== undefined
      ? `official (kubernetes ${official.version})`
      : `stand-ins of the sandbox, for ${simulatesClouds ? "simulated clouds" : "local clusters"}`;
  const why = value(because);
  log(
    `Pulumi CLI ${pulumiVersion(root)}: ${engine.origin}; plugins: ${which}${why === undefined ? "" : `, because of ${why}`}`,
  );
  const shared = {
    ...env,
    // The engine's programs run on the Node of the dependencies, whatever the computer has.
    PATH: [join(root, "node_modules", ".bin"), dirname(engine.path), env.PATH ?? ""].join(delimiter),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    MULTI_CLIENT_ROOT: root,
    // Compiled sources are kept: a second start of the program takes about a third less.
    NODE_COMPILE_CACHE: value(env.NODE_COMPILE_CACHE) ?? join(cacheFolder(env), "node-compile-cache"),
  };
  if (official !== undefined)
    return { pulumi: engine.path, env: { ...shared, ...(await official.home?.(log)) } };
  if (context === undefined) throw new Error("stand-ins without a context");
  if (!sandboxThere(root)) {
    throw new UserError(
      "The stand-in plugins are in the folder sandbox/, which is not there.\n" +
        "Fix: bring it back, or deploy with the official plugins: make up STACK=dev",
    );
  }
  const { pulumiHome, helperProgramFolder } = await import("../../sandbox/index.ts");
  const home = await explained(() => pulumiHome({ engine: engine.built ? "built" : "official" }, log));
  return {
    pulumi: engine.path,
    env: {
      ...shared,
      ...login(env),
      PULUMI_HOME: home,
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      MULTI_CLIENT_STANDIN_CONTEXT: context,
      ...(simulatesClouds && {
        PATH: [helperProgramFolder(home), shared.PATH].join(delimiter),
        MULTI_CLIENT_CLOUDS: join(stateFolder(env), "clouds"),
        MULTI_CLIENT_PLACEHOLDERS: "required",
      }),
    },
  };
}

/**
 * Where the CLI was built, because nothing could be fetched, the official kubernetes plugin cannot be either: it is built
 * from its Go module, which has an older version. A plugin that the user installed counts.
 *
 * @returns its version as lines for the user have it; where it is built, what does that and gives variables of the CLI.
 */
async function officialKubernetes(
  root: string,
  engine: Engine,
  env: Env,
): Promise<{ readonly version: string; readonly home?: (log: Log) => Promise<Record<string, string>> }> {
  const version = installedVersion(root, "@pulumi/kubernetes");
  const installed = join(pulumiFolder(env), "plugins", `resource-kubernetes-v${version}`);
  if (!engine.built || !sandboxThere(root) || existsSync(installed)) return { version };
  const { officialKubernetesVersion, pulumiHome } = await import("../../sandbox/index.ts");
  return {
    version: `${officialKubernetesVersion}, built from its Go module`,
    home: async (log) => ({
      ...login(env),
      PULUMI_HOME: await explained(() => pulumiHome({ engine: "built", kubernetes: "official" }, log)),
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    }),
  };
}

/** With a PULUMI_HOME that is not the user's, the user's login would not be found. */
function login(env: Env): Record<string, string> {
  const credentials = credentialsFolder(env);
  return existsSync(join(credentials, "credentials.json")) ? { PULUMI_CREDENTIALS_PATH: credentials } : {};
}

/**
 * The variables of the CLI for secrets: dev, sandbox, and stacks that hold no secret worth one, have an empty passphrase,
 * which protects nothing; a passphrase that is set always counts.
 */
export function passphrase(stack: string, env: Env, hasNoSecrets = false): Record<string, string> {
  const set = env.PULUMI_CONFIG_PASSPHRASE !== undefined || env.PULUMI_CONFIG_PASSPHRASE_FILE !== undefined;
  return !set && (hasNoSecrets || stack === "dev" || stack === "sandbox")
    ? { PULUMI_CONFIG_PASSPHRASE: "" }
    : {};
}

/**
 * How the CLI of a run is called by hand, so that it finds the same state and opens the same secrets: with its backend,
 * unless that is the user's own login or a URL with a password, which the user has set, and the passphrase that the launcher chose. One that the user set is not shown.
 *
 * @param program path of the CLI, or its name where that is on PATH.
 */
export function callByHand(
  program: string,
  backend: Backend,
  passphrase: Readonly<Record<string, string>>,
): string {
  const { url, because } = backend;
  const isFound = because === "the current Pulumi login" || shownUrl(backend) !== url;
  const variables = Object.entries({ ...(isFound ? {} : { PULUMI_BACKEND_URL: url }), ...passphrase });
  return [...variables.map(([name, value]) => `${name}=${shellWord(value)}`), shellWord(program)].join(" ");
}
