import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../system/log.ts";
import { lastLines, run } from "../../system/process.ts";
import type { ImageArchive, LookAlike } from "../images/build-images.ts";
import { nodeFolder, nodeProcess } from "./boot.ts";

const stampFile = (name: string) => join(nodeFolder(name), "images.json");

/** Gives the images of an archive to the containerd of a node that runs. */
export async function importArchive(name: string, archive: string): Promise<void> {
  // Through standard input, because the node does not see the file.
  const command = `exec ${inNode(name)} ctr -n k8s.io images import - <"$1"`;
  const result = await run("sh", ["-c", command, "sh", archive], { doing: "giving the node its images" });
  if (result.code !== 0)
    throw new Error(`The node's images cannot be imported:\n${lastLines(result.output, 5)}`);
}

/** Tells whether the containerd of a node answers. @throws with its words where it does not */
export async function hasContainerd(name: string): Promise<boolean> {
  const { code, output } = await run("sh", ["-c", `${inNode(name)} ctr version`]);
  if (code !== 0) throw new Error(lastLines(output, 1));
  return true;
}

/** Gives a node the images of its own programs and the look-alikes, unless it has them. */
export async function importLookAlikes(
  name: string,
  { archive, images }: ImageArchive,
  log: Log,
): Promise<void> {
  const wanted = JSON.stringify({ archive, images });
  if (existsSync(stampFile(name)) && readFileSync(stampFile(name), "utf8") === wanted) return;
  log("Giving the node its images ...");
  await importArchive(name, archive);
  writeFileSync(stampFile(name), wanted);
}

/** The look-alikes that a node has; empty where it has none yet. */
export function lookAlikeImages(name: string): readonly LookAlike[] {
  if (!existsSync(stampFile(name))) return [];
  return (JSON.parse(readFileSync(stampFile(name), "utf8")) as { images: LookAlike[] }).images;
}

const inNode = (name: string) => `nsenter --target ${String(nodeProcess(name))} --mount --`;
