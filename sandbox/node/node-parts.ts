import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../system/log.ts";
import { ensureBuilt } from "../build/build-cache.ts";
import { debianTree, debianTreePath, treeVersions } from "../build/debian-tree.ts";
import { ensureImages, imageTree, type ImageArchive, type LookAlike } from "../images/build-images.ts";
import type { ProgramImage } from "../images/image-list.ts";
import { lookAlikePolicy } from "./look-alikes.ts";

/** What a node is made of; all of it is in the cache. */
export interface NodeParts {
  /** The tree of the node's system, which is only read. */
  readonly system: string;
  /** The folders of Kubernetes' programs. */
  readonly programs: readonly string[];
  readonly kubectl: string;
  /** The versions of what runs containers, for a line to the user. */
  readonly description: string;
  /** The images of the node and of what runs there. */
  readonly images: ImageArchive;
}

/** What the node needs of Debian: it runs containers, gives them addresses, starts programs again and watches a folder. */
const packages = [
  "containerd",
  "runc",
  "containernetworking-plugins",
  "iptables",
  "ipset",
  "conntrack",
  "iproute2",
  "ethtool",
  "kmod",
  "mount",
  "procps",
  "runit",
  "inotify-tools",
  "dash",
  "coreutils",
  "hostname",
  "base-files",
  "base-passwd",
];

/** The programs that run in pods, by their group; its go.mod has the version. */
const addOnPrograms = [
  { name: "coredns", version: "1.14.7", replaces: "registry.k8s.io/coredns/coredns" },
  { name: "metrics-server", version: "0.9.0", replaces: "registry.k8s.io/metrics-server/metrics-server" },
] as const;
const podPrograms = [
  ...addOnPrograms,
  { name: "rclone", version: "1.75.1", replaces: "rclone/rclone" } as const,
];

/** What the scripts of packages would make: the back end of iptables, the users, which the kubelet reads, and more. */
const links = {
  ...Object.fromEntries(
    ["iptables", "ip6tables"].flatMap((tables) =>
      ["", "-save", "-restore"].map((end) => [`usr/sbin/${tables}${end}`, "xtables-nft-multi"]),
    ),
  ),
  "etc/passwd": "/usr/share/base-passwd/passwd.master",
  "etc/group": "/usr/share/base-passwd/group.master",
  "etc/hosts": "/run/node/etc/hosts",
};

const nodeTree = { name: "node", packages, links };

/** The folders of the trees of Debian's files that a node needs, whether they are there or not. */
export const nodeTrees = (): string[] => [nodeTree, imageTree].map(debianTreePath);

/** Finds the parts of a node, or makes them. */
export async function nodeParts(log: Log): Promise<NodeParts> {
  const system = await debianTree({ ...nodeTree, log });
  const kubernetes = await ensureBuilt("kubernetes", log);
  const programs = [kubernetes];
  for (const group of ["kubelet", "etcd", "network-policies"] as const)
    programs.push(await ensureBuilt(group, log));
  const programImages: ProgramImage[] = [];
  for (const each of podPrograms)
    programImages.push({ ...each, binary: join(await ensureBuilt(each.name, log), each.name) });
  const images = await ensureImages(log, programImages);
  const { containerd = "", runc = "" } = treeVersions(system);
  return {
    system,
    programs,
    kubectl: join(kubernetes, "kubectl"),
    images,
    description: `containerd ${plain(containerd)}, runc ${plain(runc)}`,
  };
}

/** A version of Debian's without Debian's own part of it. */
const plain = (version: string) => version.replace(/[~+-].*$/, "");

/** The image of an archive that stands for a repository. */
export function lookAlikeOf(repository: string, images: readonly LookAlike[]): string {
  const found = images.find(({ replaces }) => replaces === repository);
  if (found === undefined) throw new Error(`There is no look-alike of ${repository}.`);
  return found.name;
}

/**
 * What is installed on a node, as a stream of YAML: DNS, storage and metrics.
 *
 * @param replaces look-alikes take the places of images.
 */
export function addOns({ images }: ImageArchive, replaces: boolean): string {
  const yaml = readFileSync(new URL("add-ons.yaml", import.meta.url), "utf8");
  const ours = addOnPrograms.reduce(
    (text, { replaces }) => text.replace(replaces, lookAlikeOf(replaces, images)),
    yaml,
  );
  return [ours, ...(replaces ? lookAlikePolicy(images) : []).map((object) => JSON.stringify(object))].join(
    "\n---\n",
  );
}
