import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecure } from "node:https";
import type { AddressInfo } from "node:net";
import { assertions } from "../../smoke/assertions.ts";
import { asker } from "../../smoke/http-client.ts";
import { resultData, resultText, smoke } from "../../smoke/smoke.ts";
import { certificate, key } from "../support/tls.ts";

/** A certificate of somebody else. */
const other = `-----BEGIN CERTIFICATE-----
MIIBkjCCATegAwIBAgIUGJh0MC2vCqQSjjGN2OYmAl09IYIwCgYIKoZIzj0EAwIw
HTEbMBkGA1UEAwwSb3RoZXIuZXhhbXBsZS50ZXN0MCAXDTI2MTEyNDAwMzY0MVoY
DzIxMjYxMDMxMDAzNjQxWjAdMRswGQYDVQQDDBJvdGhlci5leGFtcGxlLnRlc3Qw
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATYfoZCqQuACg+g6Wxw3+txc2kjgvjZ
KPtf+zo3uoBqroBD1q4kuO85cHqFHMLpA1QM2ChWzLlu1vm5NQ/3iolCo1MwUTAd
BgNVHQ4EFgQUDNSK+VYpYDeMbp5ORhe1XvAyNzkwHwYDVR0jBBgwFoAUDNSK+VYp
YDeMbp5ORhe1XvAyNzkwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBG
AiEA/rHM8ayZoxLInmm/bvS73EGSO8sCOyGwwGrS0c5m/u4CIQCFSOlCdDll/f0/
jdO3/Q9g/ZM636ZNYIACgdhvVDZMHg==
-----END CERTIFICATE-----
`;

type Route = (answer: ServerResponse, body: { index?: string }) => void;
const page: Route = (answer) => answer.setHeader("content-type", "text/html").end('<div id="root"></div>');
const send =
  (body: unknown): Route =>
  (answer) =>
    answer.setHeader("content-type", "application/json").end(JSON.stringify(body));
const silent = { result: () => undefined, note: () => undefined };
const never: Route = () => undefined;

/** An application as stack.md describes it; `other` replaces single routes. */
const good = (other: Record<string, Route> = {}, rows = [{ number: 5 }]): Record<string, Route> => ({
  "GET /": page,
  "GET /otherpage": page,
  "GET /api/": (answer) => answer.end("Hi"),
  "GET /api/values/all": (answer) => {
    send(rows)(answer, {});
  },
  "GET /api/values/current": send({ "5": "8" }),
  "POST /api/values": (answer, { index }) => {
    if (Number(index) > 40) answer.writeHead(422).end("Index too high");
    else {
      rows.push({ number: Number(index) });
      send({ working: true })(answer, {});
    }
  },
  ...other,
});

