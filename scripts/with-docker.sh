#!/bin/sh
# Runs a command with a Docker daemon that answers: with-docker.sh COMMAND...
#
# Where none answers, root can start one and Docker is installed, starts dockerd and stops it afterwards.
# Where that is not possible the command runs all the same, without. Its exit status is passed on.
set -u

log=
dockerd=

stop() {
  if [ -n "$dockerd" ]; then
    kill "$dockerd" 2>/dev/null
    wait "$dockerd" 2>/dev/null
  fi
  [ -z "$log" ] || rm -f "$log"
}

start() {
  docker info >/dev/null 2>&1 && return
  [ "$(id -u)" = 0 ] && command -v dockerd >/dev/null || return
  log=$(mktemp)
  echo 'docker: no daemon answers, starting dockerd for now' >&2
  dockerd >"$log" 2>&1 &
  dockerd=$!
  tries=0
  until docker info >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ] || ! kill -0 "$dockerd" 2>/dev/null; then
      tail -n 20 "$log" >&2
      echo 'docker: dockerd did not come up; it says why above' >&2
      return
    fi
    sleep 0.2
  done
}

trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
start
"$@"
