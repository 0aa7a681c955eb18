import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Ask } from "./http-client.ts";

/** Hears what was got so far, and for how long it was asked for, in seconds. */
export type Note = (got: string, seconds: number) => void;

/** One thing that must hold of a deployed application. */
export interface Assertion {
  readonly number: number;
  readonly title: string;
  readonly expected: string;
  /** The assertion adds a row to the database. */
  readonly writes: boolean;
  /** Tells whether what it got is a warning, and no failure. @default always a failure */
  readonly warns?: (got: string) => boolean;
  /**
   * Asks the application.
   *
   * @param note hears what it got so far, where it asks more than once.
   * @returns what it got instead; undefined where the assertion holds.
   */
  readonly check: (ask: Ask, note: Note) => Promise<string | undefined>;
}

/** The number whose Fibonacci number is asked for, and the answer: fib(0) = fib(1) = 1. */
const [INDEX, VALUE] = [5, "8"];
/** The time that the worker and the database may take, in milliseconds. */
const PATIENCE = 60_000;
/** The time until all nodes know of pods that have just become ready, in milliseconds. */
const ROUTE_PATIENCE = 10_000;
/** The number of times that a wait says what it waits for, over its whole length. */
const NOTES = 6;

const shown = ({ status, type, text }: Answer): string =>
  `${status}, ${type === "" ? "no content type" : type}, ${JSON.stringify(text.slice(0, 80))}`;

const isPage = ({ status, text }: Answer): boolean => status === 200 && text.includes('<div id="root">');

/** The JSON of an answer; undefined for anything else, such as the page. */
function json({ status, type, text }: Answer): unknown {
  if (status !== 200 || !type.includes("json")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const expecting =
  (method: "GET" | "POST", path: string, holds: (answer: Answer) => boolean, body?: object) =>
  async (ask: Ask): Promise<string | undefined> => {
    const answer = await ask(method, path, body);
    return holds(answer) ? undefined : shown(answer);
  };

/** Asks the application once. @returns what it got instead; undefined where the assertion holds */
type Asking = (ask: Ask) => Promise<string | undefined>;

/** An answer that does not come counts as one that does not hold. */
const gotOf = (check: Asking, ask: Ask): Promise<string | undefined> =>
  check(ask).catch((error: unknown) => (error instanceof Error ? error.message : "?"));

/** Asks until it holds, or the patience ends. */
export const polling =
  (check: Asking, patience: number): Assertion["check"] =>
  async (ask, note) => {
    const begin = Date.now();
    for (let told = begin; ;) {
      const got = await gotOf(check, ask);
      if (got === undefined) return undefined;
      const now = Date.now();
      if (now - begin > patience) return `${got}, still after ${patience / 1000} s`;
      if (now - told >= patience / NOTES) {
        told = now;
        note(got, (now - begin) / 1000);
      }
      await sleep(Math.min(1000, patience / NOTES));
    }
  };

/** Asks again only where what it got the first time is of a pattern. */
const pollingAfter =
  (pattern: RegExp, check: Asking, patience: number): Assertion["check"] =>
  async (ask, note) => {
    const got = await gotOf(check, ask);
    return got !== undefined && pattern.test(got) ? polling(check, patience)(ask, note) : got;
  };
/** A proxy reaches nobody: pods that have just become ready are not known on all nodes at once. */
const notRouted = /^50[234],/;
/** An address leads nowhere: its name has no answer yet, nobody listens, or the edge has no route. */
const nowhere =
  /^(EAI_AGAIN|E(NOTFOUND|CONN\w+|HOSTUNREACH|NETUNREACH|TIMEDOUT)|socket hang up|no answer|404,|50[234],)/;

/** Rows of an answer of /api/values/all that have the index; undefined where it is no list. */
function rowsOf(answer: Answer): number | undefined {
  const rows = json(answer);
  if (!Array.isArray(rows)) return undefined;
  return rows.filter((row: { number?: unknown } | null) => row?.number === INDEX).length;
}

/**
 * The assertions, in the order in which they are asked.
 *
 * @param patience milliseconds for what takes a while.
 * @param edgePatience milliseconds until an address leads to the application. @default it does at once
 */
export function assertions(patience = PATIENCE, edgePatience = 0): readonly Assertion[] {
  const page = expecting("GET", "/", isPage);
  // Rows of earlier runs prove nothing.
  let rowsBefore = 0;
  return [
    {
      number: 1,
      title: "GET / gives the page",
      expected: '200 with <div id="root">',
      writes: false,
      check: edgePatience === 0 ? page : pollingAfter(nowhere, page, edgePatience),
    },
    {
      number: 2,
      title: "GET /api/ reaches the server",
      expected: "200 with Hi",
      writes: false,
      check: pollingAfter(
        notRouted,
        expecting("GET", "/api/", ({ status, text }) => status === 200 && text.includes("Hi")),
        Math.min(patience, ROUTE_PATIENCE),
      ),
    },
    {
      number: 3,
      title: "GET /api/values/all reads the database",
      expected: "200, JSON, a list",
      writes: false,
      check: expecting("GET", "/api/values/all", (answer) => {
        const rows = rowsOf(answer);
        rowsBefore = rows ?? 0;
        return rows !== undefined;
      }),
    },
    {
      number: 4,
      title: `POST /api/values takes ${INDEX}`,
      expected: '200 with {"working":true}',
      writes: true,
      check: expecting(
        "POST",
        "/api/values",
        (answer) => (json(answer) as { working?: unknown } | undefined)?.working === true,
        { index: String(INDEX) },
      ),
    },
    {
      number: 5,
      title: `the worker computes it, within ${patience / 1000} s`,
      expected: `/api/values/current has "${INDEX}":"${VALUE}"`,
      writes: true,
      check: polling(
        expecting("GET", "/api/values/current", (answer) => {
          const values = json(answer) as Record<string, unknown> | undefined;
          return values?.[String(INDEX)] === VALUE;
        }),
        patience,
      ),
    },
    {
      number: 6,
      title: `the database has it, within ${patience / 1000} s`,
      expected: `/api/values/all has one {"number":${INDEX}} more than before`,
      writes: true,
      check: polling(
        expecting("GET", "/api/values/all", (answer) => (rowsOf(answer) ?? 0) > rowsBefore),
        patience,
      ),
    },
    {
      number: 7,
      title: "POST /api/values refuses 41",
      expected: "422, Index too high",
      writes: false,
      check: expecting(
        "POST",
        "/api/values",
        ({ status, text }) => status === 422 && text.includes("Index too high"),
        { index: "41" },
      ),
    },
    {
      number: 8,
      title: "GET /otherpage gives the page too",
      expected: '200 with <div id="root">',
      writes: false,
      check: expecting("GET", "/otherpage", isPage),
    },
  ];
}
