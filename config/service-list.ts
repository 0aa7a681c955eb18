import { dnsLabel } from "./schema-types.ts";
import { derivedName } from "../components/kubernetes/labels.ts";
import type { EnvironmentValue, ServiceDefinition, Services } from "../components/service.ts";
import { nearest, type Problem } from "./problems.ts";

/** What is wrong with the list of services itself: whoever adds one learns it before any resource exists. */
export function serviceListProblems(services: Services): Problem[] {
  return [
    ...Object.entries(services).flatMap(([key, service]) => [
      ...nameProblems(key, service),
      ...podProblems(key, service),
      ...referenceProblems(key, service, services),
    ]),
    ...edgeProblems(services),
    ...duplicateProblems(services),
    ...formerProblems(services),
  ];
}

/** The service that an old key stands for now. */
export function currentKey(services: Services, old: string): string | undefined {
  return Object.keys(services).find((key) => services[key]?.formerly?.includes(old));
}

function at(place: string, found: string, expected: string, fix: string): Problem {
  return { key: `services.ts: ${place}`, found, expected, fix };
}

function nameProblems(key: string, service: ServiceDefinition): Problem[] {
  const names = [
    key,
    ...Object.keys(service.sidecars ?? {}),
    ...(service.waits ?? []).map(({ name }) => name),
  ];
  return [...names, ...derivedNames(key, service).map(([, name]) => name)]
    .filter((name, index, all) => all.indexOf(name) === index && !dnsLabel.safeParse(name).success)
    .map((name) =>
      at(
        key,
        `the name ${JSON.stringify(name)}`,
        "a DNS label: 1 to 63 lower-case letters, digits and '-', neither first nor last '-'",
        "rename it in services.ts",
      ),
    );
}

/** What no pod could run with. */
function podProblems(key: string, { user, port, storage, sidecars, probes }: ServiceDefinition): Problem[] {
  const problems: Problem[] = [];
  if (user === 0)
    problems.push(at(`${key}.user`, "0, which is root", "the uid the image runs with", "set it"));
  if (sidecars && !storage) {
    problems.push(
      at(
        `${key}.sidecars`,
        "sidecars without storage",
        "a service with storage",
        "add storage, or remove them",
      ),
    );
  }
  const asksNetwork = Object.values(probes ?? {}).some((probe: object) => !("exec" in probe));
  if (asksNetwork && port === undefined) {
    problems.push(
      at(`${key}.probes`, "a probe over the network without a port", "exec, or a port", `give ${key} a port`),
    );
  }
  return problems;
}

function referenceProblems(key: string, service: ServiceDefinition, services: Services): Problem[] {
  const keys = Object.keys(services);
  const uses = service.uses ?? [];
  const problems = uses
    .filter((used) => !(used in services))
    .map((used) => {
      const close = currentKey(services, used) ?? nearest(used, keys);
      const fix = close === undefined ? `remove it from ${key}.uses` : `did you mean '${close}'?`;
      return at(
        `${key}.uses`,
        `the unknown service ${JSON.stringify(used)}`,
        `one of ${keys.join(", ")}`,
        fix,
      );
    });
  for (const [place, target, aspect] of references(service)) {
    // A service may read its own password; everything else it refers to is a connection it makes.
    if (target === key && aspect === "password") continue;
    if (!uses.includes(target)) {
      const found = `a reference to ${JSON.stringify(target)}, which ${key}.uses does not list`;
      problems.push(
        at(`${key}.${place}`, found, `one of ${uses.join(", ") || "none"}`, `add it to ${key}.uses`),
      );
    }
    const other = services[target];
    if (other && aspect === "password" && other.password === undefined) {
      const found = `the password of ${target}, which has none`;
      problems.push(at(`${key}.${place}`, found, "a service with a password", "correct the reference"));
    }
    if (other && aspect !== "password" && other.port === undefined) {
      const found = `the ${aspect} of ${target}, which has no port`;
      problems.push(at(`${key}.${place}`, found, "a service with a port", `give ${target} a port`));
    }
  }
  for (const { name, imageOf } of service.waits ?? []) {
    if (imageOf !== undefined && !(imageOf in services)) {
      const found = `the image of the unknown service ${JSON.stringify(imageOf)}`;
      problems.push(at(`${key}.waits.${name}`, found, `one of ${keys.join(", ")}`, "correct imageOf"));
    }
  }
  for (const used of uses.filter((name) => name in services)) {
    if (!references(service).some(([, target]) => target === used)) {
      const found = `${JSON.stringify(used)}, to which neither env nor edge refers`;
      const fix = `add e.g. env: { HOST: { host: "${used}" } }, or remove it from uses`;
      problems.push(at(`${key}.uses`, found, "only services that are referred to", fix));
    }
  }
  return problems;
}

