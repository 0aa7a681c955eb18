# Gives a service a login to its database. Whatever there is of it already stays, so that every start of a pod may call this.
# Environment: PGHOST, PGPORT, PGUSER, PGPASSWORD (of the administrator), PGDATABASE; LOGIN (the role to log in with) and VERIFIER
# (SCRAM, so that no log of the server has a password). The owner role owns the database and what is in it, and every session
# of a login begins in it: so it does not matter which of the two logins made a table.
# A lock on a table is not waited for: who waits for it makes everybody else wait too. The next attempt takes it.
# The search path keeps a function of the application from standing in for one of the server's; the owner of a database can give
# its sessions a role.
create_login() {
  PGOPTIONS='-c search_path=pg_catalog -c role=none' psql -XAtq -v ON_ERROR_STOP=1 <<'SQL'
\getenv login LOGIN
\getenv verifier VERIFIER
\set owner :DBNAME _owner
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL lock_timeout = '2s';
SELECT pg_advisory_xact_lock(hashtext(:'owner')) \g /dev/null
SELECT format('CREATE ROLE %I', role) FROM unnest(ARRAY[:'owner', :'login']) AS role WHERE role NOT IN (SELECT rolname FROM pg_roles) \gexec
GRANT :"owner" TO :"login";
ALTER ROLE :"login" SET role TO :"owner";
ALTER ROLE :"login" LOGIN PASSWORD :'verifier';
ALTER DATABASE :"DBNAME" OWNER TO :"owner";
SELECT format('ALTER TABLE %s OWNER TO %I', c.oid::regclass, :'owner')
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
    AND c.relowner <> (SELECT oid FROM pg_roles WHERE rolname = :'owner') \gexec
COMMIT;
SQL
}
