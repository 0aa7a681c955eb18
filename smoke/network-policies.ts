import type { Services } from "../components/service.ts";
import type { Assertion } from "./assertions.ts";

/** One end of a connection that is tried: a service, and the port of its Service. */
interface Target {
  readonly key: string;
  readonly port: number;
}

/** A connection that the list of services forbids, and one that it allows, from the pods of one service. */
export interface Attempt {
  /** The service whose pods try: a Deployment, whose image has Node. */
  readonly from: string;
  readonly forbidden: Target;
  readonly allowed: Target;
}

/** Runs a command in a pod of a service. @returns what it prints. @throws Error that says why it cannot. */
export type Exec = (service: string, command: readonly string[]) => Promise<string>;

/** The beginning of what is said where neither connection could be tried: it says nothing about policies. */
const notTried = "not tried: ";

/**
 * The connections that are tried: to a service with storage that a service with Node does not use, and to one that it
 * uses, which shows that it could connect.
 *
 * @returns undefined where the list has no such services.
 */
export function attempt(services: Services): Attempt | undefined {
  const targets = Object.entries(services).flatMap(([key, { port, servicePort = port, storage }]) =>
    servicePort === undefined
      ? []
      : [{ target: { key, port: servicePort }, holdsData: storage !== undefined }],
  );
  return Object.entries(services)
    .filter(([, { command, storage }]) => command?.[0] === "node" && storage === undefined)
    .flatMap(([from, { uses = [] }]) => {
      const allowed = targets.find(({ target }) => uses.includes(target.key));
      const forbidden = targets.find(({ target, holdsData }) => holdsData && !uses.includes(target.key));
      return allowed && forbidden ? [{ from, forbidden: forbidden.target, allowed: allowed.target }] : [];
    })[0];
}

/**
 * The script, for Node 10 and later, that prints the hosts at which something answers. The allowed one has 15 s, on a busy
 * computer; what does not answer within 3 s after it is taken for cut.
 */
function script({ forbidden, allowed }: Attempt): string {
  const tries = JSON.stringify([forbidden, allowed].map(({ key, port }) => [key, port]));
  return [
    "setTimeout(process.exit, 15000);",
    `${tries}.forEach(function (to) {`,
    "  require('net').connect(to[1], to[0], function () {",
    "    console.log(to[0]);",
    `    if (to[0] === ${JSON.stringify(allowed.key)}) setTimeout(process.exit, 3000);`,
    "  }).on('error', function () {});",
    "});",
  ].join("\n");
}

/**
 * The assertion that a forbidden connection is cut. Where nobody says that the cluster enforces policies, what does not
 * hold is a warning, and so is everywhere a connection that could not be tried.
 *
 * @param isEnforced see `Cluster.networkPolicies`.
 */
export function policyAssertion(tried: Attempt, isEnforced: boolean, exec: Exec): Assertion {
  const { from, forbidden, allowed } = tried;
  return {
    number: 9,
    title: `${from} cannot connect to ${forbidden.key}, which it does not use`,
    expected: `nothing answers at ${forbidden.key}:${forbidden.port}`,
    writes: false,
    warns: (got) => !isEnforced || got.startsWith(notTried),
    async check() {
      let answering: string[];
      try {
        answering = (await exec(from, ["node", "-e", script(tried)])).split("\n");
      } catch (error) {
        return notTried + (error instanceof Error ? error.message : String(error));
      }
      if (answering.includes(forbidden.key))
        return `${forbidden.key} answers: network policies are not enforced`;
      if (answering.includes(allowed.key)) return undefined;
      return `${notTried}${allowed.key}, which it uses, does not answer either`;
    },
  };
}
