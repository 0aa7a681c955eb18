import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../../system/errors.ts";
import { cacheFolder } from "../../system/folders.ts";
import type { Log } from "../../system/log.ts";
import { lastLines, run, type RunResult, which } from "../../system/process.ts";
import { ensureEntry, isDiskFull, withProgress } from "./cache-entry.ts";

/** The release of Debian that the trees consist of. */
const debianSuite = "bookworm";

/** The description of a Debian tree. Every property but `log` has a part in the hash of its cache entry. */
export interface DebianTree {
  /** The name of the tree in its cache entry and in lines for the user. */
  readonly name: string;
  /** The packages; apt adds those that they depend on. */
  readonly packages: readonly string[];
  /** Paths that are removed, relative to the root, as patterns of the shell. @default none */
  readonly remove?: readonly string[];
  /** Symbolic links that a package's script would make, path to target. @default none */
  readonly links?: Readonly<Record<string, string>>;
  readonly log: Log;
}

/** Another distribution's packages would make another tree. */
const noDebian = "no archive of Debian is among this computer's sources of packages (/etc/apt)";

/** What no program reads: a tree is half as large without. */
const texts = ["doc", "man", "locale", "info", "i18n", "lintian", "bug", "groff"].map(
  (name) => `usr/share/${name}`,
);

const entryOf = ({ name, packages, remove = [], links = {} }: Omit<DebianTree, "log">): string => {
  const inputs = JSON.stringify([
    debianSuite,
    process.arch,
    [...packages].sort(),
    [...remove].sort(),
    links,
    texts,
  ]);
  return join(
    cacheFolder(),
    `${name}-tree-${createHash("sha256").update(inputs).digest("hex").slice(0, 16)}`,
  );
};

/** The folder of the tree in the cache, whether it is there or not. */
export const debianTreePath = (tree: Omit<DebianTree, "log">): string => join(entryOf(tree), "tree");

/** The versions of a tree's packages by name, those included that others depend on. */
export const treeVersions = (path: string): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(join(dirname(path), "packages.json"), "utf8")) as Record<string, string>;

/**
 * Makes a tree of Debian's files from packages where the cache has none. The packages are unpacked and their scripts
 * do not run: nothing starts, no user is made, no alternative is chosen.
 *
 * @returns its folder.
 * @throws UserError where this is not possible: not root, no apt, no Debian among its sources, a full disk.
 */
export async function debianTree(tree: DebianTree): Promise<string> {
  const entry = entryOf(tree);
  await ensureEntry({
    entry,
    name: `${tree.name} tree`,
    defect: () => {
      try {
        treeVersions(join(entry, "tree"));
        return undefined;
      } catch {
        return existsSync(entry) ? "no readable packages.json" : "not built yet";
      }
    },
    make: (partial) => build(tree, partial),
    log: tree.log,
  });
  return join(entry, "tree");
}

async function build(tree: DebianTree, folder: string): Promise<void> {
  const { name, log } = tree;
  await ensureDebianTools(["mmdebstrap"], log);
  mkdirSync(folder, { recursive: true });
  checkSpace(2);
  const sources = await debianSources();
  if (sources.length === 0)
    throw new UserError(
      `The ${name} tree cannot be made: ${noDebian}.\n` +
        "Fix: make down (removes the cluster with its data), then make up NODES=simulated (no container runs)",
    );
  const path = join(folder, "tree");
  const options = join(folder, "apt.conf");
  writeFileSync(options, await downloadOptions(), { mode: 0o600 }); // a proxy's address may hold a password
  const begin = Date.now();
  await withProgress(`Unpacking the packages of the ${name} tree (Debian ${debianSuite})`, log, async () => {
    // In a mount namespace of its own, where whatever is mounted meanwhile vanishes with it; it ends when we are killed.
    const command = [
      ...["--pdeathsig", "TERM", "unshare", "--mount", "nice"],
      ...["mmdebstrap", "--mode=root", "--variant=extract"],
      "--setup-hook=/usr/share/mmdebstrap/hooks/merged-usr/setup00.sh",
      "--skip=cleanup", // the archives say the versions
      `--include=${tree.packages.join(",")}`,
      `--aptopt=${options}`,
      ...[debianSuite, path],
      ...sources,
    ];
    const result = await run("setpriv", command, { doing: `unpacking the ${name} tree` });
    if (result.code !== 0) throw treeError(`Unpacking the packages of the ${name} tree`, result);
  });
  const versions = versionsOfArchives(readdirSync(join(path, "var/cache/apt/archives")));
  rmSync(options);
  // Also removed is what comes from this computer.
  const remove = [
    "etc/apt",
    "etc/resolv.conf",
    "etc/hostname",
    "var/lib/apt",
    "var/cache/apt",
    ...texts,
    ...(tree.remove ?? []),
  ];
  const removed = await run("sh", ["-c", `rm -rf -- ${remove.join(" ")}`], { cwd: path });
  if (removed.code !== 0) throw treeError(`Clearing the ${name} tree`, removed);
  for (const [link, target] of Object.entries(tree.links ?? {})) {
    mkdirSync(dirname(join(path, link)), { recursive: true });
    if (lstatSync(join(path, link), { throwIfNoEntry: false }) === undefined)
      symlinkSync(target, join(path, link));
  }
  writeFileSync(join(folder, "packages.json"), JSON.stringify(versions, undefined, 1));
  const count = Object.keys(versions).length;
  log(`Made the ${name} tree of ${count} packages in ${Math.round((Date.now() - begin) / 1000)} s.`);
}