/** Every reference to another service: where it stands, which service, and what of it. */
function references(service: ServiceDefinition): [place: string, target: string, aspect: string][] {
  const ofEnv = (place: string, env: Readonly<Record<string, EnvironmentValue>> = {}) =>
    Object.entries(env).flatMap(([name, value]): [string, string, string][] => {
      if (typeof value === "string") return [];
      return Object.entries(value).map(([aspect, target]: [string, string]) => [
        `${place}.${name}`,
        target,
        aspect,
      ]);
    });
  return [
    ...ofEnv("env", service.env),
    ...Object.entries(service.sidecars ?? {}).flatMap(([name, { env }]) =>
      ofEnv(`sidecars.${name}.env`, env),
    ),
    ...(service.edge ? [["edge.upstream", service.edge.upstream, "host"] as [string, string, string]] : []),
  ];
}

function edgeProblems(services: Services): Problem[] {
  const edges = Object.entries(services).filter(([, { edge }]) => edge !== undefined);
  const [first] = edges;
  if (edges.length !== 1 || !first) {
    const found =
      edges.length === 0 ? "no service with edge" : `edge on ${edges.map(([key]) => key).join(", ")}`;
    return [at("edge", found, "exactly one service that is reached from outside", "set edge on one entry")];
  }
  const [key, { port, storage }] = first;
  return port === undefined || storage
    ? [
        at(
          `${key}.edge`,
          port === undefined ? "no port" : "storage",
          "a service with a port and no storage",
          `edit ${key}`,
        ),
      ]
    : [];
}

/** Every object of a service, by kind and name. Generated names (ConfigMap, Secret) cannot collide. */
function derivedNames(
  key: string,
  { port, storage, sidecars }: ServiceDefinition,
): [kind: string, name: string][] {
  return [
    ["ServiceAccount", key],
    [storage ? "StatefulSet" : "Deployment", key],
    ...(port === undefined ? [] : [["Service", key] as [string, string]]),
    ...(storage
      ? ([
          ["Service", derivedName.headless(key)],
          ["PersistentVolumeClaim", derivedName.data(key)],
        ] as [string, string][])
      : []),
    ...Object.entries(sidecars ?? {})
      .filter(([, sidecar]) => sidecar.storage)
      .map(([name]): [string, string] => ["PersistentVolumeClaim", derivedName.sidecar(key, name)]),
  ];
}

function duplicateProblems(services: Services): Problem[] {
  const owners = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [key, service] of Object.entries(services)) {
    for (const [kind, name] of derivedNames(key, service)) {
      const id = `${kind} ${name}`;
      const owner = owners.get(id);
      if (owner !== undefined) {
        problems.push(
          at(key, `${id}, which ${owner} makes too`, "unique kind + name", `rename ${key} or ${owner}`),
        );
      }
      owners.set(id, key);
    }
    const containers = [
      key,
      ...Object.keys(service.sidecars ?? {}),
      ...(service.waits ?? []).map(({ name }) => name),
    ];
    for (const name of containers.filter((n, i) => containers.indexOf(n) !== i)) {
      problems.push(
        at(key, `two containers called ${name}`, "unique container names in a pod", `rename one`),
      );
    }
  }
  return problems;
}

/** A former key stands for one service: else what was made under it would have two heirs. */
function formerProblems(services: Services): Problem[] {
  const heirs = new Map<string, string>();
  return Object.entries(services).flatMap(([key, { formerly = [] }]) =>
    formerly.flatMap((old) => {
      const heir = heirs.get(old);
      heirs.set(old, key);
      const place = `${key}.formerly`;
      if (old in services) {
        const fix = `remove the entry ${old}, or take it out of formerly`;
        return [
          at(place, `${JSON.stringify(old)}, which is a service of the list`, "a key it no longer has", fix),
        ];
      }
      if (heir === undefined) return [];
      const found = `${JSON.stringify(old)}, which ${heir} was called too`;
      return [at(place, found, "a key that one service had", `take it out of ${key} or ${heir}`)];
    }),
  );
}
