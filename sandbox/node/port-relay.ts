// Lets the computer reach the node: its API server, and the node ports of its Services, on 127.0.0.1 alone.
//   port-relay.ts API_PORT KUBECONFIG NODE_PID TAKEN_FILE
// This process belongs to the network of the computer and listens; a child belongs to the network of the node and connects.
// Both belong to the processes of the node, so that they end with it.
import { spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { clientConfig, readKubeconfig } from "../../system/client-config.ts";
import { listAt, numberAt } from "../../system/fields.ts";
import { kubeClient } from "../../system/kube-client.ts";
import { nodeAddress } from "./certificates.ts";

const API_SERVER = 6443;
const INTERVAL = 1000;

/** In the network of the node: connects what comes from a listener of the computer to a port of the node. */
function connectIncoming(): void {
  process.on("message", (port: number, socket: Socket | undefined) => {
    if (socket === undefined) return; // its client has gone meanwhile
    const inside = connect({ host: nodeAddress, port, allowHalfOpen: true });
    for (const [from, to] of [
      [socket, inside],
      [inside, socket],
    ] as const) {
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        to.destroySoon();
      });
    }
  });
  process.on("disconnect", () => process.exit());
  process.setuid?.(65534); // network policies do not bind root of the node, but those who come from outside
}

/** Listens on a port of the computer, and hands what comes to the child. */
function listen(child: ChildProcess, port: number, nodePort: number): Server {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    child.send(nodePort, socket, { keepOpen: false });
  });
  server.on("error", () => server.close()); // another program listens there; `follow` tries again
  return server.listen(port, "127.0.0.1");
}

/** Opens the node ports of all Services, closes those that went, and writes down those that others have. */
async function follow(child: ChildProcess, kubeconfig: string, takenFile: string): Promise<never> {
  const client = kubeClient(clientConfig(readKubeconfig([kubeconfig]), ""), 5000);
  const open = new Map<number, Server>();
  // The file of an earlier relay names ports that may be free by now.
  for (let written = ""; ;) {
    const services = await client
      .get("/api/v1/services", { fieldSelector: "spec.type=NodePort" })
      .catch(() => undefined); // the API server is away: what is open stays open
    if (services !== undefined) {
      const wanted = new Set(
        listAt(services, "items").flatMap((service) =>
          listAt(service, "spec", "ports").map((port) => numberAt(port, "nodePort")),
        ),
      );
      for (const [port, server] of open) {
        if (wanted.has(port)) continue;
        server.close();
        open.delete(port);
      }
      for (const port of wanted)
        if (open.get(port)?.listening !== true) open.set(port, await listening(listen(child, port, port)));
      const taken = JSON.stringify([...open].filter(([, { listening }]) => !listening).map(([port]) => port));
      if (taken !== written) writeFileSync(takenFile, taken);
      written = taken;
    }
    await new Promise((done) => setTimeout(done, INTERVAL));
  }
}

/** Waits until a server listens, or cannot. */
const listening = (server: Server): Promise<Server> =>
  new Promise((done) => {
    for (const event of ["listening", "error"])
      server.once(event, () => {
        done(server);
      });
  });

if (process.argv[2] === "inside") {
  connectIncoming();
} else {
  const [apiPort = "", kubeconfig = "", nodePid = "", takenFile = ""] = process.argv.slice(2);
  const inside = [process.execPath, import.meta.filename, "inside"];
  const child = spawn("nsenter", [`--net=/proc/${nodePid}/ns/net`, "--", ...inside], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  child.on("exit", () => process.exit(1));
  const api = await listening(listen(child, Number(apiPort), API_SERVER));
  if (!api.listening) process.exit(1);
  await follow(child, kubeconfig, takenFile);
}