/** Reads names and versions from the names of package files, `name_version_architecture.deb`. */
export const versionsOfArchives = (files: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    files
      .filter((file) => file.endsWith(".deb"))
      .map((file) => file.split("_"))
      .map(([name = "", version = ""]) => [name, decodeURIComponent(version)]),
  );

/**
 * Installs Debian packages with tools on this computer where they are missing.
 *
 * @throws UserError where this is not possible.
 */
export async function ensureDebianTools(tools: readonly string[], log: Log): Promise<void> {
  if (process.getuid?.() !== 0 || which("apt-get", process.env) === undefined) {
    throw new UserError(
      "Debian packages can be unpacked as root on Debian only.\n" +
        `Found: ${process.getuid?.() === 0 ? "root, but no `apt-get` on PATH" : "another user than root"}.`,
    );
  }
  const missing = tools.filter((tool) => which(tool, process.env) === undefined);
  if (missing.length === 0) return;
  const install = ["install", "-y", "-q", "--no-install-recommends", ...missing];
  // Another apt may be at work: that of unattended upgrades on a fresh computer, or of another `make up`.
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  const apt = (args: readonly string[]) =>
    run("nice", ["apt-get", ...wait, ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      doing: `installing ${missing.join(" and ")}`,
    });
  const step = `Installing ${missing.join(" and ")}: apt-get ${install.join(" ")}`;
  const result = await withProgress(step, log, async () => {
    const first = await apt(install);
    if (first.code === 0) return first;
    await apt(["update", "-q"]); // a fresh computer has no lists yet, one that is long without an update outdated ones
    return apt(install);
  });
  if (result.code !== 0) throw treeError(`apt-get ${install.join(" ")}`, result);
}

/**
 * Finds why trees cannot be made here, without the network; undefined where they can, or are there.
 *
 * @param trees their folders.
 */
export async function debianObstacle(trees: readonly string[]): Promise<string | undefined> {
  if (trees.every((tree) => existsSync(tree)) || (await debianSources()).length > 0) return undefined;
  return noDebian;
}

/** Debian's archives among this computer's sources of packages, as lines of a sources.list. */
async function debianSources(): Promise<string[]> {
  const format = "$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)";
  const targets = async (...options: readonly string[]) =>
    (await run("apt-get", [...options, "indextargets", "--format", format, "Created-By: Packages"])).stdout;
  // apt says the origin of the sources whose lists it has; where it has none yet, it names the sources without it.
  const known = await targets();
  const all = known === "" ? await targets("-o", "APT::Get::IndexTargets::ReleaseInfo=false") : known;
  const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
  return sourceLines(all, existsSync(keyring) ? `[signed-by=${keyring}] ` : "");
}

const releases =
  /^(?:bullseye|bookworm|trixie|forky|sid|oldstable|stable|testing|unstable)(-updates|-security)?$/;

/** The line of every source that is a release of Debian with its updates; another release's line becomes ours. */
export function sourceLines(targets: string, options = ""): string[] {
  const lines = targets.split("\n").flatMap((target) => {
    const [uri = "", release = "", component = "", origin = ""] = target.split(" ");
    const [, update = ""] = releases.exec(release) ?? ["", "no"];
    // Others have a release `stable` too; an origin that apt does not know stays as it was asked for.
    const isDebian = origin === "Debian" || origin === "$(ORIGIN)";
    return update === "no" || component !== "main" || !isDebian
      ? []
      : [`deb ${options}${uri} ${debianSuite}${update} main`];
  });
  return [...new Set(lines)];
}

/** How this computer's apt reaches its sources: proxies, and what is checked. */
async function downloadOptions(): Promise<string> {
  const { stdout } = await run("apt-config", ["dump", "--format", '%f "%v";%n', "Acquire"]);
  const kept = /^Acquire::(https?::|Retries|ForceIPv|Check-(Date|Valid-Until)|Max-FutureTime)/;
  const own = stdout.split("\n").filter((line) => kept.test(line));
  return [...own, 'Acquire::Languages "none";', ""].join("\n");
}

/** The cache needs room: a tree, and the packages while it is made. */
export function checkSpace(gigabytes: number): void {
  const { bavail, bsize } = statfsSync(cacheFolder());
  const free = (bavail * bsize) / 2 ** 30;
  if (free >= gigabytes) return;
  throw new UserError(
    `${cacheFolder()} has ${free.toFixed(1)} GiB free, and ${gigabytes} GiB are needed.\n` +
      "Fix: free space there, or choose another place: export XDG_CACHE_HOME=/a/writable/folder",
  );
}

function treeError(step: string, { output, code }: RunResult): UserError {
  const advice =
    isDiskFull(output) || /not enough free space/i.test(output)
      ? `Fix: free space for ${cacheFolder()} (XDG_CACHE_HOME).`
      : "Fix: apt must reach its sources (apt-get update); then run the command again.";
  return new UserError(`${step} failed with code ${code}:\n${lastLines(output, 12)}\n${advice}`);
}
