import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { asker, type Ask } from "../../smoke/http-client.ts";
import { freePort } from "../../system/free-port.ts";
import { clusterOfContext } from "../../system/sandbox-context.ts";
import { list, until, type Loose } from "./cluster.ts";
import { testStack, type Sections, type TestStack } from "./stack.ts";
import { context } from "./world.ts";

/** A stack that is reached from this computer as users reach it, and what asks it. */
export interface OpenStack {
  readonly stack: TestStack;
  /** The address of the page, without TLS. */
  readonly url: string;
  /** One request; it may take 5 s. */
  readonly ask: Ask;
}

/** Makes a stack whose client has a node port that is free here; nothing is deployed yet. */
export async function openStack(label: string, sections: Sections = {}): Promise<OpenStack> {
  const [port, address] = [await freeNodePort(), await addressOfNodes()];
  const stack = await testStack(label, {
    cluster: { provider: "existing", context, local: true, nodeAddress: address },
    exposure: { type: "nodePort", nodePort: port },
    ...sections,
  });
  const url = `http://${address}:${port}`;
  return { stack, url, ask: asker({ url }, 5) };
}

/** The sandbox hands node ports on to 127.0.0.1; other nodes have an address of their own. */
async function addressOfNodes(): Promise<string> {
  if (clusterOfContext(context) !== undefined) return "127.0.0.1";
  const [node] = await list("Node", "");
  const addresses = (node?.status.addresses ?? []) as { type: string; address: string }[];
  return addresses.find(({ type }) => type === "InternalIP")?.address ?? "127.0.0.1";
}

/** Finds a node port on which nothing listens here: files that run side by side must not take the same. */
async function freeNodePort(): Promise<number> {
  let port: number | undefined;
  while (port === undefined) port = await freePort(30_000 + Math.floor(Math.random() * 2767));
  return port;
}

/** Asks for the page and for what the database holds, at a constant rate, until it is stopped; an answer may take 10 s. */
export class Traffic {
  readonly #requests: Promise<string | undefined>[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(url: string, perSecond = 20) {
    const ask = asker({ url }, 10);
    this.#timer = setInterval(() => {
      const path = this.#requests.length % 2 === 0 ? "/" : "/api/values/all";
      const second = ((this.#requests.length / perSecond) | 0).toString();
      this.#requests.push(
        ask("GET", path).then(
          ({ status }) => (status === 200 ? undefined : `${path} after ${second} s: ${status}`),
          (error: unknown) => `${path} after ${second} s: ${String(error)}`,
        ),
      );
    }, 1000 / perSecond);
  }

  /** Waits for the answers that are due; gives how many were asked for, and what was wrong with each that failed. */
  async stop(): Promise<{ readonly asked: number; readonly failed: readonly string[] }> {
    clearInterval(this.#timer);
    const outcomes = await Promise.all(this.#requests);
    return { asked: outcomes.length, failed: outcomes.filter((each) => each !== undefined) };
  }
}

/** A number to post as the page posts it, and the value that the worker must find. */
export interface Posted {
  readonly index: string;
  readonly value: string;
}

let made = 0;
/** A number that was not posted before: 0 to 19, then the same with leading zeros, because redis keeps a value for each text. */
export function nextNumber(): Posted {
  const [number, zeros] = [made % 20, Math.floor(made / 20)];
  made += 1;
  let [value, next] = [1, 1];
  for (let index = 0; index < number; index++) [value, next] = [next, value + next];
  return { index: `${"0".repeat(zeros)}${String(number)}`, value: String(value) };
}

/** Posts a number. @throws where it is not taken. */
export async function post(ask: Ask, { index }: Posted): Promise<void> {
  const { status, text } = await ask("POST", "/api/values", { index });
  if (status !== 200) throw new Error(`POST ${index}: ${status} ${text}`);
}

/** The values that redis holds, by the text of their index. */
export async function values(ask: Ask): Promise<Readonly<Record<string, string>>> {
  return (JSON.parse((await ask("GET", "/api/values/current")).text) ?? {}) as Record<string, string>;
}

/** The numbers that the database holds, one for each time that it was posted. */
async function rows(ask: Ask): Promise<number[]> {
  const all = JSON.parse((await ask("GET", "/api/values/all")).text) as { number: number }[];
  return all.map(({ number }) => number);
}

/** What the application holds, asked for until it answers: pods that were disturbed may refuse one more connection. */
async function held(ask: Ask): Promise<readonly [number[], Readonly<Record<string, string>>]> {
  let last: unknown;
  const read = async () => [await rows(ask), await values(ask)] as const;
  const answer = () => read().catch((error: unknown) => ((last = error), undefined));
  return until("the application says what it holds", answer).catch((error: unknown) => {
    throw new Error(`${String(error)}; ${String(last)}`);
  });
}

/** Remembers all rows and values; what it gives fails where one of them is lost meanwhile, and says how many there were. */
export async function kept(ask: Ask): Promise<() => Promise<string>> {
  const [numbers, before] = await held(ask);
  const found = Object.entries(before);
  assert.ok(numbers.length > 0 && found.length > 0, "there is nothing to keep yet");
  return async () => {
    const [now, after] = await held(ask);
    assert.deepEqual(
      numbers.filter((number) => !now.includes(number)),
      [],
      "rows that are lost",
    );
    assert.deepEqual(
      found.filter(([index, value]) => after[index] !== value),
      [],
      "values that are lost",
    );
    return `${numbers.length} rows and ${found.length} values kept`;
  };
}

/**
 * One round through client, server, redis, worker and postgres: posts a number, and sees its value and its row.
 *
 * @param patience seconds after which a number that has neither counts as lost
 */
export async function round(ask: Ask, patience = 3): Promise<true> {
  const posted = nextNumber();
  const before = (await rows(ask)).length;
  await post(ask, posted);
  const isThere = async () =>
    (await values(ask))[posted.index] === posted.value && (await rows(ask)).length > before;
  const end = Date.now() + 1000 * patience;
  while (!(await isThere())) {
    if (Date.now() > end) throw new Error(`${posted.index} has no value or no row within ${patience} s`);
    await sleep(50);
  }
  return true;
}

/**
 * Goes through the whole application until a round succeeds. A connection that is begun while an address leads nowhere is given
 * up after 130 s (tcp_syn_retries), and its program begins another one only then.
 *
 * @throws with what the last one said
 */
export async function works(ask: Ask, seconds = 180): Promise<void> {
  let last = "";
  const succeeds = () =>
    round(ask, 10).catch((error: unknown) => {
      last = String(error);
      return undefined;
    });
  await until("a number that is posted has its value and its row", succeeds, seconds).catch(
    (error: unknown) => {
      throw new Error(`${String(error)}; ${last}`);
    },
  );
}

/** Prints what a case measured. */
export function measured(text: string): void {
  console.log(`      ${text}`);
}

/** The restarts of all containers of pods. */
export const restarts = (pods: readonly Loose[]): number =>
  pods
    .flatMap(({ status }) => (status.containerStatuses ?? []) as { restartCount: number }[])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
