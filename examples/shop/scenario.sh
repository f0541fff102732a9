#!/bin/sh
# Half a minute in the life of the shop, which is up already: customers throughout, auth slow for 6 s,
# inventory refusing for 4 s later on, and now and then a job that lives for less than a second.
# Prints what the load counted; its exit status is the load's.
set -eu
shop=$(dirname "$0")/shop.sh

sh "$shop" load 24 &
load=$!
trap 'kill $load 2>/dev/null || true' INT TERM

at() {
  sleep "$1"
  shift
  echo "shop: $*" >&2
  sh "$shop" "$@"
}

at 3 job 1
at 3 slow 200 6
at 3 job 2
at 5 job 3
at 2 refuse 4
at 2 job 4
at 4 job 5

wait "$load"
