import { setTimeout as sleep } from "node:timers/promises";
import { derivedName } from "../../components/kubernetes/labels.ts";
import { loginRoles, ownerRole } from "../../database/login.ts";
import { UserError } from "../../system/errors.ts";
import type { Kubectl } from "../cluster/kubectl.ts";

/** The seconds that pods may take to end, and sessions after them. */
const LIMIT = 300;

interface Container {
  readonly env?: readonly { readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string } } }[];
}
interface Pods {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly spec: {
      readonly containers: readonly Container[];
      readonly initContainers?: readonly Container[];
    };
    readonly status: { readonly phase?: string };
  }[];
}

/** The login roles of a database, reached through the container of its server. */
export interface LoginRoles {
  /** Those that can log in. */
  open(): Promise<readonly string[]>;
  /**
   * Lets nobody log in as a role any more, once no pod has its password and no session is left.
   *
   * @param secret the name of the Secret whose pods may stay.
   * @throws UserError with what still uses it
   */
  close(role: string, secret: string): Promise<void>;
}

/** Reaches the login roles of a service's database. */
export function loginRolesOf(kubectl: Kubectl, pod: string, key: string, database: string): LoginRoles {
  // The search path keeps a function of the application from standing in for one of the server's.
  const session = "PGPASSWORD=$POSTGRES_PASSWORD PGOPTIONS='-c search_path=pg_catalog -c role=none'";
  const psql = `${session} exec psql -XAtq -v ON_ERROR_STOP=1 -h 127.0.0.1 -U postgres -d ${database}`;
  // What is asked comes by stdin, which no list of processes shows.
  const sql = (text: string) => kubectl.run(["exec", "-i", pod, "-c", key, "--", "sh", "-c", psql], text);
  const quoted = (names: readonly string[]) => names.map((name) => `'${name}'`).join(", ");
  const podsWithOthers = async (secret: string): Promise<readonly string[]> => {
    const { items } = JSON.parse(await kubectl.run(["get", "pods", "-o", "json"])) as Pods;
    return items
      .filter(({ status }) => status.phase === "Running" || status.phase === "Pending")
      .filter(({ spec }) =>
        [...spec.containers, ...(spec.initContainers ?? [])]
          .flatMap(({ env = [] }) => env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? ""))
          .some((name) => name.startsWith(`${derivedName.login(key)}-`) && name !== secret),
      )
      .map(({ metadata }) => `pod ${metadata.name}`);
  };
  const sessions = async (role: string): Promise<readonly string[]> => {
    const count = Number(await sql(`SELECT count(*) FROM pg_stat_activity WHERE usename = '${role}';`));
    return count === 0 ? [] : [`${count} sessions of postgres`];
  };
  return {
    async open() {
      const text = await sql(
        "SELECT login.rolname FROM pg_auth_members JOIN pg_roles login ON login.oid = member JOIN pg_roles owner ON owner.oid = roleid " +
          `WHERE owner.rolname = '${ownerRole(database)}' AND login.rolname IN (${quoted(loginRoles(database))}) AND login.rolcanlogin;`,
      );
      return text.split("\n").filter(Boolean);
    },
    async close(role, secret) {
      const end = Date.now() + LIMIT * 1000;
      for (;;) {
        // A pod that is ending may still open a session: the pods go first.
        const others = await podsWithOthers(secret);
        const users = others.length > 0 ? others : await sessions(role);
        if (users.length === 0) break;
        if (Date.now() > end)
          throw new UserError(
            `Role ${role} is still in use after ${LIMIT} s, by ${users.join(", ")}: it can still log in.\n` +
              "Fix: end what uses it, then the same command again.",
          );
        await sleep(1000);
      }
      await sql(`ALTER ROLE ${role} NOLOGIN PASSWORD NULL;`);
    },
  };
}
