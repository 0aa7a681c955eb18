import assert from "node:assert/strict";
import type { ServiceDefinition, Services } from "../../components/service.ts";
import { serviceListProblems } from "../../config/service-list.ts";
import { editServices } from "../../config/problems.ts";
import { validate } from "../../config/validate.ts";
import { services } from "../../services.ts";
import { assertGolden } from "../support/golden.ts";
import { facts, goldenText } from "./facts.ts";
import { valueRefusals } from "./service-value-refusals.ts";

const base: ServiceDefinition = { image: "a", port: 80, user: 1, resources: {}, gracePeriodSeconds: 1 };
const storage = { size: "1Gi", mountPath: "/data" };

/** The list with one more entry, or one replaced. */
function withService(key: string, change: Partial<ServiceDefinition>): Services {
  return { ...services, [key]: { ...base, ...change } };
}

/** Refusals: a list, and where the one entry is that is wrong. */
const refusals: [title: string, list: Services, place: string][] = [
  ["a key that is no DNS label", withService("My_Mail", {}), "My_Mail"],
  ["a key whose derived name is too long", withService("a".repeat(58), { storage }), "a".repeat(58)],
  ["the use of an unknown service", withService("mail", { uses: ["rediss"] }), "mail.uses"],
  [
    "a reference that uses does not list",
    withService("mail", { env: { H: { host: "redis" } } }),
    "mail.env.H",
  ],
  ["a use to which nothing refers", withService("mail", { uses: ["redis"] }), "mail.uses"],
  [
    "the password of a service that has none",
    withService("mail", { uses: ["redis"], env: { P: { password: "redis" } } }),
    "mail.env.P",
  ],
  [
    "the port of a service that has none",
    withService("mail", { uses: ["worker"], env: { P: { port: "worker" } } }),
    "mail.env.P",
  ],
  ["a Service that a derived name makes already", withService("redis-headless", {}), "redis-headless"],
  ["a second edge", withService("mail", { edge: { upstream: "redis" }, uses: ["redis"] }), "edge"],
  [
    "two containers of one name",
    withService("mail", { storage, sidecars: { mail: { command: [], resources: {} } } }),
    "mail",
  ],
  [
    "the login of a service that has none",
    withService("mail", { uses: ["redis"], env: { P: { loginPassword: "redis" } } }),
    "mail.env.P",
  ],
  [
    "a wait that refers to a service that is not used",
    withService("mail", { waits: [{ name: "w", command: ["c"], env: { P: { password: "postgres" } } }] }),
    "mail.waits.w.env.P",
  ],
  [
    "a wait with the image of an unknown service",
    withService("mail", { waits: [{ name: "w", imageOf: "gone", command: [] }] }),
    "mail.waits.w.imageOf",
  ],
  [
    "a wait with the image of a misspelt service",
    withService("mail", { waits: [{ name: "w", imageOf: "postgre", command: [] }] }),
    "mail.waits.w.imageOf",
  ],
  ["the host of a misspelt service", withService("mail", { env: { X: { host: "postgre" } } }), "mail.env.X"],
  ["the port of a misspelt service", withService("mail", { env: { X: { port: "redsi" } } }), "mail.env.X"],
  [
    "the password of a misspelt service",
    withService("mail", { env: { X: { password: "Postgres" } } }),
    "mail.env.X",
  ],
  ["the host of an unknown service", withService("mail", { env: { X: { host: "elastic" } } }), "mail.env.X"],
  [
    "a reference in a sidecar to a misspelt service",
    withService("mail", {
      storage,
      sidecars: { log: { command: [], resources: {}, env: { X: { host: "rdis" } } } },
    }),
    "mail.sidecars.log.env.X",
  ],
  [
    "a misspelt upstream",
    { ...services, client: { ...services.client, uses: [], edge: { upstream: "sever" } } },
    "client.edge.upstream",
  ],
  ["a former key that is another service", withService("mail", { formerly: ["redis"] }), "mail.formerly"],
  [
    "a former key of two services",
    { ...withService("mail", { formerly: ["old"] }), post: { ...base, formerly: ["old"] } },
    "post.formerly",
  ],
  [
    "the use of a service under its former key",
    { ...withService("mail", { formerly: ["smtp"] }), post: { ...base, uses: ["smtp"] } },
    "post.uses",
  ],
  [
    "a claim that two services would make",
    withService("db", { storage, sidecars: { data: { command: [], resources: {}, storage } } }),
    "db",
  ],
  [
    "sidecars that would not run",
    withService("mail", { sidecars: { x: { command: [], resources: {} } } }),
    "mail.sidecars",
  ],
  [
    "a probe that cannot be asked",
    { ...services, worker: { ...services.worker, probes: { liveness: { tcpSocket: true } } } },
    "worker.probes",
  ],
];

describe("the list of services", () => {
  it("of the program has no problem", () => {
    assert.deepEqual(serviceListProblems(services), []);
  });

  it("accepts a sixth entry", () => {
    assert.deepEqual(
      serviceListProblems(withService("mail", { uses: ["redis"], env: { HOST: { host: "redis" } } })),
      [],
    );
  });

  for (const [title, list, place] of refusals)
    it(`refuses ${title}`, () => {
      const keys = serviceListProblems(list).map(({ key }) => key);
      assert.ok(keys.includes(`services.ts: ${place}`), keys.join());
    });

  for (const [title, entry, place] of valueRefusals)
    it(`refuses ${title}, also where settings are checked, and nothing else`, () => {
      const list = { ...services, mail: entry } as unknown as Services;
      const { problems } = validate({ cluster: { provider: "minikube" } }, list, facts);
      assert.deepEqual(
        problems.map(({ key }) => key),
        [`services.ts: ${place}`],
      );
      assert.deepEqual(serviceListProblems(list), problems);
    });

  it("asks about a misspelt reference once, whether uses has the right name, the wrong one or none", () => {
    for (const uses of [["postgres"], ["postgre"], []]) {
      const [problem, ...others] = serviceListProblems(
        withService("mail", { uses, env: { X: { host: "postgre" } } }),
      );
      assert.deepEqual(others, []);
      assert.deepEqual(problem?.fix, editServices("write 'postgres' if that is meant"));
    }
  });

  it("refuses a key that is a setting's, or the name of what the namespace has", () => {
    for (const [key, reason] of [
      ["registry", /images\.registry/],
      ["default-deny", /network policy/],
      ["default", /ServiceAccount/],
    ] as const) {
      const [problem, ...others] = serviceListProblems(withService(key, {}));
      assert.deepEqual(others, []);
      assert.match(problem?.expected ?? "", reason);
    }
  });

  it("refuses with the words in test/config/service-list.txt", () => {
    const lists = [
      ...refusals.map(([title, list]) => [title, list] as const),
      ...valueRefusals.map(([title, mail]) => [title, { ...services, mail } as unknown as Services] as const),
    ];
    const texts = lists.map(([title, list]) => goldenText(title, serviceListProblems(list)));
    assertGolden("test/config/service-list.txt", texts.join("\n"));
  });
});
