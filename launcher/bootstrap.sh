#!/bin/sh
# Makes sure that the dependencies are there and current, then starts the launcher on their Node.
# What make calls: sh launcher/bootstrap.sh <target>
set -eu
cd "$(dirname "$0")/.."
# An empty HOME is none: npm and Node then ask the system for the home folder.
[ -n "${HOME-}" ] || unset HOME

node=node_modules/.bin/node
stamp=node_modules/.multi-client-installed
lock=build/install.lock

wanted() { cksum <package-lock.json; }

# Who holds the lock, known even after its process id is used again. The text of ps follows language and time zone.
identity() { echo "$1 $(LC_ALL=C TZ=UTC ps -o lstart= -p "$1" 2>/dev/null || true)"; }

current() {
  [ -x "$node" ] || return 1
  [ -f node_modules/.package-lock.json ] || return 1
  if [ -f "$stamp" ]; then
    [ "$(cat "$stamp")" = "$(wanted)" ]
  else
    # Installed by hand: npm writes its own copy of the lock file last.
    [ -z "$(find package-lock.json -newer node_modules/.package-lock.json)" ] && wanted >"$stamp" 2>/dev/null
  fi
}

acquire() {
  mkdir -p build
  identity "$$" >"$lock.$$"
  said=
  tries=0
  while ! ln "$lock.$$" "$lock" 2>/dev/null; do
    if ! owner=$(cat "$lock" 2>/dev/null); then
      # Its owner may just have ended; where that is so again and again, the link itself fails.
      tries=$((tries + 1))
      if [ "$tries" -gt 5 ]; then
        rm -f "$lock.$$"
        echo "The lock $lock can neither be made nor read: the folder allows no hard links, or nobody may write there." >&2
        echo "Fix: work in a copy of the repository on a file system with hard links, in a folder of your own." >&2
        exit 1
      fi
      sleep 1
      continue
    fi
    tries=0
    pid=${owner%% *}
    if kill -0 "$pid" 2>/dev/null && [ "$owner" = "$(identity "$pid")" ]; then
      [ -n "$said" ] || echo "Waiting for process $pid, which installs the dependencies ..." >&2
      said=yes
      sleep 1
    else
      # Its owner is gone. Whoever else sees that too may have been faster: then its fresh lock is put back.
      mv "$lock" "$lock.dead.$$" 2>/dev/null || continue
      [ "$(cat "$lock.dead.$$")" = "$owner" ] || ln "$lock.dead.$$" "$lock" 2>/dev/null || true
      rm -f "$lock.dead.$$"
    fi
  done
  rm -f "$lock.$$"
  trap 'rm -f "$lock"; [ -z "${ticker-}" ] || kill "$ticker" 2>/dev/null || true' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
}

install() {
  if ! command -v npm >/dev/null; then
    echo "npm is not on PATH; it installs the dependencies." >&2
    echo "Two ways: install Node.js with npm (https://nodejs.org/en/download), or by a package manager, e.g." >&2
    echo "  apt install npm, dnf install npm, brew install node" >&2
    exit 1
  fi
  begin=$(date +%s)
  echo "dependencies: npm ci, because package-lock.json changed or nothing is installed ..."
  (while sleep 10; do echo "dependencies: npm ci ... $(($(date +%s) - begin)) s"; done) &
  ticker=$!
  code=0
  npm ci --loglevel=error --no-audit --no-fund --no-update-notifier || code=$?
  kill "$ticker" 2>/dev/null || true
  ticker=
  if [ "$code" -ne 0 ]; then
    echo "npm ci ended with code $code; it says above why. Nothing else was touched." >&2
    echo "Fix: what it names (network: npm config get registry; disk: free space), then the same command again." >&2
    exit "$code"
  fi
  wanted >"$stamp"
  MULTI_CLIENT_INSTALL_SECONDS=$(($(date +%s) - begin))
  export MULTI_CLIENT_INSTALL_SECONDS
}

if ! current; then
  acquire
  # What is asked for may be JSON on stdout.
  current || install >&2
  rm -f "$lock"
  trap - EXIT INT TERM HUP
fi
# Node keeps the sources it compiled where launcher/engine/environment.ts has them too: the launcher starts in half the time.
case "${XDG_CACHE_HOME:-}" in
  /*) cache=$XDG_CACHE_HOME ;;
  *) cache=${HOME:+$HOME/.cache} ;;
esac
if [ -n "$cache" ]; then
  export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$cache/multi-client/node-compile-cache}"
fi
exec "$node" launcher/main.ts "$@"
