import { dnsLabel } from "./schema-types.ts";
import { defaultDeny, derivedName } from "../components/kubernetes/labels.ts";
import type { EnvironmentValue, ServiceDefinition, Services } from "../components/service.ts";
import { editServices, nearest, type Problem } from "./problems.ts";
import { serviceLimitProblems, serviceValueProblems } from "./service-values.ts";

/**
 * Problems with the list of services itself, found before any resource exists. Where a value is none that an entry may
 * have, there are no others: what refers to the entry is checked when it can be read.
 */
export function serviceListProblems(services: Services): Problem[] {
  const entries = Object.entries(services);
  const values = entries.flatMap(([key, service]) => serviceValueProblems(key, service));
  if (values.length > 0) return values;
  return [
    ...entries.flatMap(([key, service]) => [
      ...nameProblems(key, service),
      ...serviceLimitProblems(key, service),
      ...podProblems(key, service),
      ...referenceProblems(key, service, services),
    ]),
    ...edgeProblems(services),
    ...duplicateProblems(services),
    ...formerProblems(services),
  ];
}

/** Tells whether each entry of the list has values that it may have: only then can settings be checked with it. */
export function isReadableList(services: Services): boolean {
  return Object.entries(services).every(([key, service]) => serviceValueProblems(key, service).length === 0);
}

/** The key of the service that was called by another one before. */
export function currentKey(services: Services, old: string): string | undefined {
  return Object.keys(services).find((key) => services[key]?.formerly?.includes(old));
}

function at(place: string, found: string, expected: string, fix: string): Problem {
  return { key: `services.ts: ${place}`, found, expected, fix: editServices(fix) };
}

/** The names of the containers of a service's pod, its own first. */
function containerNames(key: string, { sidecars = {}, waits = [] }: ServiceDefinition): string[] {
  return [key, ...Object.keys(sidecars), ...waits.map(({ name }) => name)];
}

/** Keys that no service can have, and what has them. */
const takenKeys: Readonly<Record<string, string | undefined>> = {
  registry: "images.registry is the setting of the registry of all images",
  pullSecret: "images.pullSecret is the setting of the login to the registry",
  default: "it is the name of the ServiceAccount of every namespace",
  [defaultDeny]: "it is the name of the network policy of the namespace",
};

function nameProblems(key: string, service: ServiceDefinition): Problem[] {
  const taken = takenKeys[key];
  if (taken !== undefined) return [at(key, JSON.stringify(key), `another key: ${taken}`, "rename it")];
  const names = [...containerNames(key, service), ...objectNames(key, service).map(([, name]) => name)];
  const expected = "a DNS label: 1 to 63 lower-case letters, digits and '-', neither first nor last '-'";
  return [...new Set(names)]
    .filter((name) => !dnsLabel.safeParse(name).success)
    .map((name) => at(key, `the name ${JSON.stringify(name)}`, expected, "rename it"));
}

/** Problems with which no pod could run. */
function podProblems(key: string, { port, storage, sidecars, probes }: ServiceDefinition): Problem[] {
  const problems: Problem[] = [];
  if (sidecars && !storage) {
    const [found, expected] = ["sidecars without storage", "a service with storage"];
    problems.push(at(`${key}.sidecars`, found, expected, "add storage, or remove them"));
  }
  const asksNetwork = Object.values(probes ?? {}).some((probe: object) => !("exec" in probe));
  if (asksNetwork && port === undefined) {
    const found = "a probe over the network without a port";
    problems.push(at(`${key}.probes`, found, "exec, or a port", `give ${key} a port`));
  }
  return problems;
}

