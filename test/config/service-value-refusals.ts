const bare = { image: "a", port: 80, user: 1, gracePeriodSeconds: 1 };
const base = { ...bare, resources: {} };
const storage = { size: "1Gi", mountPath: "/data" };
const sidecar = { command: [], resources: {} };

const change = (more: object) => ({ ...base, ...more });
const probes = (readiness: unknown) => change({ probes: { readiness } });
const amounts = (requests: object, limits = {}) => change({ resources: { requests, limits } });
const inEnv = (value: unknown) => change({ env: { DEBUG: value } });

/** Entries of the list of services that the type check would refuse too, or only the cluster: and where each is wrong. */
export const valueRefusals: readonly (readonly [title: string, entry: unknown, place: string])[] = [
  ["an entry that is text", "nginx", "mail"],
  ["nothing as an entry", null, "mail"],
  ["no resources", bare, "mail.resources"],
  ["a misspelt key", change({ prot: 80 }), "mail.prot"],
  ["an image with a space", change({ image: "redis 8" }), "mail.image"],
  ["an image in upper case", change({ image: "Redis:8" }), "mail.image"],
  ["a port that is text", change({ port: "80" }), "mail.port"],
  ["port 0", change({ port: 0 }), "mail.port"],
  ["port 99999", change({ port: 99999 }), "mail.port"],
  ["half a port", change({ servicePort: 80.5 }), "mail.servicePort"],
  ["root", change({ user: 0 }), "mail.user"],
  ["a user by name", change({ user: "nginx" }), "mail.user"],
  ["a negative group", change({ group: -1 }), "mail.group"],
  ["a number in env", inEnv(8080), "mail.env.DEBUG"],
  ["true in env", inEnv(true), "mail.env.DEBUG"],
  ["null in env", inEnv(null), "mail.env.DEBUG"],
  ["a list in env", inEnv(["a"]), "mail.env.DEBUG"],
  ["a misspelt reference", inEnv({ hots: "redis" }), "mail.env.DEBUG"],
  ["two references at once", inEnv({ host: "redis", port: "redis" }), "mail.env.DEBUG"],
  ["a name of a variable with a space", change({ env: { "A B": "c" } }), "mail.env.A B"],
  ["a command that is text", change({ command: "npm start" }), "mail.command"],
  ["a number among arguments", change({ args: ["-p", 80] }), "mail.args.1"],
  ["a relative path", change({ writable: ["tmp"] }), "mail.writable.0"],
  ["a path that leads upwards", change({ writable: ["/tmp/../etc"] }), "mail.writable.0"],
  ["the root as writable", change({ writable: ["/"] }), "mail.writable.0"],
  [
    "a mount path with a colon",
    change({ storage: { ...storage, mountPath: "/a:b" } }),
    "mail.storage.mountPath",
  ],
  ["storage without a unit", change({ storage: { ...storage, size: "20" } }), "mail.storage.size"],
  ["storage without a path", change({ storage: { size: "1Gi" } }), "mail.storage.mountPath"],
  ["memory in thousandths of bytes", amounts({ memory: "256m" }), "mail.resources.requests.memory"],
  ["CPUs by the hundred", amounts({ cpu: "500" }), "mail.resources.requests.cpu"],
  ["an amount that is a number", amounts({ cpu: 1 }), "mail.resources.requests.cpu"],
  ["memory in MB", amounts({}, { memory: "64MB" }), "mail.resources.limits.memory"],
  ["disk by another name", amounts({ disk: "1Gi" }), "mail.resources.requests.disk"],
  [
    "a request above its limit",
    amounts({ memory: "2Gi" }, { memory: "1Gi" }),
    "mail.resources.requests.memory",
  ],
  ["a CPU request above its limit", amounts({ cpu: "2" }, { cpu: "500m" }), "mail.resources.requests.cpu"],
  ["a drain as long as the grace period", change({ drainSeconds: 1 }), "mail.drainSeconds"],
  ["a drain longer than it", change({ gracePeriodSeconds: 10, drainSeconds: 30 }), "mail.drainSeconds"],
  ["a negative drain", change({ drainSeconds: -1 }), "mail.drainSeconds"],
  ["no time to end", change({ gracePeriodSeconds: 0 }), "mail.gracePeriodSeconds"],
  ["a probe of a path without a slash", probes({ httpGet: "health" }), "mail.probes.readiness.httpGet"],
  ["a probe without an action", probes({}), "mail.probes.readiness"],
  ["a probe with two actions", probes({ httpGet: "/", tcpSocket: true }), "mail.probes.readiness"],
  ["a probe that runs nothing", probes({ exec: [] }), "mail.probes.readiness.exec"],
  ["a misspelt probe", change({ probes: { rediness: { tcpSocket: true } } }), "mail.probes.rediness"],
  [
    "a start-up probe without its time",
    change({ probes: { startup: { tcpSocket: true } } }),
    "mail.probes.startup.seconds",
  ],
  ["a login with a capital", change({ login: "Multi" }), "mail.login"],
  ["a key of a Secret with a space", change({ password: "PG PASSWORD" }), "mail.password"],
  ["an edge that is true", change({ edge: true }), "mail.edge"],
  ["a use that is a list of lists", change({ uses: [["redis"]] }), "mail.uses.0"],
  ["a wait without command", change({ waits: [{ name: "w" }] }), "mail.waits.0.command"],
  ["a sidecar that is true", change({ storage, sidecars: { log: true } }), "mail.sidecars.log"],
  [
    "a number in a sidecar's env",
    change({ storage, sidecars: { log: { ...sidecar, env: { N: 1 } } } }),
    "mail.sidecars.log.env.N",
  ],
  [
    "a sidecar's request above its limit",
    change({
      storage,
      sidecars: { log: { ...sidecar, resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } } },
    }),
    "mail.sidecars.log.resources.requests.cpu",
  ],
  ["an egress that is not the internet", change({ egress: "all" }), "mail.egress"],
  ["a former key that is none", change({ formerly: "old" }), "mail.formerly"],
];
