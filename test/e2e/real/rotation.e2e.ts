import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { which } from "../../../system/process.ts";
import { ServiceList } from "../changes.ts";
import { create, list, podUids, removeNamespace, rolled, until } from "../cluster.ts";
import { failing, settled } from "../day-two.ts";
import { killAll } from "../front.ts";
import { execIn } from "../pods.ts";
import { kept, openStack, Traffic, works, type OpenStack } from "../traffic.ts";
import { folder, wholeLog } from "../world.ts";

const real = which("kubectl", process.env) ?? "kubectl";

/** A folder for PATH with a kubectl of its own, which does what a script says with `real` in it. */
function otherKubectl(name: string, script: string): NodeJS.ProcessEnv {
  const at = join(folder, `kubectl-${name}`);
  mkdirSync(at, { recursive: true });
  writeFileSync(
    join(at, "kubectl"),
    `#!/bin/sh\nreal=${real} flag=${at}/flag\n${script}\nexec "$real" "$@"\n`,
  );
  chmodSync(join(at, "kubectl"), 0o755);
  return { PATH: [at, process.env.PATH ?? ""].join(delimiter) };
}

/** The command lines of all processes of this computer, those in containers included. */
const commandLines = (): string[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return ""; // it has ended meanwhile
      }
    });

