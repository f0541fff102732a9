#!/bin/sh
# What both ways of running the shop need to know about this machine's PostgreSQL.
#
#   postgres.sh bin           prints the folder of its programs
#   postgres.sh data FOLDER   makes a database cluster with a database and a user named shop
set -eu

programs() {
  for folder in /usr/lib/postgresql/*/bin; do
    if [ -x "$folder/initdb" ]; then newest=$folder; fi
  done
  if [ -z "${newest:-}" ]; then
    newest=$(dirname "$(readlink -f "$(command -v initdb)")")
    [ -x "$newest/initdb" ] || exit 1
  fi
  echo "$newest"
}

case ${1:-} in
  bin) programs ;;
  data)
    folder=$2
    bin=$(programs)
    mkdir -p "$folder"
    chown postgres "$folder"
    chmod 0700 "$folder"
    as_postgres="setpriv --reuid postgres --regid postgres --clear-groups"
    # A folder of the caller's that postgres may not enter must not be its working directory.
    cd /
    $as_postgres "$bin/initdb" -D "$folder" -U shop --auth=trust --no-sync -E UTF8 --locale=C \
      >/dev/null
    echo 'create database shop' |
      $as_postgres "$bin/postgres" --single -D "$folder" -c fsync=off -c log_checkpoints=off \
        postgres >/dev/null
    # The shop's network holds nothing but the shop.
    echo 'host all all all trust' >>"$folder/pg_hba.conf"
    ;;
  *)
    echo 'usage: postgres.sh bin | data FOLDER' >&2
    exit 2
    ;;
esac
