import assert from "node:assert/strict";
import type { ServiceDefinition, Services } from "../../components/service.ts";
import { serviceListProblems } from "../../config/service-list.ts";
import { services } from "../../services.ts";

const base: ServiceDefinition = { image: "a", port: 80, user: 1, resources: {}, gracePeriodSeconds: 1 };
const storage = { size: "1Gi", mountPath: "/data" };

/** The list with one more entry, or one replaced. */
function withService(key: string, change: Partial<ServiceDefinition>): Services {
  return { ...services, [key]: { ...base, ...change } };
}

const refusals: [title: string, list: Services, place: string, found: RegExp, fix: RegExp][] = [
  ["a key that is no DNS label", withService("My_Mail", {}), "My_Mail", /"My_Mail"/, /rename/],
  [
    "a key whose derived name is too long",
    withService("a".repeat(58), { storage }),
    "a".repeat(58),
    /-headless|-data/,
    /rename/,
  ],
  [
    "the use of an unknown service",
    withService("mail", { uses: ["rediss"] }),
    "mail.uses",
    /unknown service "rediss"/,
    /did you mean 'redis'/,
  ],
  [
    "a reference that uses does not list",
    withService("mail", { env: { H: { host: "redis" } } }),
    "mail.env.H",
    /"redis", which mail.uses does not list/,
    /add it to mail.uses/,
  ],
  [
    "a use to which nothing refers",
    withService("mail", { uses: ["redis"] }),
    "mail.uses",
    /to which neither env nor edge refers/,
    /remove it from uses/,
  ],
  [
    "the password of a service that has none",
    withService("mail", { uses: ["redis"], env: { P: { password: "redis" } } }),
    "mail.env.P",
    /the password of redis, which has none/,
    /correct/,
  ],
  [
    "the port of a service that has none",
    withService("mail", { uses: ["worker"], env: { P: { port: "worker" } } }),
    "mail.env.P",
    /the port of worker, which has no port/,
    /give worker a port/,
  ],
  [
    "a Service that a derived name makes already",
    withService("redis-headless", {}),
    "redis-headless",
    /Service redis-headless, which redis makes too/,
    /rename/,
  ],
  [
    "a second edge",
    withService("mail", { edge: { upstream: "redis" }, uses: ["redis"] }),
    "edge",
    /client, mail/,
    /one entry/,
  ],
  [
    "two containers of one name",
    withService("mail", { storage, sidecars: { mail: { command: [], resources: {} } } }),
    "mail",
    /two containers called mail/,
    /rename/,
  ],
  [
    "a wait with the image of an unknown service",
    withService("mail", { waits: [{ name: "w", imageOf: "gone", command: [] }] }),
    "mail.waits.w",
    /unknown service "gone"/,
    /imageOf/,
  ],
  [
    "a former key that is another service",
    withService("mail", { formerly: ["redis"] }),
    "mail.formerly",
    /"redis", which is a service of the list/,
    /remove the entry redis, or take it out of formerly/,
  ],
  [
    "a former key of two services",
    { ...withService("mail", { formerly: ["old"] }), post: { ...base, formerly: ["old"] } },
    "post.formerly",
    /"old", which mail was called too/,
    /take it out of post or mail/,
  ],
  [
    "the use of a service under its former key",
    { ...withService("mail", { formerly: ["smtp"] }), post: { ...base, uses: ["smtp"] } },
    "post.uses",
    /unknown service "smtp"/,
    /did you mean 'mail'/,
  ],
  ["root", withService("mail", { user: 0 }), "mail.user", /root/, /set it/],
  [
    "sidecars that would not run",
    withService("mail", { sidecars: { x: { command: [], resources: {} } } }),
    "mail.sidecars",
    /without storage/,
    /add storage/,
  ],
  [
    "a probe that cannot be asked",
    { ...services, worker: { ...services.worker, probes: { liveness: { tcpSocket: true } } } },
    "worker.probes",
    /without a port/,
    /port/,
  ],
];

describe("the list of services", () => {
  it("is right as it stands", () => {
    assert.deepEqual(serviceListProblems(services), []);
  });

  it("takes a sixth entry as it comes", () => {
    assert.deepEqual(
      serviceListProblems(withService("mail", { uses: ["redis"], env: { HOST: { host: "redis" } } })),
      [],
    );
  });

  for (const [title, list, place, found, fix] of refusals) {
    it(`refuses ${title}`, () => {
      const problem = serviceListProblems(list).find((p) => found.test(p.found));
      assert.ok(problem, JSON.stringify(serviceListProblems(list)));
      assert.equal(problem.key, `services.ts: ${place}`);
      assert.match(problem.fix, fix);
    });
  }

  it("refuses a claim that two services would make", () => {
    const list = {
      ...withService("db", { storage, sidecars: { data: { command: [], resources: {}, storage } } }),
    };
    const problem = serviceListProblems(list).find(({ found }) =>
      found.includes("PersistentVolumeClaim db-data"),
    );
    assert.ok(problem);
  });
});
