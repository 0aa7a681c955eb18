import { setTimeout as sleep } from "node:timers/promises";
import { pathOf } from "./cluster.ts";
import type { Cluster } from "./cluster.ts";
import { READINESS, targetsPods } from "./readiness.ts";
import type { Kind } from "./rules.ts";
import { at, listAt, nameOf, namespaceOf, textAt } from "./values.ts";
import type { Fields } from "./values.ts";

/** Time between two looks, in milliseconds. The official plugin watches; asking is simpler, and the cluster is local. */
const INTERVAL = 400;
/**
 * How long a Service's endpoints must stay ready, in milliseconds. The official plugin waits 10 s after each change
 * (processEndpointEvent, provider/pkg/await/service.go @ 94977969), so it is slower there, with the same result.
 */
const SETTLE = 2_000;

export interface Wait {
  readonly cluster: Cluster;
  readonly kind: Kind;
  /** Seconds from `customTimeouts`, 0 for none. */
  readonly timeout: number;
  readonly inputs: Fields;
  readonly stop: AbortSignal;
  /** Shows a passing line beside the resource; empty text takes it away. */
  readonly say: (text: string) => void;
}

/** What became of a wait: the object as last seen, and what went wrong, the summary first; nothing if all is well. */
export interface Outcome {
  readonly live: Fields;
  readonly problems: readonly string[];
}

const annotation = (object: Fields, name: string): string =>
  textAt(object, "metadata", "annotations", `pulumi.com/${name}`);

/** Milliseconds: `customTimeouts`, annotation, else 10 min, or 5 min for a claim (overrides.go, awaiters.go @ 94977969). */
function patience({ timeout, inputs, kind }: Wait): number {
  const asked = timeout || Number.parseInt(annotation(inputs, "timeoutSeconds"), 10);
  return 1000 * (asked || (kind.kind === "PersistentVolumeClaim" ? 300 : 600));
}

/** Why the object is not ready at this moment; empty when it is, or when nothing is to be awaited. */
export async function unready(cluster: Cluster, inputs: Fields, live: Fields): Promise<string[]> {
  const rule = READINESS[textAt(inputs, "kind")];
  return rule && annotation(inputs, "skipAwait") !== "true" ? rule(live, cluster.get) : [];
}

async function until(wait: Wait, goal: string, from: Fields, look: () => Promise<Outcome>): Promise<Outcome> {
  const end = Date.now() + patience(wait);
  for (let live = from; ;) {
    // An answer that does not come is a problem like any other: the object exists, and its state must not be lost.
    const seen = await look().catch((error: unknown) => ({ live, problems: [String(error)] }));
    live = seen.live;
    wait.say(seen.problems.join("; "));
    if (seen.problems.length === 0) return seen;
    const cancelled = wait.stop.aborted && `Resource operation was cancelled for "${nameOf(live)}"`;
    const why = cancelled || (Date.now() > end && `'${nameOf(live)}' timed out waiting to be ${goal}`);
    if (why) return { live, problems: [why, ...seen.problems] };
    await sleep(INTERVAL, undefined, { signal: wait.stop }).catch(() => undefined);
  }
}

/** Looks until the object is ready, the time is over, or the engine cancels. */
export function untilReady(wait: Wait, created: Fields): Promise<Outcome> {
  const { cluster, kind, inputs } = wait;
  let readySince = Infinity;
  return until(wait, "Ready", created, async () => {
    const live = await cluster.get(pathOf(kind, namespaceOf(created), nameOf(created)));
    if (!live) throw new Error("the object was deleted while it was awaited");
    const problems = await unready(cluster, inputs, live);
    readySince = problems.length > 0 ? Infinity : Math.min(readySince, Date.now());
    const isAwaited = targetsPods(live) && annotation(inputs, "skipAwait") !== "true";
    const isSettling = isAwaited && Date.now() - readySince < SETTLE;
    return { live, problems: isSettling ? ["Finding Pods to direct traffic to"] : problems };
  });
}

/** Looks until the object is gone or another one has its name, the time is over, or the engine cancels. */
export function untilGone(wait: Wait, deleted: Fields): Promise<Outcome> {
  const { cluster, kind } = wait;
  return until(wait, "deleted", deleted, async () => {
    const live = await cluster.get(pathOf(kind, namespaceOf(deleted), nameOf(deleted)));
    if (!live || at(live, "metadata", "uid") !== at(deleted, "metadata", "uid"))
      return { live: deleted, problems: [] };
    const finalizers = [...listAt(live, "metadata", "finalizers"), ...listAt(live, "spec", "finalizers")];
    return { live, problems: [`deletion waits for finalizers (${finalizers.join(", ")})`] };
  });
}
