import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dumpFunctions, restoreFunctions } from "../../backup/scripts.ts";
import { createLogin, newLogin } from "../../database/login.ts";
import { newestVerified, type DumpList } from "../../launcher/backups/dump-list.ts";
import { LocalPostgres, serverPrograms } from "../support/postgres.ts";

const functions = dumpFunctions + restoreFunctions;

describe("the scripts of the backups, with a postgres of this computer", function () {
  this.timeout(120_000); // programs of the database, on a computer that may be busy
  let postgres: LocalPostgres;
  const run = (script: string, env: NodeJS.ProcessEnv = {}) => postgres.run(`${functions}\n${script}`, env);
  const must = (script: string) => {
    const { code, output } = run(script);
    assert.equal(code, 0, output);
    return output.trim();
  };
  const status = () => (JSON.parse(must("list")) as DumpList).status;
  const parts = () => readdirSync(join(postgres.folder, "dumps")).filter((name) => name.startsWith(".part"));

  before(function () {
    if (serverPrograms === undefined) {
      console.log(
        "      no postgres server is installed here (Debian: postgresql); make e2e asks the same of a real one",
      );
      this.skip();
    }
    postgres = new LocalPostgres(serverPrograms);
    must('mkdir "$FOLDER"; sql -d postgres -c "CREATE DATABASE multi"');
    must("sql -c 'CREATE TABLE public.values (number int)' -c 'INSERT INTO public.values VALUES (1)'");
    must("dump"); // of one row
  });
  after(() => {
    (postgres as LocalPostgres | undefined)?.end();
  });

  it("a wrong password of the administrator is the reason of the attempt, and the last dump stays", () => {
    const { code, output } = run("dump", { PGPASSWORD: "wrong" });
    assert.equal(code, 1);
    assert.match(output, /^failed: the database does not answer: .*password authentication failed/m);
    assert.equal(status()?.state, "failed");
    assert.match(status()?.reason ?? "", /password authentication failed for user postgres/);
    assert.match(
      run(`prepare $(newest_verified)`, { PGPASSWORD: "wrong" }).output,
      /password authentication failed/,
    );
    assert.notEqual(must("newest_verified"), "");
  });

  it("one dump a day is enough: an older one, one of the future, and one without a table do not count", () => {
    const json = '"$FOLDER"/multi-*.json';
    const daily = (script: string) => must(`${script}; if has_daily; then echo daily; else echo due; fi`);
    assert.equal(daily(":"), "daily");
    assert.equal(daily(`touch -d '2 days ago' ${json}`), "due");
    assert.equal(daily(`touch -d 'tomorrow' ${json}`), "due");
    assert.equal(daily(`touch ${json}; sed -i.kept 's/"rows":{[^}]*}/"rows":{}/' ${json}`), "due");
    assert.equal(daily('for f in "$FOLDER"/*.kept; do mv "$f" "${f%.kept}"; done'), "daily");
  });

  it("what a dump that was killed at its very end left is no backup", () => {
    const name = must("newest_verified");
    // Renamed, the dump itself would be there first: as complete as it is, it has no name yet.
    must(`for end in dump json; do mv "$FOLDER/${name}.$end" "$part.$end"; done`);
    assert.equal(must("names; newest_verified; if has_daily; then echo daily; else echo due; fi"), "due");
    assert.deepEqual((JSON.parse(must("list")) as DumpList).dumps, []);
    must(`for end in dump json; do mv "$part.$end" "$FOLDER/${name}.$end"; done`);
  });

  it("what a verification that was killed left goes before room for another is measured", () => {
    must('sql -d postgres -c "CREATE DATABASE verify_dump"; : >"$part.dump"');
    // As little room as there is while the database that was left takes it.
    const { code, output } = run(
      "data_free() { if has verify_dump; then echo 0; else echo 9999999; fi; }; dump",
    );
    assert.equal(code, 0, output);
    const { dumps } = JSON.parse(must("list")) as DumpList;
    assert.equal(dumps[0]?.verified, "restored");
    assert.equal(must("has verify_dump && echo there || echo gone"), "gone");
    assert.deepEqual(parts(), []);
  });

  it("what a restore that was killed left goes before room for another is measured", () => {
    must('sql -d postgres -c "CREATE DATABASE multi_restore"');
    const { code, output } = run(
      `data_free() { if has multi_restore; then echo 0; else echo 9999999; fi; }; prepare $(newest_verified)`,
    );
    assert.equal(code, 0, output);
    assert.equal(must("sql -d multi_restore -c 'SELECT number FROM public.values'"), "1");
  });

  it("a claim without room blocks the dump, and the newest verified one stays", () => {
    const { code, output } = run("free_kilobytes() { echo 10; }; dump");
    assert.equal(code, 1);
    assert.match(output, /blocked: the claim is full: 10 kB are free, and a dump needs \d+ or more/);
    assert.equal(status()?.state, "blocked");
    assert.notEqual(must("newest_verified"), "");
  });

  it("a program that the kernel kills is said to have had too little memory", () => {
    const { code, output } = run(
      `pg_restore() { case "$*" in *dbname*) sh -c 'kill -9 $$' ;; *) command pg_restore "$@" ;; esac; }; prepare $(newest_verified)`,
    );
    assert.equal(code, 1);
    assert.match(output, /pg_restore did not come to its end: it was killed, because the memory/);
    const reading = run("pg_restore() { sh -c 'kill -9 $$'; }; prepare $(newest_verified)");
    assert.equal(reading.code, 1, "too little memory is no fault of the dump");
    assert.match(reading.output, /it was killed, because the memory/);
  });

  it("a restore that the server has no room for is refused with figures, where the size is known and where it is not", () => {
    const name = must("newest_verified");
    must(`cp "$FOLDER/${name}.dump" "$FOLDER/other.dump"`);
    must(`sed -i 's/"databaseBytes":[0-9]*/"databaseBytes":1000000000000000/' "$FOLDER/${name}.json"`);
    const large = run(`prepare ${name}`);
    assert.equal(large.code, 65);
    assert.match(
      large.output,
      /no room for a second copy of the data: \d+ kB are free, and 1953125000000 are needed/,
    );
    const unknown = run("data_free() { echo 16000; }; prepare other");
    assert.equal(unknown.code, 65);
    assert.match(unknown.output, /16000 kB are free, and 16\d{3} are needed/);
    assert.equal(must("has multi_restore && echo there || echo gone"), "gone");
    must('rm "$FOLDER/other.dump"');
  });

  it("a dump that is being restored is not removed for the dump of what it replaces", () => {
    const old = "multi-20260101T000000Z-15-00000000";
    must(
      `dump >/dev/null; for end in dump json; do cp "$FOLDER/$(newest_verified).$end" "$FOLDER/${old}.$end"; done; sed -i "s/$(newest_verified)/${old}/" "$FOLDER/${old}.json"; prepare ${old}`,
    );
    const names = must("KEEP=1 KEEP_DAYS=1; dump_replaced >/dev/null; names").split("\n");
    assert.equal(names.at(-1), old);
    assert.equal(names.length, 2);
    const { dumps } = JSON.parse(must("list")) as DumpList;
    assert.deepEqual(
      [dumps[0]?.purpose, newestVerified({ dumps, freeBytes: 0, status: null })?.name],
      ["restore", old],
    );
    must(`swap ${old}; KEEP=1 KEEP_DAYS=1; prune`);
    assert.deepEqual(must("names").split("\n"), [dumps[0]?.name]);
    assert.equal(must("if has_daily; then echo daily; else echo due; fi"), "due");
    must("restore_done; dump");
  });

  it("dumps of one second have different times in their names, by which the newest is known", () => {
    const clock =
      "name_at() { if [ $1 = 0 ]; then echo multi-29990101T00000${tick:-0}Z; else echo multi-; fi; }";
    const change = "sql -c 'INSERT INTO public.values VALUES (2)'";
    // With other rows the name's last part is another: it must not decide which one is the newer.
    for (const meanwhile of [":", change]) {
      const names = must(`${clock}; sleep() { tick=1; }; (dump); ${meanwhile}; (dump); names`);
      assert.match(names, /^multi-29990101T000001Z\S*\nmulti-29990101T000000Z\S*\nmulti-2\d/m);
      must('rm "$FOLDER"/multi-2999*');
    }
    must("sql -c 'DELETE FROM public.values WHERE number = 2'");
  });

  it("what another restore has filled is not put in the place of the data", () => {
    const [one = "", other = ""] = must("dump >/dev/null; names").split("\n");
    const { code, output } = run(`prepare ${one} && prepare ${other} && swap ${one}`);
    assert.equal(code, 65);
    assert.match(output, /multi_restore is not of .*: another restore has filled it/);
    must(`swap ${other}; restore_done`);
  });

  it("a restore brings back a database that is gone, and gives it to its owner", () => {
    const name = must("sql -d postgres -c 'CREATE ROLE multi_owner'; newest_verified");
    must(`sql -d postgres -c 'DROP DATABASE multi'; prepare ${name}; swap ${name}`);
    const owners = "SELECT tableowner FROM pg_tables WHERE tablename = 'values'";
    assert.equal(
      must(`sql -c "${owners}" -c "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'multi'"`),
      "multi_owner\nmulti_owner",
    );
  });

  it("what the application planted in its database gets no rights by a dump or a restore; what is the administrator's stays", () => {
    const planted = join(postgres.folder, "planted");
    const asAdministrator = `BEGIN IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
      COPY (SELECT 1) TO PROGRAM 'cat >${planted}'; END IF;`;
    const logged = "ALTER SYSTEM SET log_statement = 'ddl'; SELECT pg_reload_conf()";
    must(`psql -XAtq <<'SQL'
      CREATE ROLE app LOGIN PASSWORD 'app'; GRANT multi_owner TO app; CREATE PUBLICATION everything FOR ALL TABLES; ${logged};
SQL`);
    must(`PGUSER=app PGPASSWORD=app psql -XAtq -v ON_ERROR_STOP=1 <<'SQL'
      SET ROLE multi_owner;
      CREATE FUNCTION check_number(int) RETURNS boolean LANGUAGE plpgsql AS $$${asAdministrator} RETURN true; END$$;
      CREATE FUNCTION format(text, text, name, name) RETURNS text LANGUAGE plpgsql AS
        $$${asAdministrator} RETURN pg_catalog.format($1, $2, $3, $4); END$$;
      CREATE FUNCTION format(text, text) RETURNS text LANGUAGE plpgsql AS
        $$${asAdministrator} RETURN pg_catalog.format($1, $2); END$$;
      CREATE FUNCTION counted(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$BEGIN RETURN public.check_number($1)::int; END$$;
      CREATE TABLE trap (number int CHECK (check_number(number)));
      INSERT INTO trap VALUES (1), (2);
      CREATE INDEX ON trap ((number + counted(1)));
      CREATE STATISTICS planned ON (number + counted(1)), number FROM trap;
      ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO app;
SQL`);
    const { user, verifier } = newLogin("multi_a");
    must(`${createLogin}\nLOGIN=${user} VERIFIER='${verifier}' create_login`);
    assert.equal(existsSync(planted), false, "the start of a server");
    const name = must("dump").split("\n").at(-1) ?? "";
    assert.equal(existsSync(planted), false, "the dump and its verification");
    must(`prepare ${name} && swap ${name} && restore_done`);
    assert.equal(existsSync(planted), false, "the restore");
    assert.equal(must("sql -c 'TABLE public.trap'"), "1\n2");
    assert.equal(must("sql -c 'SELECT pubname FROM pg_publication'"), "everything");
    const roles = "SELECT rolname FROM pg_roles WHERE rolname LIKE '%_filler'";
    const owners = "SELECT DISTINCT pg_get_userbyid(proowner) FROM pg_proc WHERE proname = 'check_number'";
    assert.equal(must(`sql -c "${roles}" -c "${owners}"`), "multi_owner");
    const log = readFileSync(join(postgres.folder, "log"), "utf8");
    assert.match(log, /DROP DATABASE IF EXISTS multi_restore/, "statements are logged");
    assert.doesNotMatch(log, /CREATE ROLE multi_restore/);
  });

  it("what the application's rights do not suffice for is read, and restored by the administrator where that is asked", () => {
    must(`psql -XAtq -v ON_ERROR_STOP=1 <<'SQL'
      CREATE FUNCTION secret(int) RETURNS boolean LANGUAGE sql AS 'SELECT true'; REVOKE EXECUTE ON FUNCTION secret FROM PUBLIC;
      CREATE TABLE guarded (number int CHECK (secret(number)));
      INSERT INTO guarded VALUES (1);
SQL`);
    const name = must("dump >/dev/null 2>&1; newest_verified");
    const { dumps } = JSON.parse(must("list")) as DumpList;
    assert.deepEqual(
      [dumps[0]?.verified, dumps[0]?.reason],
      ["full", "not restored: it holds what only the administrator may create"],
    );
    const { code, output } = run(`prepare ${name}`);
    assert.equal(code, 65, output);
    assert.match(output, /holds what only the administrator may create: BY=administrator restores it/);
    assert.equal(must("has multi_restore && echo there || echo gone"), "gone");
    must(`prepare ${name} administrator && swap ${name} && restore_done`);
    assert.equal(must("sql -c 'TABLE public.guarded'"), "1");
    must("sql -c 'DROP TABLE public.guarded'");
  });

  it("what was granted to the role that fills does not stop the next dump", () => {
    must("sql -c 'CREATE ROLE verify_dump_filler' -c 'GRANT SELECT ON public.trap TO verify_dump_filler'");
    must("dump");
    assert.equal(must("sql -c \"SELECT 1 FROM pg_roles WHERE rolname LIKE '%_filler'\""), "");
  });

  it("what lost its end with the node is listed as not verified", () => {
    must(': >"$FOLDER/status.json"; : >"$FOLDER/lost.dump"; : >"$FOLDER/lost.json"');
    const { dumps } = JSON.parse(must("list")) as DumpList;
    assert.equal(status(), null);
    assert.deepEqual(
      dumps.find(({ name }) => name === "lost"),
      { name: "lost", bytes: 0 },
    );
    must('rm "$FOLDER"/lost.*');
  });
});
