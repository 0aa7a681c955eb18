import assert from "node:assert/strict";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { kubeClient } from "../../system/kube-client.ts";
import { certificate, key } from "../support/tls.ts";

describe("the client of an API server", () => {
  let server: Server;
  let asked: string[];

  /** Starts a server that answers the first request of each connection alone, and ends the connection at the next one. */
  const start = async () => {
    asked = [];
    const seen = new WeakSet();
    server = createServer({ cert: certificate, key }, (request, response) => {
      const isNew = !seen.has(request.socket);
      seen.add(request.socket);
      asked.push(`${request.method ?? ""} ${isNew ? "answered" : "ended"}`);
      if (isNew) response.end("{}");
      else request.socket.end();
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    const tls = { rejectUnauthorized: false };
    return kubeClient({ server: `https://127.0.0.1:${String(port)}`, namespace: "n", tls, token: "" });
  };
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it("asks again where the API server ends a connection that was idle", async () => {
    const client = await start();
    await client.get("/a");
    assert.deepEqual(await client.get("/a"), {});
    assert.deepEqual(asked, ["GET answered", "GET ended", "GET answered"]);
  });

  it("creates nothing twice: a POST on such a connection fails", async () => {
    const client = await start();
    await client.get("/a");
    await assert.rejects(client.send("POST", "/a", {}, {}), /unreachable: https:.*: socket hang up/);
    assert.deepEqual(asked, ["GET answered", "POST ended"]);
  });
});
