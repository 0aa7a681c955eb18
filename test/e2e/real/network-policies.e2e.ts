import assert from "node:assert/strict";
import { objectLabels } from "../../../components/kubernetes/labels.ts";
import type { Services } from "../../../components/service.ts";
import { mayConnect, portsOf } from "../../../docs/generate/network.ts";
import { services } from "../../../services.ts";
import { create, get, list, removeNamespace, until } from "../cluster.ts";
import { execIn, isReady, podsOf } from "../pods.ts";
import { measured, openStack, works, type OpenStack } from "../traffic.ts";

const all: Services = services;
const keys = Object.keys(all);
const unlisted = "unlisted";
const foreign = "foreign";
/** The ports at which each pod of this test listens: those of all services, and one of none. */
const ports = [...new Set([8080, ...Object.values(all).flatMap(portsOf)])];

type Targets = readonly (readonly [host: string, port: number])[];

/** Listens at all ports until it is told to end. */
const listening = `
  for (const port of ${JSON.stringify(ports)}) require("net").createServer((s) => s.end()).listen(port);
  process.on("SIGTERM", () => process.exit());`;

/** Connects to all of a list of [address, port] at once, and prints those that answer within 3 s. */
const connecting = (targets: Targets) => `
  const tries = ${JSON.stringify(targets)}.map(([host, port]) => new Promise((done) => {
    const socket = require("net").connect(port, host, () => done([host + ":" + port]));
    socket.on("error", () => done([]));
    setTimeout(() => done([]), 3000);
  }));
  Promise.all(tries).then((found) => { console.log(JSON.stringify(found.flat())); process.exit(); });`;

describe("network policies, shown by connections", () => {
  let open: OpenStack;
  let elsewhere: string;
  const addresses = new Map<string, string>();
  const namespaceOf = (name: string) => (name === foreign ? elsewhere : open.stack.namespace);

  /** Runs a script of Node in one of this test's pods, and gives what it prints. */
  async function inPod(name: string, script: string): Promise<string> {
    const { code, output } = await execIn(namespaceOf(name), `e2e-${name}`, "--", "node", "-e", script);
    assert.equal(code, 0, output);
    return output.trim();
  }
  const reached = async (from: string, targets: Targets) =>
    JSON.parse(await inPod(from, connecting(targets))) as string[];
  /** Waits until a pod reached all that it may, because who enforces hears of a pod a moment later; more is never right. */
  async function reachesExactly(from: string, targets: Targets, expected: readonly string[]): Promise<void> {
    await until(`${from} reaches ${expected.join(" ")}`, async () => {
      const seen = await reached(from, targets);
      const forbidden = seen.filter((target) => !expected.includes(target));
      assert.deepEqual(forbidden, [], from);
      return seen.length === expected.length;
    });
  }

  /** Creates a pod with the labels of a service, which never takes that service's requests: it is not ready. */
  async function createPod(name: string, image: string): Promise<void> {
    await create("Pod", `e2e-${name}`, namespaceOf(name), {
      metadata: { labels: keys.includes(name) ? objectLabels(name) : { app: name } },
      spec: {
        automountServiceAccountToken: false,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 1000,
          seccompProfile: { type: "RuntimeDefault" },
        },
        containers: [
          {
            name: "node",
            image,
            command: ["node", "-e", listening],
            // A container has started before its program listens; the last port is that of the last call.
            startupProbe: { tcpSocket: { port: ports.at(-1) }, periodSeconds: 1, failureThreshold: 60 },
            readinessProbe: { exec: { command: ["false"] } },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          },
        ],
      },
    });
    const address = await until(`pod ${name} runs`, async () => {
      const { status } = (await get("Pod", `e2e-${name}`, namespaceOf(name))) ?? {};
      return status?.containerStatuses?.[0].started === true && (status.podIP as string);
    });
    addresses.set(name, address);
  }

  before(async () => {
    open = await openStack("policies");
    elsewhere = `${open.stack.namespace}-${foreign}`;
    await open.stack.up();
    await create("Namespace", elsewhere, "");
    const [server] = await podsOf(open.stack.namespace, "server");
    const { image } = server?.spec.containers[0] ?? {};
    await Promise.all([...keys, unlisted, foreign].map((name) => createPod(name, image as string)));
  });
  after(async () => {
    await removeNamespace(elsewhere);
    await open.stack.drop();
  });

  it("let exactly the connections of the list of services through, of all pairs at all ports", async () => {
    const names = [...keys, unlisted, foreign];
    let tried = 0;
    await Promise.all(
      names.map(async (from) => {
        const others = names.filter((name) => name !== from);
        const targets = others.flatMap((to) => ports.map((port) => [addresses.get(to) ?? "", port] as const));
        const expected = others.flatMap((to) =>
          ports
            .filter((port) => portsOf(all[to] ?? {}).includes(port))
            .filter(() => mayConnect(all, from, to) || (from === foreign && all[to]?.edge !== undefined))
            .map((port) => `${addresses.get(to) ?? ""}:${port}`),
        );
        await reachesExactly(from, targets, expected);
        tried += targets.length;
      }),
    );
    const own = await reached(
      unlisted,
      ports.map((port) => ["127.0.0.1", port] as const),
    );
    assert.equal(
      own.length,
      ports.length,
      "each pod listens at all ports, which nobody keeps it from itself",
    );
    measured(`${tried} connections tried`);
  });

  it("keep everyone but its users from each Service", async () => {
    const addressOf = async (service: string, namespace: string) =>
      (await get("Service", service, namespace))?.spec.clusterIP as string;
    const targets: [string, number][] = [];
    for (const [key, { port, servicePort = port }] of Object.entries(all))
      if (servicePort !== undefined) targets.push([await addressOf(key, open.stack.namespace), servicePort]);
    await Promise.all(
      [...keys, unlisted, foreign].map(async (from) => {
        const withPort = Object.entries(all).filter(([, { port }]) => port !== undefined);
        const expected = withPort.flatMap(([to, { edge }], index) =>
          mayConnect(all, from, to) || (from === foreign && edge !== undefined)
            ? [(targets[index] ?? []).join(":")]
            : [],
        );
        await reachesExactly(from, targets, expected);
      }),
    );
  });

  it("let the application's pods ask for names, and no other pod of the namespace", async () => {
    const name = `redis.${open.stack.namespace}.svc.cluster.local`;
    const script = `
      require("dns").promises.lookup("${name}").then(() => console.log("found"), () => console.log("not found"));
      setTimeout(() => { console.log("nothing answers"); process.exit(); }, 4000).unref();`;
    await Promise.all(
      [...keys, foreign].map((from) =>
        until(`${from} finds a name`, async () => (await inPod(from, script)) === "found"),
      ),
    );
    assert.notEqual(await inPod(unlisted, `${script}setTimeout(() => process.exit(), 4500);`), "found");
  });

  it("let the edge be reached from outside, and the application do its work", async () => {
    await works(open.ask);
    for (const pod of await list("Pod", open.stack.namespace))
      if (!String(pod.metadata.name).startsWith("e2e-")) assert.ok(isReady(pod), pod.metadata.name as string);
  });
});