describe("the password of the database", () => {
  let open: OpenStack;
  let services: ServiceList;
  /** Asks the database as its administrator. */
  const sql = async (statement: string) => {
    const psql = 'PGPASSWORD=$POSTGRES_PASSWORD psql -XAtq -U postgres -h 127.0.0.1 -c "$1" -d multi';
    const words = ["postgres-0", "--container", "postgres", "--", "sh", "-c", psql, "case", statement];
    const { code, stdout, output } = await execIn(open.stack.namespace, ...words);
    assert.equal(code, 0, output);
    return stdout.trim();
  };
  const canLogIn = () =>
    sql("SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolcanlogin AND NOT rolsuper");
  const whoOwns = () =>
    sql("SELECT string_agg(DISTINCT tableowner, ' ') FROM pg_tables WHERE schemaname = 'public'");
  const serverLog = async () => {
    const log = ["postgres-0", "--container", "postgres", "--", "cat", "/var/log/postgresql/postgresql.log"];
    return (await execIn(open.stack.namespace, ...log)).stdout;
  };
  const login = async () => {
    const secrets = await list("Secret", open.stack.namespace);
    const found = secrets.filter(({ metadata }) => metadata.name.startsWith("postgres-login-"));
    assert.equal(found.length, 1, "the Secret of the old password is gone");
    const text = (key: string) => Buffer.from(found[0]?.data[key] as string, "base64").toString();
    return { user: text("user"), password: text("password") };
  };
  /** Does some work while the application is asked all the time: every answer must be right. */
  const underRequests = async (work: () => Promise<void>) => {
    const traffic = new Traffic(open.url);
    await work().finally(async () => {
      const { asked, failed } = await traffic.stop();
      console.log(`      ${asked} requests, ${failed.length} failed`);
      assert.deepEqual(failed, []);
    });
  };
  const rotate = (env: NodeJS.ProcessEnv = {}, started?: (pid: number) => void) =>
    open.stack.make("rotate-password", env, started);
  const rotated = async () => {
    const { code, output } = await rotate();
    assert.equal(code, 0, output);
    return output;
  };

  before(async () => {
    open = await openStack("rotation");
    services = new ServiceList(open.stack);
  });
  after(() => open.stack.drop());

  it("a stack whose server was the administrator is carried over by the next update, without a failed request", async () => {
    services.edit(
      ['{ loginUser: "postgres" },\n      PGDATABASE', '"postgres",\n      PGDATABASE'],
      ['{ loginPassword: "postgres" }', '{ password: "postgres" }'],
      [/ +LOGIN: .*\n.*VERIFIER.*\n/.exec(services.original)?.[0] ?? "LOGIN", ""],
      ['until("create_login", createLogin)', 'until("pg_isready")'],
      ['    login: "multi",\n', ""],
    );
    await open.stack.up();
    await works(open.ask);
    assert.equal((await open.stack.make("backup")).code, 0);
    await sql("ALTER SYSTEM SET log_statement = 'ddl'");
    await sql("SELECT pg_reload_conf()");
    assert.equal(await whoOwns(), "postgres");
    services.edit();
    assert.match(
      await failing(rotate()),
      /still logs in to its database as the administrator[^]*make up STACK=/,
    );
    const [before, unchanged] = [await podUids(open.stack.namespace), await kept(open.ask)];
    await underRequests(async () => {
      await open.stack.up();
    });
    assert.deepEqual(rolled(before, await podUids(open.stack.namespace)), ["server"]);
    assert.deepEqual([await whoOwns(), await canLogIn()], ["multi_owner", "multi_a"]);
    await unchanged();
    await settled(open.stack);
  });

  it("is rotated without a failed request; it stands in clear in no log, no output and no list of processes", async () => {
    const [before, old, lines] = [await podUids(open.stack.namespace), await login(), new Set<string>()];
    const watch = setInterval(() => {
      for (const line of commandLines()) lines.add(line);
    }, 200);
    await underRequests(async () => {
      await rotated();
    }).finally(() => {
      clearInterval(watch);
    });
    assert.deepEqual(rolled(before, await podUids(open.stack.namespace)), ["server"]);
    const { user, password } = await login();
    assert.deepEqual([user, await canLogIn()], ["multi_b", "multi_b"]);
    assert.notEqual(password, old.password);
    const log = await serverLog();
    assert.match(log, /ALTER ROLE "multi_b" LOGIN PASSWORD 'SCRAM-SHA-256\$/, "statements are logged");
    assert.doesNotMatch(log, /FATAL: .*(authentication|log in)/);
    const state = await open.stack.must("stack", "export");
    const places = { log, state: state.stdout, output: wholeLog(), processes: [...lines].join("\n") };
    for (const [place, text] of Object.entries(places))
      for (const secret of [password, old.password]) assert.ok(!text.includes(secret), place);
    await settled(open.stack);
  });

  it("goes on after it was killed at each point, with one new password and without a failed request", async () => {
    const old = await login();
    await underRequests(async () => {
      // The first question to the cluster after the one to the database is that of the update.
      const update =
        'case "$*" in *psql*) : >$flag ;; *) [ ! -e $flag ] || { kill -9 $PPID; exit 1; } ;; esac';
      assert.notEqual((await rotate(otherKubectl("update", update))).code, 0);
      assert.deepEqual(
        [await canLogIn(), await login()],
        ["multi_b", old],
        "the next login is in the state alone",
      );
      let command = 0;
      const [second] = await Promise.all([
        rotate({}, (pid) => (command = pid)),
        until("the new role can log in", async () => (await canLogIn()) === "multi_a multi_b", 120).then(
          () => {
            killAll(command);
          },
        ),
      ]);
      assert.notEqual(second.code, 0, second.output);
      const close = 'case "$*" in *" get pods -o json") kill -9 $PPID; exit 1 ;; esac';
      const third = await rotate(otherKubectl("close", close));
      assert.notEqual(third.code, 0);
      assert.match(third.output, /An earlier rotation was interrupted: this one completes it\./);
      assert.equal(await canLogIn(), "multi_a multi_b");
      await rotated();
    });
    assert.deepEqual([(await login()).user, await canLogIn()], ["multi_a", "multi_a"]);
    assert.doesNotMatch(await serverLog(), /FATAL: .*(authentication|log in)/);
    await settled(open.stack);
  });

  it("a backup from before a rotation is restored, and the role of now serves it", async () => {
    const { code, output } = await open.stack.make("restore", { FROM: "latest" });
    assert.equal(code, 0, output);
    assert.deepEqual([await whoOwns(), await canLogIn()], ["multi_owner", "multi_a"]);
    await works(open.ask);
    assert.equal((await open.stack.make("restore-done")).code, 0);
  });

  it("is refused while a restore or a drill is at work, and where an update is due; nothing is changed", async () => {
    const { namespace, name } = open.stack;
    const before = await login();
    const hold = ["postgres-0", "--container", "backup-manager", "--", "sh", "-c"];
    const held = execIn(
      namespace,
      ...hold,
      'exec 8>"$FOLDER/.restore"; flock 8; until [ -e /tmp/done ]; do sleep 1; done',
    );
    await until(
      "the lock is held",
      async () => (await execIn(namespace, ...hold, 'flock -n "$FOLDER/.restore" true')).code !== 0,
    );
    assert.match(await failing(rotate()), /A restore of this stack, .* is at work/);
    await execIn(namespace, ...hold, ": >/tmp/done");
    await held;
    await create("Namespace", `drill-${namespace}`, "");
    assert.match(await failing(rotate()), /A drill of stack .* is at work, [^]* make drill STACK=/);
    await removeNamespace(`drill-${namespace}`);
    open.stack.configure({ services: { server: { scale: { replicas: 2 } } } });
    assert.match(
      await failing(rotate()),
      new RegExp(`is not what its files say[^]*make preview STACK=${name}`),
    );
    assert.deepEqual([await login(), await canLogIn()], [before, before.user]);
  });
});
