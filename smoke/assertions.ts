import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Ask } from "./client.ts";

/** One thing that must hold of a deployed application. */
export interface Assertion {
  readonly number: number;
  readonly title: string;
  readonly expected: string;
  /** Whether it adds a row to the database. */
  readonly writes: boolean;
  /** What is usually wrong where it fails. */
  readonly usually: string;
  /** Asks the application. @returns what it got instead; undefined where the assertion holds */
  readonly check: (ask: Ask) => Promise<string | undefined>;
}

/** The number whose Fibonacci number is asked for, and the answer: fib(0) = fib(1) = 1. */
const [INDEX, VALUE] = [5, "8"];
/** How long the worker and the database may take, in milliseconds. */
const PATIENCE = 60_000;

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

/** Asks until it holds, or the patience ends; an answer that does not come counts as one that does not hold. */
async function polling(check: Assertion["check"], ask: Ask, patience: number): Promise<string | undefined> {
  for (const end = Date.now() + patience; ;) {
    const got = await check(ask).catch((error: unknown) => (error instanceof Error ? error.message : "?"));
    if (got === undefined) return undefined;
    if (Date.now() > end) return `${got}, still after ${patience / 1000} s`;
    await sleep(Math.min(1000, patience));
  }
}

/** What must hold, in the order in which it is asked. @param patience milliseconds for what takes a while */
export const assertions = (patience = PATIENCE): readonly Assertion[] => [
  {
    number: 1,
    title: "GET / gives the page",
    expected: '200 with <div id="root">',
    writes: false,
    usually:
      "the Service does not lead to a ready client pod, or targetPort is not the port nginx listens on",
    check: expecting("GET", "/", isPage),
  },
  {
    number: 2,
    title: "GET /api/ reaches the server",
    expected: "200 with Hi",
    writes: false,
    usually: "the client's nginx does not pass /api/ on, or no server pod is ready",
    check: expecting("GET", "/api/", ({ status, text }) => status === 200 && text.includes("Hi")),
  },
  {
    number: 3,
    title: "GET /api/values/all reads the database",
    expected: "200, JSON, a list",
    writes: false,
    usually:
      "the server cannot talk to postgres: its image's driver does not do SCRAM, or its table was never made; the page instead of JSON means that /api/ is not passed on",
    check: expecting("GET", "/api/values/all", (answer) => Array.isArray(json(answer))),
  },
  {
    number: 4,
    title: `POST /api/values takes ${INDEX}`,
    expected: '200 with {"working":true}',
    writes: true,
    usually: "redis refuses writes (its directory is read-only or full), or the server cannot reach it",
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
    usually: "no worker runs, or redis did not pass the message on: the value stays `Nothing yet!`",
    check: (ask) =>
      polling(
        expecting("GET", "/api/values/current", (answer) => {
          const values = json(answer) as Record<string, unknown> | undefined;
          return values?.[String(INDEX)] === VALUE;
        }),
        ask,
        patience,
      ),
  },
  {
    number: 6,
    title: `the database has it, within ${patience / 1000} s`,
    expected: `/api/values/all has {"number":${INDEX}}`,
    writes: true,
    usually: "the server's insert failed: its log says why",
    check: (ask) =>
      polling(
        expecting("GET", "/api/values/all", (answer) => {
          const rows = json(answer);
          return Array.isArray(rows) && rows.some((row: { number?: unknown }) => row.number === INDEX);
        }),
        ask,
        patience,
      ),
  },
  {
    number: 7,
    title: "POST /api/values refuses 41",
    expected: "422, Index too high",
    writes: false,
    usually: "what answers /api/ is not this server",
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
    usually: "the client runs with the nginx configuration of its image, not with the stack's",
    check: expecting("GET", "/otherpage", isPage),
  },
];