function referenceProblems(key: string, service: ServiceDefinition, services: Services): Problem[] {
  const keys = Object.keys(services);
  const uses = service.uses ?? [];
  const meantBy = (name: string) =>
    name in services ? name : (currentKey(services, name) ?? nearest(name, keys));
  const unknown = (place: string, name: string, fix: string) => {
    const close = meantBy(name);
    const found = `the unknown service ${JSON.stringify(name)}`;
    const meant = close === undefined ? fix : `write '${close}' if that is meant`;
    return at(`${key}.${place}`, found, `one of ${keys.join(", ")}`, meant);
  };
  const problems = uses
    .filter((used) => !(used in services))
    .map((used) => unknown("uses", used, `remove it from ${key}.uses`));
  for (const [place, target, aspect] of references(service)) {
    // A service may read its own password, and its copy connects to it; everything else it refers to is a connection it makes.
    if (target === key && (aspect === "password" || place.startsWith("bucketCopy."))) continue;
    if (!(target in services)) {
      // A name that is in `uses` too is reported there.
      if (!uses.includes(target)) problems.push(unknown(place, target, "correct the reference"));
      continue;
    }
    if (!uses.includes(target)) {
      const found = `a reference to ${JSON.stringify(target)}, which ${key}.uses does not list`;
      const expected = `one of those it uses: ${uses.join(", ") || "none"}`;
      problems.push(at(`${key}.${place}`, found, expected, `add it to ${key}.uses`));
    }
    const other = services[target];
    const owned = aspect.startsWith("login") ? "login" : "password";
    const isSecret = owned === "login" || aspect === "password";
    if (other && isSecret && other[owned] === undefined) {
      const found = `the ${owned} of ${target}, which has none`;
      problems.push(at(`${key}.${place}`, found, `a service with a ${owned}`, "correct the reference"));
    }
    if (other && !isSecret && other.port === undefined) {
      const found = `the ${aspect} of ${target}, which has no port`;
      problems.push(at(`${key}.${place}`, found, "a service with a port", `give ${target} a port`));
    }
  }
  for (const { name, imageOf } of service.waits ?? [])
    if (imageOf !== undefined && !(imageOf in services))
      problems.push(unknown(`waits.${name}.imageOf`, imageOf, "correct imageOf"));
  for (const used of uses.filter((name) => name in services)) {
    if (!references(service).some(([, target]) => meantBy(target) === used)) {
      const found = `${JSON.stringify(used)}, to which neither env nor edge refers`;
      const fix = `add e.g. env: { HOST: { host: "${used}" } }, or remove it from uses`;
      problems.push(at(`${key}.uses`, found, "only services that are referred to", fix));
    }
  }
  return problems;
}

/** The references of a service to others: where each stands, which service it names, and what of it. */
function references(service: ServiceDefinition): [string, string, string][] {
  const { env, sidecars = {}, waits = [], edge, bucketCopy } = service;
  const inEnv = (place: string, values: Readonly<Record<string, EnvironmentValue>> = {}) =>
    Object.entries(values).flatMap(([name, value]) =>
      typeof value === "string"
        ? []
        : Object.entries(value).map(([aspect, target]: [string, string]): [string, string, string] => [
            `${place}.${name}`,
            target,
            aspect,
          ]),
    );
  const inSidecars = Object.entries(sidecars).flatMap(([name, own]) =>
    inEnv(`sidecars.${name}.env`, own.env),
  );
  return [
    ...inEnv("env", env),
    ...inSidecars,
    ...inEnv("bucketCopy.dump.env", bucketCopy?.dump.env),
    ...waits.flatMap((wait) => inEnv(`waits.${wait.name}.env`, wait.env)),
    ...(edge ? [["edge.upstream", edge.upstream, "host"] satisfies [string, string, string]] : []),
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
  if (port !== undefined && !storage) return [];
  const found = port === undefined ? "no port" : "storage";
  return [at(`${key}.edge`, found, "a service with a port and no storage", `edit ${key}`)];
}

type ObjectName = readonly [kind: string, name: string];

/** The objects of a service, by kind and name. Those whose names are generated (ConfigMap, Secret) cannot collide. */
function objectNames(key: string, service: ServiceDefinition): ObjectName[] {
  const { port, storage, sidecars = {} } = service;
  const claims = Object.entries(sidecars).filter(([, sidecar]) => sidecar.storage);
  const all: readonly (ObjectName | false | undefined)[] = [
    ["ServiceAccount", key],
    ["NetworkPolicy", key],
    [storage ? "StatefulSet" : "Deployment", key],
    port !== undefined && ["Service", key],
    storage && ["Service", derivedName.headless(key)],
    storage && ["PersistentVolumeClaim", derivedName.data(key)],
    ...claims.map(([name]) => ["PersistentVolumeClaim", derivedName.sidecar(key, name)] as const),
    ...(service.bucketCopy ? ["ServiceAccount", "NetworkPolicy", "CronJob"] : []).map(
      (kind) => [kind, derivedName.bucketCopy(key)] as const,
    ),
  ];
  return all.filter((each) => typeof each === "object");
}

function duplicateProblems(services: Services): Problem[] {
  const owners = new Map<string, string>();
  return Object.entries(services).flatMap(([key, service]) => {
    const objects = objectNames(key, service).flatMap(([kind, name]) => {
      const id = `${kind} ${name}`;
      const owner = owners.get(id);
      owners.set(id, key);
      if (owner === undefined) return [];
      const [found, fix] =
        owner === key
          ? [`${id} twice`, "rename the sidecar"]
          : [`${id}, which ${owner} makes too`, `rename ${key} or ${owner}`];
      return [at(key, found, "one object of a kind and name", fix)];
    });
    const names = containerNames(key, service);
    const twice = names.filter((name, index) => names.indexOf(name) !== index);
    return [
      ...objects,
      ...twice.map((name) =>
        at(key, `two containers called ${name}`, "unique container names in a pod", "rename one"),
      ),
    ];
  });
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
