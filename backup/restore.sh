# Puts what a dump holds in the place of the database, with dumps.sh before it. The names of the databases are the state: DATABASE
# serves, DATABASE_restore is being filled, DATABASE_old served before. Whatever ends this, DATABASE is whole.
beside=${PGDATABASE}_restore
old=${PGDATABASE}_old

has() { [ "$(sql -d postgres -c "SELECT count(*) FROM pg_database WHERE datname = '$1'")" = 1 ]; } # DATABASE
refuse() { echo "refused: $*" >&2; return 65; }
# Refuses a dump that pg_restore does not read, unless it could not even try.
unreadable() { # CODE REASON
  [ "$1" = 137 ] || { refuse "$2"; return; }
  echo "pg_restore did not come to its end$(because 137)" >&2
  return 1
}

# The state as JSON: is there an old database, and which dump is the present one from.
restore_state() {
  sql -d postgres -c "SELECT json_build_object('old', bool_or(datname = '$old'),
    'from', max(shobj_description(oid, 'pg_database')) FILTER (WHERE datname = '$PGDATABASE')) FROM pg_database"
}

# Says why a dump cannot be restored here, if so.
check() { # NAME
  file=$FOLDER/$1.dump
  [ -s "$file" ] || { refuse "there is no dump $1"; return; }
  if [ -s "$FOLDER/$1.json" ] && ! grep -q "\"sha256\":\"$(sha256sum "$file" | cut -d ' ' -f 1)\"" "$FOLDER/$1.json"; then
    refuse "the dump $1 is not what it was when it was verified"
    return
  fi
  head=$(pg_restore --list "$file" 2>&1) || { unreadable $? "the dump $1 cannot be read: $(echo "$head" | tail -n 1)"; return; }
  from=$(echo "$head" | sed -n 's/^; *Dumped from database version: \([0-9]*\).*/\1/p')
  of=$(echo "$head" | sed -n 's/^; *dbname: //p')
  here=$(($(sql -d postgres -c 'SHOW server_version_num') / 10000))
  [ "$from" -le $here ] || { refuse "the dump $1 is of postgres $from, and this is postgres $here"; return; }
  [ "$of" = "$PGDATABASE" ] || { refuse "the dump $1 is of database $of, and this is $PGDATABASE"; return; }
  reads "$file" || { unreadable $? "the dump $1 cannot be read to its end"; return; }
}

# Fills a database beside the present one. As the administrator it runs all that the dump says.
prepare() { # NAME [administrator]
  exclusively || return
  ! has "$old" || { refuse "$old, the database before the last restore, is still there"; return; }
  check "$1" || return
  remove "$beside" || return # what a restore that was killed left takes its room
  bytes=$(sed -n 's/.*"databaseBytes":\([0-9]*\).*/\1/p' "$FOLDER/$1.json" 2>/dev/null) || :
  # Of a dump from elsewhere its text is measured; indexes and what is empty come to as much again, and to 8 MiB.
  bytes=${bytes:-$(($(pg_restore --file=- "$FOLDER/$1.dump" | wc -c) * 2 + 8388608))}
  has_room_for "$bytes" ||
    { refuse "the server has no room for a second copy of the data: $(data_free) kB are free, and $((bytes / 512)) are needed"; return; }
  rm -f "$part.wanted"
  [ ! -s "$FOLDER/$1.json" ] ||
    sed 's/.*"rows":{\(.*\)},"verified".*/\1/; s/,"/\n"/g; /^$/d' "$FOLDER/$1.json" >"$part.wanted"
  echo "$1" >"$FOLDER/.restoring" || return # so that no other dump takes its place before the change
  fill "$beside" "$FOLDER/$1.dump" "$part.wanted" "${2:-}" && own "$beside" &&
    sql -d postgres -c "COMMENT ON DATABASE $beside IS '$1'" && return
  code=$?
  rm -f "$FOLDER/.restoring" "$part".contents.*
  remove "$beside"
  [ $code != 77 ] || { refuse "the dump $1 holds what only the administrator may create: BY=administrator restores it, and runs all that it says"; return; }
  return 1
}

# Gives a database and its tables to the role that owns those of the services, where that is there: who serves at the change has
# no init container any more that would do so. The role that filled it is done.
own() { # DATABASE
  sql -d "$1" <<SQL
SELECT format('REASSIGN OWNED BY $1_filler TO %I', coalesce((SELECT rolname FROM pg_roles WHERE rolname = '${PGDATABASE}_owner'), current_user)) \gexec
DROP OWNED BY $1_filler;
SELECT format('ALTER DATABASE %I OWNER TO %I', current_database(), rolname) FROM pg_roles WHERE rolname = '${PGDATABASE}_owner' \gexec
SELECT format('ALTER TABLE %s OWNER TO %I', c.oid::regclass, rolname)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pg_roles
  WHERE rolname = '${PGDATABASE}_owner' AND c.relkind IN ('r', 'p', 'v', 'm')
    AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' \gexec
SQL
  remove_filler "$1"
}
# The name of the dump that a database is from.
source_of() { sql -d postgres -c "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '$1'"; } # DATABASE
# Dumps the present data once more, for whoever wants back what a restore replaces.
dump_replaced() { purpose=restore && dump; }

# Puts the database beside in the place of the present one, in one transaction; whoever is connected is cut off.
swap() { # NAME
  exclusively || return
  has "$beside" || { refuse "$beside is not there"; return; }
  [ "$(source_of "$beside")" = "$1" ] || { refuse "$beside is not of $1: another restore has filled it"; return; }
  ! has "$PGDATABASE" || replace="ALTER DATABASE $PGDATABASE RENAME TO $old; ALTER DATABASE $old WITH ALLOW_CONNECTIONS false;"
  for try in 1 2 3 4 5; do # somebody may come back in between
    exchange "$1" || continue
    rm -f "$FOLDER/.restoring"
    return 0
  done
  return 1
}
exchange() {
  sql -d postgres <<SQL
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname IN ('$PGDATABASE', '$beside') \g /dev/null
BEGIN;
${replace:-}
ALTER DATABASE $beside RENAME TO $PGDATABASE;
COMMENT ON DATABASE $PGDATABASE IS '$1';
COMMIT;
SQL
}

# Removes the database from before the restore.
restore_done() {
  has "$old" || { refuse "there is no $old: nothing was restored since the last time"; return; }
  remove "$old"
}
