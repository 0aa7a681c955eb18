#!/bin/sh
# Follows the documentation of the official image: POSTGRES_PASSWORD, POSTGRES_USER and POSTGRES_DB, also from a file
# (_FILE), POSTGRES_INITDB_ARGS, POSTGRES_HOST_AUTH_METHOD, PGDATA; /docker-entrypoint-initdb.d on the first start only.
set -eu

setting() { # NAME DEFAULT
  eval "value=\${$1-} file=\${$1_FILE-}"
  if [ -n "$value" ] && [ -n "$file" ]; then
    echo "error: both $1 and $1_FILE are set (but are exclusive)" >&2
    exit 1
  fi
  [ -z "$file" ] || value=$(cat "$file")
  export "$1=${value:-$2}"
  unset "$1_FILE"
}

case ${1-} in -*) set -- postgres "$@" ;; esac
[ "${1-}" = postgres ] || exec "$@"

mkdir -p "$PGDATA" /var/run/postgresql
chmod 00700 "$PGDATA" || :
if [ "$(id -u)" = 0 ]; then
  chmod 03775 /var/run/postgresql || :
  find "$PGDATA" /var/run/postgresql ! -user postgres -exec chown postgres {} +
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
if [ -s "$PGDATA/PG_VERSION" ]; then
  echo
  echo 'PostgreSQL Database directory appears to contain a database; Skipping initialization'
  echo
  exec "$@"
fi

setting POSTGRES_PASSWORD ''
setting POSTGRES_USER postgres
setting POSTGRES_DB "$POSTGRES_USER"
: "${POSTGRES_HOST_AUTH_METHOD:=scram-sha-256}"
if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
  echo 'Error: Database is uninitialized and superuser password is not specified.' >&2
  echo '       You must specify POSTGRES_PASSWORD to a non-empty value for the superuser.' >&2
  exit 1
fi

# initdb asks for the name of its user: one that has none borrows one.
if ! getent passwd "$(id -u)" >/dev/null; then
  borrowed=$(mktemp -d)
  echo "postgres:x:$(id -u):$(id -g):PostgreSQL:$PGDATA:/bin/false" >"$borrowed/passwd"
  echo "postgres:x:$(id -g):" >"$borrowed/group"
  export LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD="$borrowed/passwd" NSS_WRAPPER_GROUP="$borrowed/group"
fi
pwfile=
[ -z "$POSTGRES_PASSWORD" ] || pwfile=--pwfile=/dev/stdin
printf '%s\n' "$POSTGRES_PASSWORD" |
  eval 'initdb --username="$POSTGRES_USER" $pwfile '"${POSTGRES_INITDB_ARGS-}"
if [ -n "${borrowed-}" ]; then
  rm -rf "$borrowed"
  unset LD_PRELOAD NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP
fi
printf '\nhost all all all %s\n' "$POSTGRES_HOST_AUTH_METHOD" >>"$PGDATA/pg_hba.conf"
printf "\nlisten_addresses = '*'\n" >>"$PGDATA/postgresql.conf"

# Until the database is whole it listens on its socket only.
export PGPASSWORD="$POSTGRES_PASSWORD"
pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -p ${PGPORT:-5432}" -w start
sql() {
  env -u PGHOST -u PGHOSTADDR psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password --username "$POSTGRES_USER" "$@"
}
if [ "$POSTGRES_DB" != postgres ]; then
  echo 'CREATE DATABASE :"db" ;' | sql --dbname postgres --set "db=$POSTGRES_DB"
fi
for file in /docker-entrypoint-initdb.d/*; do
  case $file in
    *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
    *.sql) sql --dbname "$POSTGRES_DB" --file "$file" ;;
  esac
done
pg_ctl -D "$PGDATA" -m fast -w stop
unset PGPASSWORD
echo
echo 'PostgreSQL init process complete; ready for start up.'
echo
exec "$@"
