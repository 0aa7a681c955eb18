import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, UserError } from "../../system/errors.ts";
import { cacheFolder } from "../../system/folders.ts";
import type { Log } from "../../system/log.ts";
import { lastLines, passInterrupt, run } from "../../system/process.ts";
import { ensureEntry, isDiskFull, sizeDefect, withProgress } from "../build/cache-entry.ts";
import { ensureDebianTools } from "../build/debian-tree.ts";
import { nodeFolder } from "./boot.ts";
import { withoutLookAlike } from "./look-alikes.ts";
import { importArchive, lookAlikeImages } from "./node-images.ts";

/** An image cannot be had of its registry. */
class ImageUnavailable extends UserError {}

const stampFile = (name: string) => join(nodeFolder(name), "registry-images.json");

/**
 * The images that a node has of their registries, as pods name them; undefined for a node of look-alikes. A node keeps to one
 * of both for life: the postgres of a look-alike is of another version, and neither reads the data of the other.
 */
export function registryImages(name: string): readonly string[] | undefined {
  const file = stampFile(name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as string[]) : undefined;
}

/**
 * Chooses for a node that is not there yet whether it runs the images themselves: where each of them can be fetched.
 *
 * @param references the images that pods will name, with registry and repository spelt out.
 */
export async function chooseImages(name: string, references: readonly string[], log: Log): Promise<void> {
  if (references.length === 0) return;
  try {
    for (const reference of references) await archiveOf(reference, log);
  } catch (error) {
    // Anything else, as an interrupt, says nothing of the registries, and the node keeps to the choice for life.
    if (!(error instanceof ImageUnavailable)) throw error;
    log(`The node gets look-alikes of its images: ${error.message}`);
    return;
  }
  mkdirSync(nodeFolder(name), { recursive: true });
  writeFileSync(stampFile(name), "[]");
}

/**
 * Gives a node that takes its images from registries those that it does not have yet. Of a node of look-alikes it names the
 * images that it cannot run.
 *
 * @throws ImageUnavailable where a registry does not hand one out.
 */
export async function provideImages(name: string, references: readonly string[], log: Log): Promise<void> {
  const present = registryImages(name);
  if (present === undefined) {
    for (const repository of withoutLookAlike(references, lookAlikeImages(name)))
      log(
        `Warning: no look-alike stands for ${repository}: its pods cannot start on this node.\n` +
          "Fix: make down, then make up NODES=simulated (no container runs), or a computer whose registries answer",
      );
    return;
  }
  for (const reference of references.filter((each) => !present.includes(each))) {
    await importArchive(name, await archiveOf(reference, log));
    writeFileSync(stampFile(name), JSON.stringify([...(registryImages(name) ?? []), reference]));
  }
}

/**
 * The name by which containerd finds an image that a pod names: where there is a digest, the tag says nothing.
 *
 * @see https://github.com/distribution/reference, `ParseDockerRef`
 */
export const imageName = (reference: string): string => reference.replace(/:[^:/@]+(?=@)/, "");

/** Fetches an image into the cache. @returns an archive that containerd imports under the name that the pods use */
async function archiveOf(reference: string, log: Log): Promise<string> {
  const hash = createHash("sha256").update(reference).digest("hex").slice(0, 16);
  const entry = join(cacheFolder(), `image-${hash}`);
  const archive = join(entry, "image.tar");
  await ensureEntry({
    entry,
    name: `image ${reference}`,
    defect: () => {
      const list = join(entry, "image.json");
      // A tag may lead to another image tomorrow.
      if (!reference.includes("@")) return "not fetched yet";
      // An earlier version wrote no size.
      return existsSync(archive) && !existsSync(list) ? undefined : sizeDefect(archive, list);
    },
    make: async (partial) => {
      await ensureDebianTools(["skopeo"], log).catch((error: unknown) => {
        passInterrupt(error);
        throw new ImageUnavailable(messageOf(error));
      });
      mkdirSync(partial, { recursive: true });
      await withProgress(`Fetching ${reference}`, log, () => fetchImage(reference, partial));
    },
    log,
  });
  return archive;
}

async function fetchImage(reference: string, folder: string): Promise<void> {
  const layout = join(folder, "layout");
  const name = imageName(reference);
  // As container engines do: a registry on this computer speaks plain HTTP.
  const plain = /^(?:localhost|127\.0\.0\.1)[:/]/.test(name) ? ["--src-tls-verify=false"] : [];
  const from = ["--override-os", "linux", "copy", "--quiet", "--retry-times", "2", ...plain];
  await step(reference, "skopeo", ["--command-timeout", "10m", ...from, `docker://${name}`, `oci:${layout}`]);
  const file = join(layout, "index.json");
  const index = JSON.parse(readFileSync(file, "utf8")) as { manifests: object[] };
  const annotations = { "io.containerd.image.name": name };
  const manifests = index.manifests.map((manifest) => ({ ...manifest, annotations }));
  writeFileSync(file, JSON.stringify({ ...index, manifests }));
  const archive = join(folder, "image.tar");
  await step(reference, "tar", ["-cf", archive, "-C", layout, "oci-layout", "index.json", "blobs"]);
  rmSync(layout, { recursive: true });
  writeFileSync(join(folder, "image.json"), JSON.stringify({ size: statSync(archive).size }));
}

async function step(reference: string, command: string, args: readonly string[]): Promise<void> {
  const result = await run(command, args, { doing: `fetching ${reference}` });
  if (result.code === 0) return;
  const failed = `Image ${reference} cannot be fetched:\n${lastLines(result.output, 3)}\n`;
  if (command !== "skopeo" || isDiskFull(result.output))
    throw new UserError(
      `${failed}Fix: free space for ${cacheFolder()} (XDG_CACHE_HOME); then run the command again.`,
    );
  throw new ImageUnavailable(
    `${failed}Fix: name another image or registry in multi-client:images, or log in to this one: skopeo login`,
  );
}
