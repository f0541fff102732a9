#!/bin/sh
# Brings the shop up and down, and steers it.
#
#   shop.sh up                  prepare, then start
#   shop.sh prepare             makes the images and networks and runs nothing yet
#   shop.sh start               starts the databases and services, and returns when all of them serve
#   shop.sh load [SECONDS [N]]  sends customers from inside the shop, as shop-load-N, and prints what
#                               they counted
#   shop.sh users [SCRIPT]      plays load.js, load-new-connections.js or load-few-ports.js with k6, or without k6 what
#                               users.mjs makes of it; both write $TRUTH_DIR/k6.json
#   shop.sh slow MS SECONDS     makes auth slow for a while
#   shop.sh refuse SECONDS      makes inventory refuse connections for a while
#   shop.sh serve               ends that before its time
#   shop.sh job [N]             runs one job that lives for less than a second, as shop-job-N
#   shop.sh down                ends everything; each process writes $TRUTH_DIR first, where that is set
#
# MODE=docker (containers) or MODE=netns (processes in network namespaces of their own, needs root).
# Without MODE: docker where a daemon answers, else netns. See load.mjs for LOAD_RATE and the like.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

if [ -z "${MODE:-}" ]; then
  if docker info >/dev/null 2>&1; then MODE=docker; else MODE=netns; fi
fi
case $MODE in
  docker | netns) ;;
  *)
    echo "shop: MODE is docker or netns, not \"$MODE\"" >&2
    exit 2
    ;;
esac

# Each platform has: platform_up, platform_down, start_database NAME, start_service NAME,
# run_once INSTANCE SERVICE PROGRAM [VARIABLE=VALUE...], control SERVICE QUERY, log_of NAME.
# shellcheck source=/dev/null
. "$here/platform-$MODE.sh"

# wait_for NAME TEXT: until the log of NAME holds TEXT. Asking over TCP would be seen in a recording.
wait_for() {
  tries=0
  until log_of "$1" 2>&1 | grep -q "$2"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ]; then
      log_of "$1" 2>&1 | tail -n 20 >&2
      echo "shop: $1 did not come up within 30 s" >&2
      exit 1
    fi
    sleep 0.1
  done
}

start() {
  start_database postgres
  start_database redis
  wait_for postgres 'database system is ready'
  wait_for redis 'Ready to accept connections'
  for service in inventory auth; do start_service "$service"; done
  for service in inventory auth; do wait_for "$service" 'listening on'; done
  start_service orders
  wait_for orders 'listening on'
  start_service gateway
  wait_for gateway 'listening on'
}

load() {
  instance=shop-load-${2:-1}
  set -- "LOAD_SECONDS=${1:-20}" "LOAD_RATE=${LOAD_RATE:-100}" \
    "LOAD_CONNECTIONS=${LOAD_CONNECTIONS:-12}"
  if command -v k6 >/dev/null; then
    run_once "$instance" load k6:services/load.js "$@"
  else
    run_once "$instance" load services/load.mjs "$@"
  fi
}

users() {
  script=${1:-load.js}
  set -- "LOAD_SECONDS=${LOAD_SECONDS:-60}" "LOAD_USERS=${LOAD_USERS:-6}"
  if [ "$script" = load-few-ports.js ]; then local_ports='40000 40031'; fi
  if [ "$script" != load.js ]; then set -- "$@" LOAD_FRESH=yes; fi
  if command -v k6 >/dev/null; then
    run_once shop-load-1 load "k6:$script" "$@"
  else
    run_once shop-load-1 load services/users.mjs "$@"
  fi
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  up)
    platform_up
    start
    ;;
  prepare) platform_up ;;
  start) start ;;
  down) platform_down ;;
  load) load "$@" ;;
  users) users "$@" ;;
  slow) control auth "slow?ms=$1&for=$2" ;;
  refuse) control inventory "refuse?for=$1" ;;
  serve) control inventory serve ;;
  job) run_once "shop-job-${1:-1}" job services/job.mjs ;;
  *)
    sed -n '4,15s/^# *//p' "$0" >&2
    exit 2
    ;;
esac
