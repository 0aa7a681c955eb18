import assert from "node:assert/strict";
import type { Recorded } from "../render/recorder.ts";
import { only, runStack, spec } from "./support/pulumi.ts";

/** What a pod is made of, as far as its image depends on it; facts about the images, not copies of services.ts. */
interface Pod {
  readonly kind: "Deployment" | "StatefulSet";
  readonly user: readonly [uid: number, gid: number];
  readonly mounts: readonly string[];
  readonly run: readonly string[];
  readonly env: readonly string[];
  readonly probes: Readonly<Record<string, string>>;
  readonly grace: number;
  readonly waits: readonly string[];
}

const secret = "<from the Secret>";
const pods: Readonly<Record<string, Pod>> = {
  client: {
    kind: "Deployment",
    user: [101, 101],
    mounts: ["/etc/nginx/conf.d", "/tmp", "/var/cache/nginx", "/var/run"],
    run: [],
    env: [],
    probes: { startupProbe: "tcp 3000", readinessProbe: "http 3000 /", livenessProbe: "tcp 3000" },
    grace: 30,
    waits: ["getent hosts server"],
  },
  server: {
    kind: "Deployment",
    user: [1000, 1000],
    mounts: ["/tmp"],
    run: ["node", "index.js"],
    env: [
      "REDIS_HOST=redis",
      "REDIS_PORT=6379",
      "PGHOST=postgres",
      "PGPORT=5432",
      "PGUSER=postgres",
      "PGDATABASE=multi",
      `PGPASSWORD=${secret}`,
    ],
    probes: { startupProbe: "tcp 5000", readinessProbe: "http 5000 /", livenessProbe: "tcp 5000" },
    grace: 15,
    waits: ["pg_isready -h postgres -p 5432 -U postgres"],
  },
  worker: {
    kind: "Deployment",
    user: [1000, 1000],
    mounts: ["/tmp"],
    run: ["node", "index.js"],
    env: ["REDIS_HOST=redis", "REDIS_PORT=6379"],
    probes: {
      readinessProbe: "sh -c cat /proc/net/tcp /proc/net/tcp6 | grep -c ':18EB 01' | grep -qvx '[01]'",
    },
    grace: 15,
    waits: [],
  },
  redis: {
    kind: "StatefulSet",
    user: [999, 1000],
    mounts: ["/data", "/tmp"],
    run: ["redis-server", "--appendonly", "yes"],
    env: [],
    probes: {
      startupProbe: "tcp 6379",
      readinessProbe:
        "sh -c redis-cli info persistence | grep -c -e ^loading:0 -e ^rdb_last_bgsave_status:ok -e ^aof_last_write_status:ok | grep -qx 3",
      livenessProbe: "tcp 6379",
    },
    grace: 30,
    waits: [],
  },
  postgres: {
    kind: "StatefulSet",
    user: [70, 70],
    mounts: ["/tmp", "/var/lib/postgresql", "/var/log/postgresql", "/var/run/postgresql"],
    run: [
      "-c",
      "logging_collector=on",
      "-c",
      "log_directory=/var/log/postgresql",
      "-c",
      "log_filename=postgresql.log",
      "-c",
      "log_rotation_age=0",
      "-c",
      "log_rotation_size=0",
    ],
    env: ["POSTGRES_DB=multi", `POSTGRES_PASSWORD=${secret}`, "PGDATA=/var/lib/postgresql/pgdata"],
    probes: {
      startupProbe: "pg_isready -U postgres -h 127.0.0.1",
      readinessProbe: "pg_isready -U postgres -h 127.0.0.1",
      livenessProbe: "tcp 5432",
    },
    grace: 60,
    waits: [],
  },
};

// eslint-disable-next-line @typescript-eslint/no-explicit-any
function probe({ httpGet, tcpSocket, exec }: any): string {
  if (httpGet) return `http ${String(httpGet.port)} ${String(httpGet.path)}`;
  return tcpSocket ? `tcp ${String(tcpSocket.port)}` : exec.command.join(" ");
}

describe("the pods of the services", () => {
  let resources: readonly Recorded[];
  before(async () => {
    ({ resources } = await runStack("dev"));
  });

  for (const [name, expected] of Object.entries(pods)) {
    it(`${name} runs as its image needs it: user, mounts, command, environment, probes, time to stop`, () => {
      const pod = spec(only(resources, `kubernetes:apps/v1:${expected.kind}`, name)).template.spec;
      const [main] = pod.containers;
      const { runAsUser, runAsGroup, fsGroup } = pod.securityContext;
      const probes = ["startupProbe", "readinessProbe", "livenessProbe"].filter((kind) => kind in main);
      const found: Pod = {
        kind: expected.kind,
        user: [runAsUser, runAsGroup],
        mounts: main.volumeMounts.map((mount: { mountPath: string }) => mount.mountPath).sort(),
        run: [...(main.command ?? []), ...(main.args ?? [])],
        env: (main.env ?? []).map(
          (variable: { name: string; value?: string }) => `${variable.name}=${variable.value ?? secret}`,
        ),
        probes: Object.fromEntries(probes.map((kind) => [kind, probe(main[kind])])),
        grace: pod.terminationGracePeriodSeconds,
        waits: (pod.initContainers ?? []).map(
          ({ command }: { command: string[] }) => /until (.*?);/.exec(command.at(-1) ?? "")?.[1],
        ),
      };
      assert.deepEqual(found, expected);
      assert.equal(fsGroup, runAsGroup);
      assert.equal(pod.serviceAccountName, name);
    });
  }

  it("postgres may take ten minutes to start: its making, or recovery after a crash", () => {
    const [main] = spec(only(resources, "kubernetes:apps/v1:StatefulSet", "postgres")).template.spec
      .containers;
    assert.equal(main.startupProbe.periodSeconds * main.startupProbe.failureThreshold, 600);
  });

  it("the password is made once: later values are ignored, and what is kept is secret", () => {
    const stash = only(resources, "pulumi:index:Stash", "postgres-password");
    assert.deepEqual(stash.ignoreChanges, ["input"]);
    assert.deepEqual(stash.secretOutputs, ["input", "output"]);
  });

  it("the identifier of the cluster is its name, so that another port replaces nothing", () => {
    const { inputs } = only(resources, "pulumi:providers:kubernetes");
    assert.deepEqual(inputs, { context: "minikube", clusterIdentifier: "minikube" });
  });

  it("no ServiceAccount brings a token", () => {
    for (const account of resources.filter(({ type }) => type === "kubernetes:core/v1:ServiceAccount")) {
      assert.equal(account.inputs.automountServiceAccountToken, false, account.name);
    }
  });
});
