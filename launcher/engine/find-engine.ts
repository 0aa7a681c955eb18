import { existsSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { errorCode, explained, UserError } from "../../system/errors.ts";
import { cacheFolder, pulumiFolder, type Env } from "../../system/folders.ts";
import { isExecutable, run, which } from "../../system/process.ts";
import { shellWord } from "../../system/shell-command.ts";
import type { Log } from "../../system/log.ts";

/** The Pulumi CLI in use. */
export interface Engine {
  readonly path: string;
  /** Ours has no language host or plugins beside it but those of the sandbox. */
  readonly built: boolean;
  /** One phrase for the user: where it comes from. */
  readonly origin: string;
}

/** The sandbox, unless its folder was left out: the launcher serves minikube and existing clusters without it. */
export const sandboxThere = (root: string): boolean => existsSync(join(root, "sandbox", "index.ts"));

/** The version of the CLI: the SDK's. The npm launcher may be older, because it fetches the version in PULUMI_VERSION. */
export const pulumiVersion = (root: string): string => installedVersion(root, "@pulumi/pulumi");

export function installedVersion(root: string, name: string): string {
  const file = join(root, "node_modules", ...name.split("/"), "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version;
}

/**
 * The pinned CLI: fetched before, on PATH, built before, fetched now by its npm launcher, or else built.
 * @throws UserError when there is none and none can be had.
 */
export async function findEngine(root: string, env: Env, log: Log): Promise<Engine> {
  const version = pulumiVersion(root);
  const fetched = join(pulumiFolder(env), "versions", version, "bin", "pulumi");
  const official: Engine = { path: fetched, built: false, origin: "official" };
  if (await isWhole(fetched, version, env)) return official;
  const onPath = which("pulumi", env, (path) => !realpathSync(path).includes(join("node_modules", "pulumi")));
  if (onPath !== undefined && (await versionOf(onPath, env)) === `v${version}`) {
    return { path: onPath, built: false, origin: `on PATH: ${onPath}` };
  }
  if (await isBuilt(root)) return buildEngine(log);
  // Not removed here: what answers wrongly may be another run's download, or a folder from which nothing may be started.
  if (existsSync(fetched))
    log(
      `The Pulumi CLI in ${dirname(fetched)} does not answer as ${version}: a full disk may have cut it off.\n` +
        `Fix: rm -r ${shellWord(dirname(dirname(fetched)))}, after which it is fetched again`,
    );
  log(`Pulumi CLI ${version}: the npm launcher fetches it ...`);
  const launcher = join(root, "node_modules", ".bin", "pulumi");
  const { code, output } = await run(launcher, ["version"], {
    env: { ...env, PULUMI_VERSION: version },
    doing: "the Pulumi CLI was fetched",
  });
  if (code === 0 && (await isWhole(fetched, version, env))) return official;
  const why = output.trim().split("\n").at(-1) ?? "";
  if (!sandboxThere(root)) {
    throw new UserError(
      `The Pulumi CLI ${version} is not on this computer and cannot be fetched: ${why}\n` +
        `Two ways: install it (https://www.pulumi.com/docs/iac/download-install/), version ${version}, on PATH;\n` +
        "or bring back the folder sandbox/, which builds it with Go.",
    );
  }
  log(`It cannot be fetched (${why}): built from its Go modules instead.`);
  return buildEngine(log);
}

/**
 * Tells whether a fetched CLI is all there: its installer copies file after file, and takes what a kill or a full disk left for
 * done. The file itself is asked once, and again when it has changed.
 */
async function isWhole(path: string, version: string, env: Env): Promise<boolean> {
  if (!isExecutable(path) || !isExecutable(join(dirname(path), "pulumi-language-nodejs"))) return false;
  const { size, mtimeMs } = statSync(path);
  const asked = join(cacheFolder(env), `pulumi-cli-${version}`);
  const stamp = `${path} ${size} ${mtimeMs}`;
  if (existsSync(asked) && readFileSync(asked, "utf8") === stamp) return true;
  if ((await versionOf(path, env)) !== `v${version}`) return false;
  try {
    mkdirSync(dirname(asked), { recursive: true });
    writeFileSync(asked, stamp);
  } catch {
    // A home that is read-only: it is asked every time.
  }
  return true;
}

async function versionOf(path: string, env: Env): Promise<string> {
  try {
    const { stdout } = await run(path, ["version"], {
      env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
      doing: "the Pulumi CLI was asked for its version",
    });
    return stdout.trim();
  } catch (error) {
    if (errorCode(error) === "") throw error;
    return ""; // cannot be started: as good as not there
  }
}

async function isBuilt(root: string): Promise<boolean> {
  if (!sandboxThere(root)) return false;
  const sandbox = await import("../../sandbox/index.ts");
  return sandbox.isBuilt("pulumi");
}

/** Ours lies in the sandbox's PULUMI_HOME: the CLI looks for its language host beside itself. */
async function buildEngine(log: Log): Promise<Engine> {
  const { pulumiHome } = await import("../../sandbox/index.ts");
  const home = await explained(() => pulumiHome({ engine: "built" }, log));
  const path = join(home, "versions", pulumiVersion(process.cwd()), "bin", "pulumi");
  return { path, built: true, origin: "built from Go modules" };
}
