# Dumps of one database in a folder: made, verified, listed, removed. For sh with the programs of postgres beside it.
# Environment: PGHOST, PGUSER, PGPASSWORD, PGDATABASE (which database); FOLDER (where the dumps are); KEEP (how many stay),
# KEEP_DAYS (how long); SCRATCH (the database that verifies). NAME.dump is a dump in the format of pg_dump -Fc; NAME.json says
# what it holds, counted in the very snapshot that was dumped, and how it was verified: full (read to its end) or restored (into
# a database beside it).
part=$FOLDER/.part
scratch=${SCRATCH:-verify_dump}
umask 077

# The administrator's session: by search_path a function of the application would stand in for one of the server's, and the
# owner of a database can give it a role.
sql() { PGOPTIONS="-c search_path=pg_catalog -c role=none ${options:-}" psql -XAtq -v ON_ERROR_STOP=1 "$@"; }
# Nothing but one of these at a time: who is killed lets go of it.
exclusively() {
  exec 9>"$FOLDER/.lock"
  flock -w 600 9 || { echo "another dump or restore is at work" >&2; return 75; }
}
state() { # STATE REASON
  printf '{"state":"%s","at":"%s","reason":"%s"}\n' "$1" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(echo "$2" | tr -d '"\\' | tr '\n\t' '  ')" >"$part.status" &&
    mv "$part.status" "$FOLDER/status.json" || :
  [ "$1" = ok ] || { echo "$1: $2" >&2; return 1; }
}
# Ends a dump that cannot be: nothing of it is left.
give_up() { # STATE REASON
  rm -f "$part".*
  state "$@"
}
# Why a program ended, where its exit code says more than its own words: 137 is that of one which the kernel killed.
because() { [ "$1" != 137 ] || echo ": it was killed, because the memory of this container does not suffice"; } # CODE
free_kilobytes() { df -Pk "$FOLDER" | awk 'NR == 2 { print $4 }'; }
# The names of all dumps, the newest first: a name has the time in UTC. What begins with a dot is being made, or was.
names() { find "$FOLDER" -maxdepth 1 -name '*.dump' ! -name '.*' | sed 's|.*/||; s|\.dump$||' | sort -r; }
# Of these, those that dump has named, which have a date; others are files that were restored.
dated() { names | grep "^$PGDATABASE-2"; }
is_verified() { [ -s "$FOLDER/$1.json" ]; }
# Those that must stay: the newest verified one, and the one of a restore that has not come to its end, for a week.
kept() {
  newest_verified
  find "$FOLDER" -maxdepth 1 -name .restoring -mmin -10080 -exec cat {} +
}
is_in() { printf '%s\n' "$2" | grep -xF "$1" >/dev/null; } # LINE LINES
# The beginning of the name of a dump that is made in a number of seconds from now.
name_at() { echo "$PGDATABASE-$(date -u -d "@$(($(date +%s) + $1))" +%Y%m%dT%H%M%SZ)"; } # SECONDS
# Tells whether a dump is dated more than an hour ahead: a clock was wrong, and nobody knows how old it is.
is_ahead() { case $1 in "$PGDATABASE"-*) expr "$1" \> "$(name_at 3600)" >/dev/null ;; *) false ;; esac; } # NAME
# The newest is not one that is dated ahead, nor one that was made before another, which a clock that was wrong has given a later name.
newest_verified() {
  for each in $(names); do
    ! is_verified "$each" || [ -e "$FOLDER/$each.overtaken" ] || is_ahead "$each" || { echo "$each"; return; }
  done
}
discard() { rm -f "$FOLDER/$1.json" "$FOLDER/$1.overtaken" "$FOLDER/$1.dump" && echo "removed $1"; }

# Counts the rows of all tables, by copying them: a query would be planned, and a plan runs functions of the table's indexes, as the
# administrator. A line of its own, a form feed, is before each table and at the end; in the text of a row it is written as \f.
tables="FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' ORDER BY n.nspname, c.relname"
counting="\\o $part.names
SELECT to_json(n.nspname || '.' || c.relname) $tables;
\\o |tr -cd '\\f\\n' | awk '/\\f/ { if (k++) print n; n = 0; next } { n++ }' >$part.counts
SELECT E'SELECT E''\\\\f''', format('COPY %I.%I TO STDOUT', n.nspname, c.relname) $tables \\gexec
SELECT E'\\f';
\\o"
# One line for each table: "schema.table":rows
counted() {
  [ "$(wc -l <"$part.names")" = "$(wc -l <"$part.counts")" ] || { echo "the rows could not be counted to their end" >&2; return 1; }
  paste -d : "$part.names" "$part.counts"
  rm -f "$part.names" "$part.counts"
}
rows_of() { printf '%s\n' "$counting" | sql -d "$1" && counted; } # DATABASE
rows() { rows_of "$PGDATABASE"; }

