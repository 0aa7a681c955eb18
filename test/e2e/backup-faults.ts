import assert from "node:assert/strict";
import { dumpFunctions } from "../../backup/scripts.ts";
import { list, password, patch, until, type Loose } from "./cluster.ts";
import { execIn, kubectlIn, podsOf, replacePods } from "./pods.ts";
import type { TestStack } from "./stack.ts";

/** What a command says whose container was killed. */
const KILLED = /was killed with container backup-manager; the data serves as before/;

/**
 * The cases of backups whose container, claim or password is not as it should be.
 *
 * @param stack gives a stack that is deployed, and whose claim of the backups is a volume of 16 MiB.
 */
export function backupFaultCases(stack: () => TestStack): void {
  const inside = (script: string, ...args: readonly string[]) =>
    execIn(
      stack().namespace,
      ...["postgres-0", "--container", "backup-manager", "--", "sh", "-c", script, "case", ...args],
    );
  const must = async (script: string, ...args: readonly string[]) => {
    const { code, stdout, output } = await inside(script, ...args);
    assert.equal(code, 0, output);
    return stdout.trim();
  };
  const sql = (statement: string) => must('psql -XAtqc "$1"', statement);
  /** The databases of the server that are the application's, or were or will be. */
  const databases = () =>
    sql(
      "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datname ~ '^(multi|verify)'",
    );
  const rows = () => sql("SELECT count(*) FROM values");
  const backup = async () => (await must(`${dumpFunctions}\ndump`)).split("\n").at(-1) ?? "";
  const newest = () => must(`${dumpFunctions}\nnewest_verified`);
  /** The administrator's password, before it is changed by hand. */
  let right = "";
  /** Runs a make target that must fail; gives what it said. */
  const fails = async (target: string, env: NodeJS.ProcessEnv = {}) => {
    const { code, output } = await stack().make(target, env);
    assert.notEqual(code, 0, output);
    assert.doesNotMatch(output, /at .*\.ts:\d+/);
    return output;
  };
  const succeeds = async (target: string, env: NodeJS.ProcessEnv = {}) => {
    const { code, output } = await stack().make(target, env);
    assert.equal(code, 0, output);
    return output;
  };
  /** Kills the pod of the database when a session of a program is there, while a make target uses it; gives what that said. */
  const killedWhile = async (program: string, target: string, env: NodeJS.ProcessEnv = {}) => {
    const said = fails(target, env);
    await until(`${program} is at work`, async () => {
      const sessions = `SELECT count(*) FROM pg_stat_activity WHERE application_name = '${program}' AND state = 'active'`;
      return (await sql(sessions)) !== "0";
    });
    await replacePods(stack().namespace, ["postgres"], 1);
    return said;
  };
  /** Fills a table so that its dump has about that many kilobytes. */
  const grow = (kilobytes: number) =>
    sql(
      `DROP TABLE IF EXISTS grown; CREATE TABLE grown AS SELECT md5(n::text) FROM generate_series(1, ${kilobytes * 50}) n`,
    );

  it("a claim that becomes full during a dump: the older dumps go, the newest verified one stays, and it is said", async () => {
    await until("a first backup", async () => (await newest()) !== "", 120);
    try {
      // 4 MiB are enough to show it.
      await must('dd if=/dev/zero of="$FOLDER/ballast" bs=1M count=12 2>/dev/null');
      await grow(1400);
      const large = await backup();
      await grow(1);
      await backup();
      await grow(3200);
      const { code, output } = await inside(`${dumpFunctions}\ndump`);
      assert.equal(code, 0, output);
      assert.match(output, /No space left on device/);
      assert.match(output, new RegExp(`removed ${large}`));
      const grown = await newest();
      await grow(4000);
      const said = await fails("backup");
      assert.match(said, /blocked: the claim is full: \d+ kB are free, and a dump needs \d+ or more/);
      assert.equal(await newest(), grown);
      assert.match(await succeeds("backups"), /The last attempt, at \S+, blocked: the claim is full/);
    } finally {
      await sql("DROP TABLE grown");
      await must('rm -f "$FOLDER/ballast"');
    }
    await backup();
  });

  it("a Secret changed by hand, and the pod killed while it dumps: nothing is left of that dump, and the next one succeeds", async () => {
    const { namespace } = stack();
    const before = await newest();
    right = await password(namespace);
    const secrets = await list("Secret", namespace);
    const name = secrets
      .map(({ metadata }) => metadata.name as string)
      .find((each) => each.startsWith("postgres-password-"));
    await patch("Secret", name ?? "", namespace, {
      data: { PGPASSWORD: Buffer.from("wrong").toString("base64") },
    });
    // A dump waits for this lock, whose session ends with the pod.
    const lock = inside("psql -Xqc 'BEGIN; LOCK TABLE values; SELECT pg_sleep(120)'");
    await until("the table is locked", async () => {
      const granted = "mode = 'AccessExclusiveLock' AND granted AND relation = 'public.values'::regclass";
      return (await sql(`SELECT count(*) FROM pg_locks WHERE ${granted}`)) !== "0";
    });
    assert.match(await killedWhile("pg_dump", "backup"), KILLED);
    await lock;
    assert.equal(await newest(), before);
    assert.equal(await must('echo "$PGPASSWORD"'), "wrong");
    // On its own loopback the server asks for no password.
    await backup();
    assert.equal(await must('ls -A "$FOLDER" | grep -c "^.part" || :'), "0");
  });

  it("where the server asks for a password on loopback too, each target says what puts it right", async () => {
    const { namespace } = stack();
    const access = async (script: string) => {
      const args = ["postgres-0", "--container", "postgres", "--", "sh", "-c"];
      const { code, output } = await execIn(
        namespace,
        ...args,
        `${script} "$PGDATA/pg_hba.conf" && pg_ctl -D "$PGDATA" reload`,
      );
      assert.equal(code, 0, output);
    };
    await access("sed -i '/127.0.0.1/s/trust/scram-sha-256/'");
    for (const target of ["backup", "restore"]) {
      const said = await fails(target, { FROM: "latest" });
      assert.match(said, /password authentication failed/);
      assert.match(said, /Fix: make up STACK=\S+ makes the Secret anew from the state/);
    }
    const last =
      /The last attempt, at \S+, failed: the database does not answer: .*password authentication failed/;
    assert.match(await succeeds("backups"), last);
    await succeeds("up");
    assert.equal(await must('echo "$PGPASSWORD"'), right);
    await succeeds("backup");
    await access("sed -i '/127.0.0.1/s/scram-sha-256/trust/'");
  });

  it("killed while it verifies, and while it restores: the data serves, and the next ones go on", async () => {
    const before = await rows();
    const good = await newest();
    // A constraint that takes a minute to check: the program that fills a database is at work for as long.
    const quick = "CREATE OR REPLACE FUNCTION public.slow(int) RETURNS bool LANGUAGE sql AS 'SELECT true'";
    await sql(`${quick}; CREATE TABLE slow (n int CHECK (public.slow(n))); INSERT INTO slow VALUES (1)`);
    await sql(quick.replace("SELECT true", "SELECT pg_catalog.pg_sleep(60) IS NOT NULL"));
    assert.match(await killedWhile("pg_restore", "backup"), KILLED);
    assert.equal(await databases(), "multi verify_dump");
    await must('pg_dump -Fc --file="$FOLDER/slow.dump"');
    assert.match(await killedWhile("pg_restore", "restore", { FROM: "slow" }), KILLED);
    assert.equal(await databases(), "multi multi_restore verify_dump");
    assert.equal(await rows(), before);
    assert.equal(await newest(), good);
    await sql("DROP TABLE slow; DROP FUNCTION public.slow");
    await must('rm "$FOLDER/slow.dump"');
    await succeeds("restore", { FROM: await backup() });
    assert.equal(await databases(), "multi multi_old");
    assert.equal(await rows(), before);
    await succeeds("restore-done");
  });

  it("too little memory for a restore: the data serves, the limit is named, and with enough the same command goes on", async () => {
    const { namespace } = stack();
    const before = await rows();
    // The comments of a dump are in its table of contents, which is read as a whole.
    await sql("DO $$ BEGIN EXECUTE format('COMMENT ON TABLE values IS %L', repeat('x', 6000000)); END $$");
    const name = await backup();
    await sql("COMMENT ON TABLE values IS NULL");
    const giveMemory = async (memory: string) => {
      const container = { name: "backup-manager", resources: { requests: { memory }, limits: { memory } } };
      const change = JSON.stringify({ spec: { containers: [container] } });
      const { code, output } = await kubectlIn(
        namespace,
        ...["patch", "pod", "postgres-0", "--subresource", "resize", "--patch", change],
      );
      assert.equal(code, 0, output);
      await until(`its limit is ${memory}`, async () => {
        const [pod] = await podsOf(namespace, "postgres");
        const all = (pod?.status.containerStatuses ?? []) as Loose[];
        return all.find((each) => each.name === container.name)?.resources?.limits?.memory === memory;
      });
    };
    await giveMemory("12Mi");
    const said = await fails("restore", { FROM: name });
    // With cgroup v2 the whole container ends.
    await until("the container is there again", async () => (await inside("true")).code === 0);
    assert.match(said, /memory/);
    assert.match(said, /raise resources\.limits\.memory of sidecar backup-manager in services\.ts/);
    assert.equal(await rows(), before);
    await giveMemory("128Mi");
    await succeeds("restore", { FROM: name });
    assert.equal(await rows(), before);
    await succeeds("restore-done");
  });
}
