#!/bin/sh
# The main job, from one command: brings the shop up, records it under load while one service is slow and
# another refuses, analyzes the capture, and says what was found. Leaves demo-out/ and nothing else.
#
# Runs in Docker where a daemon answers, else in network namespaces. Where the kernel cannot be recorded
# (no root, no BTF) it analyzes a capture that was recorded before. MODE=docker|netns|fixture chooses.
set -eu
cd "$(dirname "$0")/.."

out=demo-out
shop=examples/shop
capture=$out/shop.dhr

say() { echo "demo: $*"; }
dhrishti() { node dist/cli.js "$@"; }

# Sets MODE to the best that works here, and says why it is not better.
choose() {
  MODE=fixture
  if [ "$(uname -s)" != Linux ]; then
    say 'this is not Linux, so nothing can be recorded here'
  elif ! dhrishti doctor >"$out/doctor.txt" 2>&1; then
    say "this machine cannot record now; $out/doctor.txt says why"
  elif docker info >/dev/null 2>&1; then
    MODE=docker
  elif [ "$(id -u)" = 0 ] && command -v ip >/dev/null; then
    say 'no Docker daemon answers, so the shop runs in network namespaces'
    MODE=netns
  else
    say 'no Docker daemon answers, and network namespaces need root'
  fi
}

# What the demo left of itself, however it ends.
cleanup() {
  status=$?
  trap - EXIT INT TERM
  if [ -n "${up:-}" ]; then sh "$shop/shop.sh" down || true; fi
  exit "$status"
}

record() {
  say "starting the shop ($MODE)"
  trap cleanup EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  up=yes
  sh "$shop/shop.sh" up

  # Nothing but the shop: what else runs on this machine is nobody's business.
  set -- --port 8080 8081 8082 8083 6379 5432
  if [ "$MODE" = docker ]; then
    set -- "$@" --container 'shop-*'
  else
    set -- "$@" --netns
    for namespace in /run/netns/shop-*; do set -- "$@" "$namespace"; done
  fi
  say 'recording half a minute of load'
  rm -f "$capture" "$capture.partial"
  dhrishti record -o "$capture" "$@" -- "$shop/scenario.sh"

  sh "$shop/shop.sh" down
  up=
}

mkdir -p "$out"
if [ -z "${MODE:-}" ]; then choose; fi
export MODE

if [ "$MODE" = fixture ]; then
  capture=fixtures/shop.dhr
  say "analyzing $capture, which was recorded from the same shop before"
else
  record
fi
# It says what it found by itself; where the files are is said below.
dhrishti analyze "$capture" --db "$out/shop.sqlite" --report "$out/shop.html" >/dev/null
say "the report:   $(pwd)/$out/shop.html"
say "the database: $(pwd)/$out/shop.sqlite"
