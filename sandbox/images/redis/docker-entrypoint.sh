#!/bin/sh
# Follows the documentation of the official image: options alone mean redis-server; root hands /data over and steps down.
set -e

case ${1-} in -* | *.conf) set -- redis-server "$@" ;; esac

if [ "${1-}" = redis-server ]; then
  if [ "$(id -u)" = 0 ]; then
    find . ! -user redis -exec chown redis {} +
    exec setpriv --reuid=redis --regid=redis --init-groups "$0" "$@"
  fi
  # The official image is compiled with protected mode off, Debian's with it on.
  shift
  case ${1-} in
    *.conf)
      file=$1
      shift
      grep -qi '^ *protected-mode' "$file" || set -- --protected-mode no "$@"
      set -- redis-server "$file" "$@"
      ;;
    *) set -- redis-server --protected-mode no "$@" ;;
  esac
fi

[ "$(umask)" != 0022 ] || umask 0077
exec "$@"
