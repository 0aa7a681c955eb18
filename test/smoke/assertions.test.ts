import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecure } from "node:https";
import type { AddressInfo } from "node:net";
import { assertions } from "../../smoke/assertions.ts";
import { asker } from "../../smoke/client.ts";
import { resultText, smoke } from "../../smoke/run.ts";
import { certificate, key } from "../support/tls.ts";

type Route = (answer: ServerResponse, body: { index?: string }) => void;
const page: Route = (answer) => answer.setHeader("content-type", "text/html").end('<div id="root"></div>');
const send =
  (body: unknown): Route =>
  (answer) =>
    answer.setHeader("content-type", "application/json").end(JSON.stringify(body));
const never: Route = () => undefined;

/** An application as stack.md describes it; `other` replaces single routes. */
const good = (other: Record<string, Route> = {}): Record<string, Route> => ({
  "GET /": page,
  "GET /otherpage": page,
  "GET /api/": (answer) => answer.end("Hi"),
  "GET /api/values/all": send([{ number: 5 }]),
  "GET /api/values/current": send({ "5": "8" }),
  "POST /api/values": (answer, { index }) => {
    if (Number(index) > 40) answer.writeHead(422).end("Index too high");
    else send({ working: true })(answer, {});
  },
  ...other,
});

/** What the smoke test says of an application: numbers of what failed, and all of it as text. */
async function said(routes: Record<string, Route>, writes = true) {
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
    const ask = asker({ url: `http://127.0.0.1:${port}` }, 0.3);
    const results = await smoke(ask, writes, () => undefined, assertions(50));
    const failed = results.filter(({ got }) => got !== undefined).map(({ assertion: { number } }) => number);
    return { asked: results.length, failed, text: results.map(resultText).join("\n") };
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

  for (const [fault, other, failed, text] of [
    ["a database that never answers", { "GET /api/values/all": never }, [3, 6], /no answer within 0.3 s/],
    [
      "a worker that does nothing",
      { "GET /api/values/current": send({ "5": "Nothing yet!" }) },
      [5],
      /Nothing yet!.*still after 0.05 s[\s\S]*no worker runs/,
    ],
    [
      "the page in place of the API",
      { "GET /api/": page, "GET /api/values/all": page, "GET /api/values/current": page },
      [2, 3, 5, 6],
      /got: +200, text\/html/,
    ],
    [
      "a server that cannot write",
      { "POST /api/values": (answer: ServerResponse) => answer.writeHead(500).end("MISCONF") },
      [4, 7],
      /got: +500, no content type, "MISCONF"[\s\S]*redis refuses writes/,
    ],
    [
      "nginx as its image has it",
      { "GET /otherpage": (answer: ServerResponse) => answer.writeHead(404).end() },
      [8],
      /got: +404/,
    ],
  ] as const) {
    it(`names what fails, expected and got: ${fault}`, async () => {
      const result = await said(good(other));
      assert.deepEqual(result.failed, failed);
      assert.match(result.text, text);
    });
  }

  it("says what kept it from asking where nobody answers", async () => {
    const results = await smoke(asker({ url: "http://127.0.0.1:1" }), false, () => undefined, assertions(0));
    assert.deepEqual([...new Set(results.map(({ got }) => got))], ["ECONNREFUSED"]);
  });

  it("trusts the stack's own certificate and no other", async () => {
    const server = createSecure({ cert: certificate, key }, (_, answer) => answer.end("Hi"));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      assert.equal((await asker({ url, certificate })("GET", "/")).text, "Hi");
      await assert.rejects(asker({ url })("GET", "/"), /DEPTH_ZERO_SELF_SIGNED_CERT/);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