# Reads a dump to its end: its table of contents alone stands at its beginning, and says nothing of the rest.
reads() { pg_restore --file=/dev/null "$1"; } # FILE

quiet='-c client_min_messages=warning'
# Removes a database, and the role that filled it.
remove() { options=$quiet sql -d postgres -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)" && remove_filler "$1"; } # DATABASE
# Removes the role that filled a database, and what it was given meanwhile where the data is.
remove_filler() { # DATABASE
  [ "$(sql -d postgres -c "SELECT count(*) FROM pg_roles WHERE rolname = '$1_filler'")" = 1 ] || return 0
  options=$quiet sql -c "DROP OWNED BY $1_filler" || :
  sql -d postgres -c "DROP ROLE $1_filler"
}
# Creates a database that a role fills, which owns it, and may do otherwise what the application may. Its password comes to no log.
create() { # DATABASE PASSWORD
  options='-c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic' sql -d postgres <<SQL
CREATE ROLE $1_filler LOGIN BYPASSRLS PASSWORD '$2';
SELECT format('GRANT %I TO $1_filler', rolname) FROM pg_roles WHERE rolname = '${PGDATABASE}_owner' \gexec
CREATE DATABASE $1 OWNER $1_filler;
SQL
}
# Gives the role the schemas that an administrator made, for what the application has there.
grant_schemas() { # DATABASE
  sql -d "$1" <<SQL
SELECT format('GRANT USAGE, CREATE ON SCHEMA %I TO $1_filler', nspname) FROM pg_namespace
  WHERE nspname NOT IN ('public', 'information_schema') AND nspname !~ '^pg_' \gexec
SQL
}
# Parts the table of contents of a dump, in its order, into files of what an administrator fills and what the role does, and prints
# their names. The administrator fills what runs nothing of the application and needs rights: grants, extensions, what has no owner
# there, and what an administrator owned, except relations: the rows and constraints of those may run what the application made.
contents() { # FILE
  rm -f "$part".contents.*
  list=$(pg_restore --list "$1") && owners=$(sql -d postgres -c "SELECT string_agg(rolname, ' ') FROM pg_roles WHERE rolsuper") || return
  printf '%s\n' "$list" | awk -v owners=" $owners " -v to="$part.contents" '/^[0-9]/ {
    grants = $4 == "ACL" || $4 == "DEFAULT" && $5 == "ACL"
    relation = $4 ~ /^(TABLE|SEQUENCE|INDEX|CONSTRAINT|CHECK|FK|TRIGGER|RULE|POLICY|ROW|DEFAULT|VIEW|MATERIALIZED|STATISTICS)$/
    if (/ $/)
      administrator = $4 ~ /^(EXTENSION|COMMENT|CAST|TRANSFORM|BLOBS)$/ || $4 == "ACCESS" && $5 == "METHOD" || $4 == "TEXT" && $6 ~ /^(PARSER|TEMPLATE)$/
    else administrator = grants || !relation && index(owners, " " $NF " ")
    # An event trigger is there when all else is: it may refuse who fills.
    if (administrator && ($4 == "EVENT" || $4 == "COMMENT" && $6 == "EVENT")) { late = to ".99999.administrator"; print >late; next }
    of = administrator ? "administrator" : "filler"
    if (of != last) { if (n) close(file); file = sprintf("%s.%05d.%s", to, ++n, of); print file; last = of }
    print >file
  } END { if (late) print late }'
  # Not every awk says that a file could not be written.
  [ "$(cat /dev/null "$part".contents.* 2>/dev/null | wc -l)" = "$(printf '%s\n' "$list" | grep -c '^[0-9]')" ] || { echo "the claim cannot be written" >&2; return 1; }
}
# Fills a new database from a dump, and compares it with what was counted, where that is known. Filling runs what the dump says:
# the check of a table, the function of a trigger. So a role with the application's rights does it, unless the administrator is
# told to; 77 where they do not suffice.
fill() { # DATABASE FILE ROWS [administrator]
  password=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n') && files=$(contents "$2") && remove "$1" && create "$1" "$password" || return
  for each in $files; do
    by=${4:-${each##*.}} user=$PGUSER secret=${PGPASSWORD:-}
    [ "$by" = administrator ] || { grant_schemas "$1" && user=$1_filler secret=$password || return; }
    said=$(PGUSER=$user PGPASSWORD=$secret PGOPTIONS='-c role=none' \
      pg_restore --single-transaction --exit-on-error --no-owner --use-list="$each" --dbname="$1" "$2" 2>&1)
    code=$?
    [ -z "$said" ] || printf '%s\n' "$said" >&2
    [ $code = 0 ] || {
      # The words of PostgreSQL for ERRCODE_INSUFFICIENT_PRIVILEGE, where it was not the administrator that lacked it.
      case $by-$said in
        filler-*'permission denied'* | filler-*'must be owner'* | filler-*'must be superuser'* | filler-*'must be member'* | filler-*'must have '*) return 77 ;;
      esac
      echo "pg_restore did not come to its end$(because $code)" >&2
      return 1
    }
  done
  rm -f "$part".contents.*
  [ ! -e "$3" ] || rows_of "$1" | cmp -s - "$3" || { echo "the rows differ from those of the dump's snapshot" >&2; return 1; }
}

# Kilobytes that are free where the server has its data, which this container cannot see.
data_free() {
  sql -d postgres <<'SQL'
CREATE TEMP TABLE free (kilobytes bigint);
SELECT format('COPY free FROM PROGRAM %L', format('df -Pk %s | awk ''NR == 2 { print $4 }''', quote_literal(setting))) FROM pg_settings WHERE name = 'data_directory' \gexec
SELECT kilobytes FROM free;
SQL
}

# Tells whether the server has room for a second copy of a database: for its data, and for as much of what it logs ahead of them.
has_room_for() { [ "$(data_free)" -gt $(($1 / 512)) ]; } # BYTES
# Restores a dump into a database of its own, which goes again.
restores() { # FILE ROWS
  fill "$scratch" "$1" "$2"
  code=$?
  remove "$scratch" || :
  return $code
}

# Makes room for a dump of a number of kilobytes: the oldest go first, those that must stay never.
make_room() { # KILOBYTES
  keep=$(kept)
  for oldest in $(names | sort); do
    [ "$(free_kilobytes)" -lt "$1" ] || return 0
    is_in "$oldest" "$keep" || discard "$oldest"
  done
  [ "$(free_kilobytes)" -ge "$1" ]
}

# Removes what is beyond the number and the age to keep. What is dated in the future does not count, and waits for its date; files
# that were restored count last, because their names say no date. By its age no more than one goes for each that is made: so many go
# by their number, and a clock that is wrong takes no more.
prune() {
  keep=$(kept)
  index=0
  for each in $(dated) $(names | grep -v "^$PGDATABASE-2"); do
    ! is_ahead "$each" || continue
    index=$((index + 1))
    is_in "$each" "$keep" || [ $index -le "$KEEP" ] || discard "$each"
  done
  limit=$(name_at $((KEEP_DAYS * -86400)))
  for oldest in $(dated | sort); do
    ! is_in "$oldest" "$keep" || continue
    ! expr "$oldest" \< "$limit" >/dev/null || discard "$oldest"
    break
  done
}

# Marks those with a later date than one that was made after them.
overtake() { # NAME
  for each in $(names); do ! is_verified "$each" || ! expr "$each" \> "$1" >/dev/null || touch "$FOLDER/$each.overtaken"; done
}

# Dumps a snapshot, and counts its rows.
dump_snapshot() {
  printf '%s\n' 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;' 'SELECT pg_export_snapshot() AS snapshot \gset' \
    '\setenv SNAPSHOT :snapshot' "\\! pg_dump -Fc --snapshot=\$SNAPSHOT --file=$part.dump; echo \$? >$part.code" "$counting" 'COMMIT;' |
    sql && [ "$(cat "$part.code")" = 0 ] && counted >"$part.rows"
}

# Makes a dump and verifies it; its name is the last line. With purpose=restore it says that it is of data that a restore replaces.
dump() {
  exclusively || return
  rm -f "$part".*
  said=$(remove "$scratch" 2>&1) || { give_up failed "the database does not answer: $said"; return; } # of one that was killed
  size=$(sql -c "SELECT pg_database_size(current_database())") || { give_up failed "the database does not answer"; return; }
  last=$(newest_verified)
  needs=$(($(if [ -n "$last" ]; then du -k "$FOLDER/$last.dump" | cut -f 1; else echo $((size / 1024)); fi) * 3 / 2 + 64))
  while :; do
    make_room $needs || { give_up blocked "the claim is full: $(free_kilobytes) kB are free, and a dump needs $needs or more"; return; }
    begin=$(date +%s) at=$(date -u +%Y-%m-%dT%H:%M:%SZ) # of the snapshot, or a little before
    room=$(free_kilobytes)
    ! dump_snapshot || break
    # The data may have grown since the last dump: then there must be more room than there was.
    code=$(cat "$part.code" 2>/dev/null) free=$(free_kilobytes) needs=$((room + 64))
    rm -f "$part".*
    [ "$free" -lt 64 ] || { give_up failed "pg_dump did not come to its end$(because "$code")"; return; }
  done
  reads "$part.dump" || { give_up failed "the dump cannot be read to its end$(because $?)"; return; }
  verified=full reason="not restored: the server has no room for a second copy of the data"
  if has_room_for "$size"; then
    restores "$part.dump" "$part.rows"
    case $? in
      0) verified=restored reason= ;;
      77) reason="not restored: it holds what only the administrator may create" ;;
      *) give_up failed "the dump cannot be restored"; return ;;
    esac
  fi
  server=$(sql -c 'SHOW server_version_num')
  digest=$(sha256sum "$part.rows" | cut -c 1-8)
  # The order of names is that of dumps: no two are of one second.
  while time=$(name_at 0) && names | grep "^$time" >/dev/null; do sleep 1; done
  name=$time-$((server / 10000))-$digest
  printf '{"name":"%s","database":"%s","at":"%s","bytes":%s,"sha256":"%s","server":%s,"databaseBytes":%s,"seconds":%s,"rows":{%s},"verified":"%s","reason":"%s","purpose":"%s"}\n' \
    "$name" "$PGDATABASE" "$at" "$(stat -c %s "$part.dump")" "$(sha256sum "$part.dump" | cut -d ' ' -f 1)" \
    "$server" "$size" $(($(date +%s) - begin)) "$(paste -s -d , "$part.rows")" "$verified" "$reason" "${purpose:-}" >"$part.json" &&
    sync && mv "$part.dump" "$FOLDER/$name.dump" && mv "$part.json" "$FOLDER/$name.json" || { give_up failed "the claim cannot be written"; return; }
  rm -f "$part".*
  # One of data that a restore replaces is not the newest.
  [ "${purpose:-}" = restore ] || overtake "$name"
  prune
  state ok "$reason"
  echo "$name"
}

