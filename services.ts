import { backupManager, bucketDump } from "./backup/scripts.ts";
import type { Services } from "./components/service.ts";
import { createLogin } from "./database/login.ts";

/**
 * Of a container's logs and empty directories. A kubelet keeps five logs of 10 MiB, AKS' of 50 MB, all but two of them
 * compressed (https://learn.microsoft.com/azure/aks/custom-node-configuration-reference); a pod above the sum of these is evicted.
 */
const scratch = { "ephemeral-storage": "256Mi" } as const;

/**
 * The services of multi-client. A sixth is one more entry here.
 *
 * Images are pinned by digest. Users, writable directories and probes follow what the images were seen to
 * need; the reasons that are not obvious stand beside each entry. Requests are what every target takes as it is: see
 * `config/clouds/gke-autopilot.ts`.
 */
export const services = {
  client: {
    image:
      "stephengrider/multi-client@sha256:855452509d6d9f13dbe1cd34fa3a21d7f6e7d1f0fafb38d1e715dda8e3d17f46",
    architecture: "amd64",
    port: 3000,
    servicePort: 3050,
    edge: { upstream: "server" },
    uses: ["server"],
    // nginx resolves its upstream when it starts and ends if it cannot.
    waits: [
      {
        name: "wait-for-server",
        command: until("getent hosts server"),
      },
    ],
    user: 101,
    writable: ["/var/cache/nginx", "/var/run", "/tmp"],
    probes: {
      startup: { tcpSocket: true, seconds: 60 },
      readiness: { httpGet: "/" },
      liveness: { tcpSocket: true },
    },
    resources: {
      requests: { cpu: "50m", memory: "64Mi", ...scratch },
      limits: { memory: "128Mi", ...scratch },
    },
    // A cloud's load balancer sends to a pod for some seconds after it was told that the pod goes.
    gracePeriodSeconds: 30,
    drainSeconds: 20,
  },
  server: {
    // The plain multi-server image cannot log in to a current postgres (SCRAM); this one can.
    image:
      "cygnetops/multi-server-pgfix-5-11@sha256:e605f0da73915e839477782a9952c39bac3581d8863384f26abfa0f42ad9d87d",
    architecture: "amd64",
    // Not `npm run start`: npm writes to its home and may swallow the signal to stop.
    command: ["node", "index.js"],
    port: 5000,
    env: {
      REDIS_HOST: { host: "redis" },
      REDIS_PORT: { port: "redis" },
      PGHOST: { host: "postgres" },
      PGPORT: { port: "postgres" },
      PGUSER: { loginUser: "postgres" },
      PGDATABASE: "multi",
      PGPASSWORD: { loginPassword: "postgres" },
    },
    uses: ["redis", "postgres"],
    // Its table is created once, at start: without a database it would be missing for ever. So it waits for the database, and
    // for its own role there. The administrator's password is in this container alone, which has ended when the server starts.
    waits: [
      {
        name: "create-login",
        imageOf: "postgres",
        command: until("create_login", createLogin),
        env: {
          PGHOST: { host: "postgres" },
          PGPORT: { port: "postgres" },
          PGUSER: "postgres",
          PGDATABASE: "multi",
          PGPASSWORD: { password: "postgres" },
          PGCONNECT_TIMEOUT: "5",
          LOGIN: { loginUser: "postgres" },
          VERIFIER: { loginVerifier: "postgres" },
        },
      },
    ],
    user: 1000,
    writable: ["/tmp"],
    // `/` answers without a database: it says that the process serves, nothing about postgres or redis.
    probes: {
      startup: { tcpSocket: true, seconds: 60 },
      readiness: { httpGet: "/" },
      liveness: { tcpSocket: true },
    },
    resources: {
      requests: { cpu: "50m", memory: "96Mi", ...scratch },
      limits: { memory: "256Mi", ...scratch },
    },
    gracePeriodSeconds: 15,
    drainSeconds: 5,
  },
  worker: {
    image:
      "stephengrider/multi-worker@sha256:5fbab5f86e6a4d499926349a5f0ec032c42e7f7450acc98b053791df26dc4d2b",
    architecture: "amd64",
    command: ["node", "index.js"],
    env: { REDIS_HOST: { host: "redis" }, REDIS_PORT: { port: "redis" } },
    uses: ["redis"],
    singletonReason: "every worker hears every message, so a second one repeats all work",
    user: 1000,
    writable: ["/tmp"],
    // Redis keeps no message for a worker that does not listen yet, so an old worker may go only when the new one has
    // both its connections to redis: the one it listens on, and the one it writes to. 18EB is port 6379.
    probes: {
      readiness: {
        exec: shell("cat /proc/net/tcp /proc/net/tcp6 | grep -c ':18EB 01' | grep -qvx '[01]'"),
      },
    },
    resources: {
      requests: { cpu: "50m", memory: "96Mi", ...scratch },
      limits: { memory: "256Mi", ...scratch },
    },
    gracePeriodSeconds: 15,
    drainSeconds: 5,
  },
  redis: {
    image: "redis:8.8.0-alpine@sha256:9d317178eceac8454a2284a9e6df2466b93c745529947f0cd42a0fa9609d7005",
    args: ["redis-server", "--appendonly", "yes"],
    port: 6379,
    user: 999,
    group: 1000,
    writable: ["/tmp"],
    // A redis that cannot write goes on running and refuses every write; only its own report shows it.
    probes: {
      startup: { tcpSocket: true, seconds: 120 },
      readiness: {
        exec: shell(
          "redis-cli info persistence | grep -c -e ^loading:0 -e ^rdb_last_bgsave_status:ok -e ^aof_last_write_status:ok | grep -qx 3",
        ),
      },
      liveness: { tcpSocket: true },
    },
    resources: {
      requests: { cpu: "50m", memory: "64Mi", ...scratch },
      limits: { memory: "128Mi", ...scratch },
    },
    storage: { size: "1Gi", mountPath: "/data" },
    gracePeriodSeconds: 30,
    drainSeconds: 5,
  },
  postgres: {
    image: "postgres:17.10-alpine@sha256:742f40ea20b9ff2ff31db5458d127452988a2164df9e17441e191f3b72252193",
    port: 5432,
    env: {
      POSTGRES_DB: "multi",
      POSTGRES_PASSWORD: { password: "postgres" },
      // Below the mount, whose root may hold `lost+found`, and without a major version in its name: a wrong
      // major then fails loudly instead of starting empty.
      PGDATA: "/var/lib/postgresql/pgdata",
    },
    password: "PGPASSWORD",
    login: "multi",
    user: 70,
    writable: ["/var/run/postgresql", "/tmp"],
    // While the database is being made only its socket answers: the start-up window covers that and recovery.
    probes: {
      startup: { exec: ["pg_isready", "-U", "postgres", "-h", "127.0.0.1"], seconds: 600 },
      readiness: { exec: ["pg_isready", "-U", "postgres", "-h", "127.0.0.1"] },
      liveness: { tcpSocket: true },
    },
    resources: {
      requests: { cpu: "100m", memory: "128Mi", ...scratch },
      limits: { memory: "512Mi", ...scratch },
    },
    storage: { size: "2Gi", mountPath: "/var/lib/postgresql" },
    sidecars: {
      // Prints the server's log file and empties it at 8 MiB; postgres appends, so nothing is torn.
      logger: {
        command: shell(
          "trap exit TERM",
          "f=/var/log/postgresql/postgresql.log",
          "tail -n +1 -F $f &",
          "while :; do",
          "  sleep 60 & wait $!",
          "  [ $(stat -c %s $f) -lt 8388608 ] || : > $f",
          "done",
        ),
        shared: ["/var/log/postgresql"],
        serviceArgs: [
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
        resources: {
          requests: { cpu: "5m", memory: "8Mi", ...scratch },
          limits: { memory: "32Mi", ...scratch },
        },
      },
      // One verified dump a day on a claim of its own; see docs/backups.md.
      "backup-manager": {
        command: ["sh", "-c", backupManager],
        env: {
          PGHOST: "127.0.0.1",
          PGUSER: "postgres",
          PGDATABASE: "multi",
          PGPASSWORD: { password: "postgres" },
          FOLDER: "/backup",
          KEEP: "7",
          KEEP_DAYS: "30",
        },
        storage: { mountPath: "/backup" },
        resources: {
          requests: { cpu: "5m", memory: "16Mi", ...scratch },
          limits: { memory: "128Mi", ...scratch },
        },
      },
    },
    // Where the stack names a bucket: one more verified dump a day, and copied there; see docs/backups.md.
    bucketCopy: {
      schedule: "40 1 * * *",
      folder: "/backup",
      dump: {
        command: ["sh", "-c", bucketDump],
        env: {
          PGHOST: { host: "postgres" },
          PGPORT: { port: "postgres" },
          PGUSER: "postgres",
          PGDATABASE: "multi",
          PGPASSWORD: { password: "postgres" },
          PGCONNECT_TIMEOUT: "5",
          FOLDER: "/backup",
          KEEP: "1",
          KEEP_DAYS: "1",
          // The sidecar may verify a dump of its own at the same time.
          SCRATCH: "verify_copy",
        },
        // The dump is on the node's disk until it is copied.
        resources: {
          requests: { cpu: "50m", memory: "64Mi", "ephemeral-storage": "1Gi" },
          limits: { memory: "256Mi", "ephemeral-storage": "1Gi" },
        },
      },
      upload: {
        image: "rclone/rclone:1.75.1@sha256:45401ad7410db1d67ffdb58e19059ad20b0d8e0285a60e38bbec55cc1019c7a5",
        // Nothing is asked of the bucket but to take objects; the dump first, then what says that it is whole.
        args: [
          "copy",
          "/backup",
          "bucket:$(BUCKET)",
          "--include=multi-*",
          "--no-check-dest",
          "--error-on-no-transfer",
          "--check-first",
          "--order-by=name",
          "--transfers=1",
          "--config=",
          "--stats=0",
          "-v",
        ],
        resources: {
          requests: { cpu: "50m", memory: "64Mi", ...scratch },
          limits: { memory: "256Mi", ...scratch },
        },
      },
    },
    gracePeriodSeconds: 60,
    drainSeconds: 5,
  },
} as const satisfies Services;

function shell(...lines: readonly string[]): readonly string[] {
  return ["sh", "-c", lines.join("\n")];
}

/** Tries 150 times, 2 s apart; then it fails, and the kubelet starts it anew and shows why. */
function until(command: string, functions = ""): readonly string[] {
  return shell(`${functions}n=0; until ${command}; do n=$((n+1)); [ $n -lt 150 ] || exit 1; sleep 2; done`);
}
