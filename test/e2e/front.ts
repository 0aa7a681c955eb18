import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:https";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { certificate, key } from "../../render/fixture.ts";
import { clientConfig, readKubeconfig } from "../../system/client-config.ts";
import { errorCode } from "../../system/errors.ts";
import type { Loose } from "./cluster.ts";
import { context, folder, kubeconfig } from "./world.ts";

/** A request on its way to the API server. */
export interface Passing {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: Buffer;
}

/** Lets a request go on, and gives the API server's answer. */
type Forward = () => Promise<IncomingMessage>;
/** Decides about a request: the answer to hand back, a status of its own, or nothing to cut the connection. */
export type Hook = (
  passing: Passing,
  forward: Forward,
) => Promise<IncomingMessage | { readonly status: number } | undefined>;

/** Stands in front of the API server, where a case can hold, cut or answer requests. */
export class Front {
  /** A kubeconfig with this run's context, which leads here. */
  readonly kubeconfig: string;
  readonly #server: Server;

  private constructor(server: Server, file: string) {
    this.#server = server;
    this.kubeconfig = file;
  }

  /** Opens on a free port of 127.0.0.1. */
  static async open(name: string, hook: Hook): Promise<Front> {
    const { server: upstream, tls } = clientConfig(readKubeconfig([kubeconfig]), context);
    const send = ({ method, path, body }: Passing, headers: IncomingMessage["headers"]) =>
      new Promise<IncomingMessage>((done, fail) => {
        const rest = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "host"));
        const sent = request(`${upstream}${path}`, { method, headers: rest, ...tls }, done);
        sent.on("error", fail).end(body);
      });
    const server = createServer({ cert: certificate, key }, (incoming, outgoing) => {
      const answer = async () => {
        const parts: Buffer[] = [];
        for await (const part of incoming) parts.push(part as Buffer);
        const passing = {
          method: incoming.method ?? "",
          path: incoming.url ?? "",
          body: Buffer.concat(parts),
        };
        const found = await hook(passing, () => send(passing, incoming.headers));
        if (found === undefined) incoming.socket.destroy();
        else if ("status" in found) outgoing.writeHead(found.status).end();
        else found.pipe(outgoing.writeHead(found.statusCode ?? 500, found.headers));
      };
      answer().catch(() => incoming.socket.destroy());
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const file = join(folder, `kubeconfig-${name}`);
    const config = parse(readFileSync(kubeconfig, "utf8")) as {
      clusters: { name: string; cluster: Loose }[];
    };
    const { port } = server.address() as AddressInfo;
    const here = { server: `https://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
    const clusters = config.clusters.map(({ name }) => ({ name, cluster: here }));
    writeFileSync(file, stringify({ ...config, clusters }));
    return new Front(server, file);
  }

  /** From now on its kubeconfig leads to the API server itself: states hold its path. */
  stepAside(): void {
    writeFileSync(this.kubeconfig, readFileSync(kubeconfig));
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** Processes that a command started and that have not ended, itself among them: pid and name. */
function below(command: number): { readonly pid: number; readonly name: string }[] {
  const rows = execFileSync("ps", ["-eo", "pid=,ppid=,comm=,stat="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => !words.at(-1)?.startsWith("Z"));
  const parents = new Map(rows.map(([pid, parent]) => [Number(pid), Number(parent)]));
  const isBelow = (pid: number): boolean => pid === command || (pid > 1 && isBelow(parents.get(pid) ?? 0));
  return rows.map(([pid, , name = ""]) => ({ pid: Number(pid), name })).filter(({ pid }) => isBelow(pid));
}

/** Ends a process at once, unless it has ended already. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}

/** Ends a command at once, with all processes that it started. */
export function killAll(command: number): void {
  for (const { pid } of below(command)) kill(pid);
}

/** The `pulumi` process that a command started, of those that have not ended. */
export function engineOf(command: number): number {
  const engine = below(command).find(({ name }) => name === "pulumi");
  if (engine === undefined) throw new Error(`no engine runs below process ${command}`);
  return engine.pid;
}