# Tells whether there is a verified dump of the last day. What is dated in the future, by a clock that was wrong, does not count; nor
# what was made before there was a table, or of data that a restore replaced. The pattern is written without two braces side by
# side, which find would replace.
has_daily() {
  : >"$FOLDER/.now" || :
  find "$FOLDER" -maxdepth 1 -name '*.json' ! -name '.*' ! -name status.json -mmin -1430 ! -newer "$FOLDER/.now" -exec grep -L -e '"rows":[{][}]' -e '"purpose":"restore"' {} + |
    while read -r each; do [ -e "${each%.json}.overtaken" ] || echo "$each"; done | grep -q .
}

# All that is known, as JSON. A dump of an earlier version has no file beside it, and one that lost its node may have an empty one.
list() {
  printf '{"status":%s,"freeBytes":%s,"dumps":[' "$([ -s "$FOLDER/status.json" ] && cat "$FOLDER/status.json" || echo null)" $(($(free_kilobytes) * 1024))
  between=
  for each in $(names); do
    printf %s "$between"
    if is_verified "$each" && [ -e "$FOLDER/$each.overtaken" ]; then sed 's/}$/,"overtaken":true}/' "$FOLDER/$each.json"
    elif is_verified "$each"; then cat "$FOLDER/$each.json"
    else printf '{"name":"%s","bytes":%s}' "$each" "$(stat -c %s "$FOLDER/$each.dump")"
    fi
    between=,
  done
  echo ']}'
}
