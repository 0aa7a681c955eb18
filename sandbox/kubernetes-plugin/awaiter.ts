import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { skipsDeletionWait, isAnnotated, meetsWaitFor, timeoutSeconds } from "./annotations.ts";
import { apiPath } from "../../system/api-path.ts";
import type { KubeClient } from "../../system/kube-client.ts";
import { READINESS_RULES } from "./readiness.ts";
import type { Kind } from "./served-kinds.ts";
import { info, warning, type Observation, type StatusMessage } from "./observation.ts";
import { at, type Fields, listAt, nameOf, namespaceOf, textAt } from "../../system/fields.ts";

/** The milliseconds between two looks. The official plugin watches; asking is simpler, and the cluster is local. */
const INTERVAL = 400;
/** The number of looks after which the cluster's warnings about the object are asked for again. */
const EVENTS_EVERY = 5;
/**
 * The milliseconds for which a Service's endpoints must not change. The official plugin waits 10 s after each change
 * (processEndpointEvent, provider/pkg/await/service.go @ 94977969): it is slower, with the same result.
 */
const SETTLE = 2_000;
/** The seconds for which a claim is awaited, whatever the program says (`WatchUntil`, awaiters.go @ 94977969). */
const CLAIM_SECONDS = 300;

/** A wait for one object. */
export interface Wait {
  readonly cluster: KubeClient;
  readonly kind: Kind;
  /** The seconds of `customTimeouts`; 0 for none. */
  readonly timeout: number;
  readonly inputs: Fields;
  readonly stop: AbortSignal;
  /** Shows a message beside the resource while it lasts; an empty text takes it away. */
  readonly show: (note: StatusMessage) => void;
  /** Writes a warning that remains. */
  readonly warn: (text: string) => Promise<void>;
}

/** The result of a wait: the object as it was last seen, and its problems, the summary first. */
export interface Outcome {
  readonly live: Fields;
  readonly problems: readonly string[];
}

/** The rule by which an object is ready: that of its annotation, else that of its kind. */
function readinessRule(
  kind: Kind,
  inputs: Fields,
): ((live: Fields, get: KubeClient["get"]) => Promise<Observation> | Observation) | undefined {
  if (isAnnotated(inputs, "skipAwait")) return undefined;
  if (meetsWaitFor(inputs, {}) === undefined) return READINESS_RULES[kind.kind];
  return (live) => {
    const isReady = meetsWaitFor(inputs, live) === true;
    return {
      isReady,
      problems: isReady ? [] : ["the condition of pulumi.com/waitFor is not met"],
      messages: [],
    };
  };
}

/** The reasons for which an object is not ready now; none when it is, or when it is not awaited. */
export async function notReadyReasons(
  cluster: KubeClient,
  kind: Kind,
  inputs: Fields,
  live: Fields,
): Promise<readonly string[]> {
  const view = await readinessRule(kind, inputs)?.(live, cluster.get);
  if (!view || view.isReady) return [];
  return [`Resource '${nameOf(live)}' was created but failed to initialize`, ...view.problems];
}

/** The warnings of the cluster about an object (NewEventAggregator, provider/pkg/await/watchers.go @ 94977969). */
async function warningEvents({ cluster }: Wait, live: Fields): Promise<StatusMessage[]> {
  const query = { fieldSelector: `involvedObject.uid=${textAt(live, "metadata", "uid")}` };
  const path = `/api/v1/namespaces/${namespaceOf(live) || "default"}/events`;
  const list = await cluster.get(path, query).catch(() => undefined);
  return listAt(list, "items")
    .filter((event) => at(event, "type") === "Warning")
    .map((event) => warning(`${textAt(event, "reason")}: ${textAt(event, "message")}`));
}

type Seen = Observation & { readonly live: Fields };

