import type { Resource } from "../recovery/pending-operations.ts";
import { shownSeconds } from "../steps.ts";

/** One resource of a critical path. */
export interface Link {
  /** Such as `eks:Cluster multi-client`. */
  readonly title: string;
  /** Since the resource before it was there. */
  readonly seconds: number;
}

/**
 * The chain that decided how long an `up` took: the resource that was made last, before it the last one of those it
 * waited for, and so on. Read from the times at which the engine recorded them (`created`, apitype.ResourceV3), so it
 * holds what they waited for each other, for the program and for the engine too.
 *
 * @param since when the `up` began, in milliseconds; what was made before it is not part of it.
 * @returns empty where nothing was made.
 */
export function criticalPath(resources: readonly Resource[], since: number): Link[] {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const time = ({ custom, created }: Resource): number => {
    const at = custom === true && created !== undefined ? Date.parse(created) : NaN;
    return at >= since ? at : NaN;
  };
  /** Those it waited for that were made now; what was there, or is only a group, stands for what that waited for. */
  const before = (resource: Resource, seen: Set<string>): Resource[] =>
    neighbours(resource).flatMap((urn) => {
      const found = byUrn.get(urn);
      if (found === undefined || seen.has(urn)) return [];
      seen.add(urn);
      return Number.isNaN(time(found)) ? before(found, seen) : [found];
    });
  const last = (some: readonly Resource[]): Resource | undefined =>
    [...some].sort((a, b) => time(b) - time(a))[0];
  const chain: Resource[] = [];
  let next = last(resources.filter((resource) => !Number.isNaN(time(resource))));
  while (next !== undefined) {
    chain.unshift(next);
    const end = time(next);
    next = last(before(next, new Set([next.urn])).filter((each) => time(each) <= end));
  }
  return chain.map((resource, index) => ({
    title: titleOf(resource),
    seconds: (time(resource) - (index === 0 ? since : time(chain[index - 1] ?? resource))) / 1000,
  }));
}

/** The URNs of those before which a resource cannot be made; of its provider, `<urn>::<id>`, the first part. */
const neighbours = ({ dependencies = [], parent, provider }: Resource): string[] => [
  ...dependencies,
  ...(parent === undefined ? [] : [parent]),
  ...(provider === undefined ? [] : [provider.slice(0, provider.lastIndexOf("::"))]),
];

/** `aws:eks/cluster:Cluster` as `eks:Cluster`, with the resource's name. */
function titleOf({ type, urn }: Resource): string {
  const [, module = "", kind = ""] = type.split(":");
  return `${module.split("/")[0] ?? ""}:${kind} ${urn.split("::").at(-1) ?? ""}`;
}

/** Text of a critical path: the links that took a second or more, and the rest as one; empty where nothing waited. */
export function criticalPathText(links: readonly Link[]): string {
  if (links.length < 2) return "";
  const sum = (some: readonly Link[]) => some.reduce((all, { seconds }) => all + seconds, 0);
  const line = (seconds: number, text: string) => `  ${shownSeconds(seconds * 1000).padStart(6)}  ${text}`;
  const [long, short] = [links.filter(isLong), links.filter((link) => !isLong(link))];
  return [
    `Critical path, ${shownSeconds(sum(links) * 1000)}: ${String(links.length)} resources one after another`,
    ...long.map(({ title, seconds }) => line(seconds, title)),
    ...(short.length === 0 ? [] : [line(sum(short), `the other ${String(short.length)}`)]),
    "",
  ].join("\n");
}

const isLong = ({ seconds }: Link): boolean => seconds >= 1;
