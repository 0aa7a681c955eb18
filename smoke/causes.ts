import { edgeService, workloadOf, type ServiceKey } from "./targets.ts";

/** The usual cause of a failure, and what shows whether it is that. */
export interface Cause {
  /** The answers that it explains. */
  readonly got: RegExp;
  readonly why: string;
  /** Arguments of `kubectl` for the stack's context and namespace. */
  readonly look: string;
}

const silence = /^no answer within/;
const gateway = /^50[234],/;
const anything = /^/;
/** Arguments of `kubectl` that show what a service wrote last. */
const logs = (key: ServiceKey, flags = ""): string => `logs ${workloadOf(key)} ${flags}--tail 20`;
const nginxConfiguration = (edge: string): string =>
  `exec deploy/${edge} -- cat /etc/nginx/conf.d/default.conf`;

const unreachable = (edge: string): readonly Cause[] => [
  {
    got: /^(ENOTFOUND|EAI_AGAIN)/,
    why: "the name of exposure.host has no address yet: it must lead to the load balancer or Ingress",
    look: "get service,ingress",
  },
  {
    got: /certificate|CERT/,
    why: "something else than the stack's nginx or Ingress ends TLS, or exposure.tls was changed without make up",
    look: "get ingress,secret",
  },
  {
    got: /^(E[A-Z]+|socket hang up)/,
    why: "nobody listens there: no client pod is ready, or the Service's targetPort is not the port of nginx",
    look: `describe service ${edge}`,
  },
];
const noClient = (edge: string): Cause => ({
  got: silence,
  why: "the Service leads to no ready client pod, or its targetPort is not the port of nginx",
  look: `describe service ${edge}`,
});
const noProxy = (edge: string): Cause => ({
  got: /^(200, text\/html|404,)/,
  why: "the client's nginx does not pass /api/ on: it has its image's configuration, not the stack's",
  look: nginxConfiguration(edge),
});
const noServer: Cause = {
  got: new RegExp(`${silence.source}|${gateway.source}`),
  why: "nginx reaches no server: no pod of it is ready, or its Service's targetPort is not its port",
  look: `describe service ${"server" satisfies ServiceKey}`,
};
const notTheServer: Cause = {
  got: anything,
  why: "what answers under /api/ is not this application's server",
  look: `get ${workloadOf("server")} -o wide`,
};
const noDatabase: Cause = {
  got: silence,
  why:
    "postgres does not answer the server: the driver in its image cannot log in (SCRAM), or the table was never " +
    "made, because postgres came up after the server",
  look: logs("server"),
};
const crashing: Cause = {
  got: gateway,
  why: "the server ends when it asks postgres: the driver in its image cannot log in (SCRAM)",
  look: logs("server", "--previous "),
};
const noRedis: Cause = {
  got: silence,
  why: "redis does not answer the server: it is not ready, or cannot write its directory",
  look: logs("redis"),
};

/** The causes by the number of the assertion, the most special first; the last one explains what the others do not. */
const causes = (edge: string): Readonly<Record<number, readonly Cause[]>> => ({
  1: [
    noClient(edge),
    { got: anything, why: "what answers is not the client's page", look: `get deploy/${edge} -o wide` },
  ],
  2: [noProxy(edge), noServer, notTheServer],
  3: [noDatabase, noProxy(edge), crashing, notTheServer],
  4: [
    noServer,
    noProxy(edge),
    {
      got: anything,
      why: "redis refuses writes, because its directory is read-only or full",
      look: logs("redis"),
    },
  ],
  5: [
    {
      got: /Nothing yet!/,
      why: "no worker was running when the message was sent: redis keeps none for later",
      look: `get deploy,pods -l component=${"worker" satisfies ServiceKey}`,
    },
    noRedis,
    noProxy(edge),
    noServer,
    {
      got: anything,
      why: "redis lost the value, or refused it: its directory is read-only or full",
      look: logs("redis"),
    },
  ],
  6: [
    noDatabase,
    noProxy(edge),
    crashing,
    { got: anything, why: "the server's INSERT failed", look: logs("server") },
  ],
  7: [noProxy(edge), noServer, notTheServer],
  8: [
    noClient(edge),
    {
      got: anything,
      why: "the client's nginx has its image's configuration, not the stack's",
      look: nginxConfiguration(edge),
    },
  ],
  9: [
    {
      got: /^not tried/,
      why: "no pod is there to try it from, or you may not run commands in pods",
      look: `get pods -l component=${"worker" satisfies ServiceKey}`,
    },
    {
      got: anything,
      why: "the cluster's network has nothing that enforces policies (docs/network.md), or the stack's are gone",
      look: "get networkpolicies",
    },
  ],
  10: [
    {
      got: /^not known/,
      why: "the stack has switched its backups off, or you may not run commands in pods",
      look: `get pods -l component=${"postgres" satisfies ServiceKey}`,
    },
    {
      got: anything,
      why: "the claim of the backups is full, or the database does not answer (docs/backups.md)",
      look: logs("postgres", "-c backup-manager "),
    },
  ],
});

/** Gives the usual cause of what an assertion got. */
export function causeOf(number: number, got: string): Cause {
  const { key } = edgeService();
  return (
    [...unreachable(key), ...(causes(key)[number] ?? [])].find((cause) => cause.got.test(got)) ?? notTheServer
  );
}