/** Looks until the object is ready, the time is over or the engine cancels; the last look is what is reported. */
async function poll(wait: Wait, seconds: number, first: Fields, see: () => Promise<Seen>): Promise<Seen> {
  const over = AbortSignal.any([wait.stop, AbortSignal.timeout(1000 * Math.max(0, seconds))]);
  const end = over.aborted ? Promise.resolve() : once(over, "abort");
  const shown = new Set<string>();
  let [last, settled, since]: [Seen, string, number] = [
    { live: first, isReady: false, problems: [], messages: [] },
    "",
    0,
  ];
  for (let looks = 0; !over.aborted || looks === 0; looks++) {
    const answer = (async () => {
      const seen = await see();
      const isTold = seen.isReady || looks % EVENTS_EVERY !== 0;
      return {
        ...seen,
        messages: [...seen.messages, ...(isTold ? [] : await warningEvents(wait, seen.live))],
      };
    })();
    // A look that fails does not end the wait, because the object exists and its state must not be lost. A look that
    // takes long does not delay the end.
    const failed = (error: unknown): Seen => ({
      ...last,
      isReady: false,
      messages: [warning(String(error))],
    });
    const seen = await Promise.race([answer.catch(failed), end.then(() => undefined)]);
    if (!seen) break;
    last = seen;
    for (const note of seen.messages.filter(({ text }) => !shown.has(text))) {
      shown.add(note.text);
      wait.show(note);
    }
    if (seen.isReady && seen.settling === undefined) break;
    if (!seen.isReady || seen.settling !== settled) [settled, since] = [seen.settling ?? "", Date.now()];
    else if (settled !== "" && Date.now() - since >= SETTLE) break;
    await sleep(INTERVAL, undefined, { signal: over }).catch(() => undefined);
  }
  if (last.isReady) wait.show(info(""));
  return last;
}

/** Waits until an object is ready, the time is over, or the engine cancels. */
export async function awaitReady(wait: Wait, created: Fields): Promise<Outcome> {
  const { cluster, kind, inputs, stop, timeout } = wait;
  const name = nameOf(created);
  const isClaim = kind.kind === "PersistentVolumeClaim";
  const rule = readinessRule(kind, inputs);
  if (!rule) return { live: created, problems: [] };
  const seen = await poll(
    wait,
    isClaim ? CLAIM_SECONDS : timeoutSeconds(timeout, inputs),
    created,
    async () => {
      const live = await cluster.get(apiPath(kind, namespaceOf(created), name));
      if (!live) throw new Error("the object was deleted while it was awaited");
      return { live, ...(await rule(live, cluster.get)) };
    },
  );
  if (seen.isReady) return { live: seen.live, problems: [] };
  const isCancelled = stop.aborted;
  const timedOut = isClaim
    ? `Timeout occurred polling for '${name}'`
    : `'${name}' timed out waiting to be Ready`;
  const summary = isCancelled ? `Resource operation was cancelled for "${name}"` : timedOut;
  return { live: seen.live, problems: [summary, ...seen.problems] };
}

/**
 * Waits until an object is gone or another one has its name, the time is over, or the engine cancels (Deletion,
 * provider/pkg/await/await.go, and condition/deleted.go @ 94977969).
 */
export async function awaitDeleted(wait: Wait, deleted: Fields): Promise<Outcome> {
  const { cluster, kind, inputs, timeout } = wait;
  if (skipsDeletionWait(inputs)) return { live: deleted, problems: [] };
  const seen = await poll(wait, timeoutSeconds(timeout, inputs), deleted, async () => {
    const live = await cluster.get(apiPath(kind, namespaceOf(deleted), nameOf(deleted)));
    const isGone = !live || at(live, "metadata", "uid") !== at(deleted, "metadata", "uid");
    const messages = [info("Resource scheduled for deletion")];
    return { live: isGone ? deleted : live, isReady: isGone, problems: [], messages: isGone ? [] : messages };
  });
  if (seen.isReady) return { live: seen.live, problems: [] };
  const finalizers = listAt(seen.live, "metadata", "finalizers").join(", ");
  await wait.warn(`finalizers might be preventing deletion (${finalizers})`);
  return { live: seen.live, problems: ["timed out waiting for the condition"] };
}