/** What the smoke test says of an application: numbers of what failed, and all of it as text. */
async function said(routes: Record<string, Route>, writes = true, patience = 500) {
  const server = createServer((request: IncomingMessage, answer: ServerResponse) => {
    let text = "";
    request.on("data", (part: Buffer) => (text += part.toString()));
    request.on("end", () => {
      const route = routes[`${request.method ?? ""} ${request.url ?? ""}`];
      if (route) route(answer, JSON.parse(text || "{}") as object);
      else answer.writeHead(404).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  try {
    const { port } = server.address() as AddressInfo;
    // Only an answer that never comes is waited for: a busy computer has time for all others.
    const seconds = Object.values(routes).includes(never) ? 1 : 10;
    const ask = asker({ url: `http://127.0.0.1:${port}` }, seconds);
    const notes: string[] = [];
    const listener = { result: () => undefined, note: (line: string) => notes.push(line) };
    const results = await smoke(ask, writes, listener, assertions(patience));
    const failed = results.filter(({ got }) => got !== undefined).map(({ assertion: { number } }) => number);
    const text = results.map((result) => resultText(result, "kubectl -n app")).join("\n");
    return { asked: results.length, failed, text, notes };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

// Servers of this test answer here: it proves the client, nothing about an application.
describe("the smoke test", () => {
  it("passes where everything answers as it should, and adds a row only when it may", async () => {
    const { asked, failed } = await said(good());
    assert.deepEqual([asked, failed], [8, []]);
    const reading = await said(good({ "GET /api/values/current": never }), false);
    assert.deepEqual([reading.asked, reading.failed], [5, []]);
  });

  const cases: readonly (readonly [string, Record<string, Route>, readonly number[], RegExp])[] = [
    [
      "a database that never answers",
      { "GET /api/values/all": never },
      [3, 6],
      /got: +no answer within 1 s\n +usually: .*\(SCRAM\).*\n +see: +kubectl -n app logs deploy\/server --tail 20\n/,
    ],
    [
      "a server that ends when it asks the database",
      { "GET /api/values/all": (answer) => answer.writeHead(502).end() },
      [3, 6],
      /got: +502, no content type, ""\n +usually: .*\(SCRAM\)\n +see: +kubectl -n app logs deploy\/server --previous/,
    ],
    [
      "rows of earlier runs only",
      { "GET /api/values/all": send([{ number: 5 }]) },
      [6],
      /got: +200, application\/json, ".*number.*", still after 0.5 s\n +usually: +the server's INSERT failed/,
    ],
    [
      "a worker that does nothing",
      { "GET /api/values/current": send({ "5": "Nothing yet!" }) },
      [5],
      /Nothing yet!.*still after 0.5 s\n +usually: +no worker was running.*\n +see: .*component=worker/,
    ],
    [
      "a redis that does not answer",
      { "GET /api/values/current": never },
      [5],
      /no answer within 1 s, still.*\n +usually: +redis does not answer.*\n +see: .*statefulset\/redis/,
    ],
    [
      "the page in place of the API",
      { "GET /api/": page, "GET /api/values/all": page, "GET /api/values/current": page },
      [2, 3, 5, 6],
      /got: +200, text\/html.*\n +usually: +the client's nginx does not pass \/api\/ on/,
    ],
    [
      "a server that nginx does not reach",
      { "GET /api/": (answer) => answer.writeHead(502).end() },
      [2],
      /usually: +nginx reaches no server.*\n +see: +kubectl -n app describe service server/,
    ],
    [
      "a server that cannot write",
      { "POST /api/values": (answer) => answer.writeHead(500).end("MISCONF") },
      [4, 6, 7],
      /got: +500, no content type, "MISCONF"\n +usually: +redis refuses writes/,
    ],
    [
      "nginx as its image has it",
      { "GET /otherpage": (answer) => answer.writeHead(404).end() },
      [8],
      /got: +404.*\n +usually: +the client's nginx has its image's configuration/,
    ],
    [
      "a page that moved: nobody goes after it",
      { "GET /": (answer) => answer.writeHead(301, { location: "/otherpage" }).end() },
      [1],
      /got: +301/,
    ],
  ];
  for (const [fault, other, failed, text] of cases) {
    it(`names each failure with what was expected and got, its usual cause and a command: ${fault}`, async () => {
      const result = await said(good(other));
      assert.deepEqual(result.failed, failed);
      assert.match(result.text, text);
    });
  }

  it("asks again for the page where an address may lead nowhere yet, for as long as it is told", async () => {
    const url = "http://127.0.0.1:1";
    for (const [edge, suffix] of [
      [0, ""],
      [200, ", still after 0.2 s"],
    ] as const) {
      const [first] = await smoke(asker({ url }), false, silent, assertions(0, edge).slice(0, 1));
      assert.equal(first?.got, `ECONNREFUSED${suffix}`);
    }
    // Another page is an answer: nobody waits for a better one.
    const other = (_: string, path: string) =>
      Promise.resolve({ status: 200, type: "text/html", text: path });
    const [wrong] = await smoke(other, false, silent, assertions(0, 60_000).slice(0, 1));
    assert.match(wrong?.got ?? "", /^200, text\/html, "\/"$/);
  });

  it("asks again for a server that is not reached yet, and not where something else answers", async () => {
    let asked = 0;
    const late: Route = (answer) => {
      asked++;
      if (asked < 3) answer.writeHead(502).end();
      else answer.end("Hi");
    };
    assert.deepEqual((await said(good({ "GET /api/": late }))).failed, []);
    asked = 0;
    const missing: Route = (answer) => {
      asked++;
      answer.writeHead(404).end();
    };
    assert.deepEqual((await said(good({ "GET /api/": missing }))).failed, [2]);
    assert.equal(asked, 1);
  });

  it("says at intervals what it waits for", async () => {
    const { notes } = await said(good({ "GET /api/values/current": send({}) }), true, 2000);
    assert.match(notes[0] ?? "", /^ {2}\.\.\. {5}5 {2}not yet after \d s: 200, application\/json, "{}"$/);
    assert.ok(notes.length >= 3 && notes.length <= 6, notes.join("\n"));
  });

  it("names the error of the connection where nobody answers", async () => {
    const results = await smoke(asker({ url: "http://127.0.0.1:1" }), false, silent, assertions(0));
    assert.deepEqual([...new Set(results.map(({ got }) => got))], ["ECONNREFUSED"]);
  });

  it("gives the same as JSON, with the command that shows more", async () => {
    const results = await smoke(
      asker({ url: "http://127.0.0.1:1" }),
      false,
      silent,
      assertions(0).slice(0, 1),
    );
    const { seconds, ...data } = resultData(results[0] ?? assert.fail(), "kubectl -n app") as {
      seconds: number;
    };
    assert.ok(seconds < 10);
    assert.deepEqual(data, {
      number: 1,
      title: "GET / gives the page",
      ok: false,
      expected: '200 with <div id="root">',
      got: "ECONNREFUSED",
      usually:
        "nobody listens there: no client pod is ready, or the Service's targetPort is not the port of nginx",
      see: "kubectl -n app describe service client",
    });
  });

  it("trusts the stack's own certificate and no other", async () => {
    const server = createSecure({ cert: certificate, key }, (_, answer) => answer.end("Hi"));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      assert.equal((await asker({ url, certificate })("GET", "/")).text, "Hi");
      await assert.rejects(asker({ url, certificate: other })("GET", "/"), /another certificate/);
      await assert.rejects(asker({ url })("GET", "/"), /DEPTH_ZERO_SELF_SIGNED_CERT/);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
