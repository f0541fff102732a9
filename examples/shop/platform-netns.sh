# The shop as processes, each in a network namespace of its own. Sourced by shop.sh.
#
# The bridge lies in a namespace too (shop-net), so that nothing of this can meet the machine's own
# addresses, routes or firewall.

# Processes, logs and data of the shop that is up.
state=${SHOP_STATE:-/tmp/dhrishti-shop}
names='postgres redis inventory auth orders gateway'

# address_of NAME
address_of() {
  case $1 in
    postgres) echo 10.77.0.10 ;;
    redis) echo 10.77.0.11 ;;
    inventory) echo 10.77.0.12 ;;
    auth) echo 10.77.0.13 ;;
    orders) echo 10.77.0.14 ;;
    gateway) echo 10.77.0.15 ;;
    load) echo 10.77.0.16 ;;
    job) echo 10.77.0.17 ;;
  esac
}

platform_up() {
  if [ "$(id -u)" != 0 ]; then
    echo 'shop: network namespaces need root. Run this as root, or with MODE=docker' >&2
    exit 1
  fi
  platform_down
  mkdir -p "$state"
  chmod 0711 "$state"
  ip netns add shop-net
  ip -n shop-net link add shop0 type bridge
  ip -n shop-net link set shop0 up
  for name in $names load job; do add_namespace "$name"; done
}

add_namespace() {
  ip netns add "shop-$1"
  ip -n "shop-$1" link add eth0 type veth peer name "$1" netns shop-net
  ip -n shop-net link set "$1" master shop0 up
  ip -n "shop-$1" address add "$(address_of "$1")/24" dev eth0
  ip -n "shop-$1" link set lo up
  ip -n "shop-$1" link set eth0 up
}

# end NAME...: ends all processes in the namespaces: first kindly, then not.
end() {
  for signal in TERM KILL; do
    for name in "$@"; do
      pids=$(ip netns pids "shop-$name" 2>/dev/null) || continue
      # shellcheck disable=SC2086 # a list of processes
      [ -z "$pids" ] || kill -s "$signal" $pids 2>/dev/null || true
    done
    tries=0
    while [ "$tries" -lt 50 ] && somebody_lives "$@"; do
      tries=$((tries + 1))
      sleep 0.1
    done
  done
}

somebody_lives() {
  for name in "$@"; do
    [ -z "$(ip netns pids "shop-$name" 2>/dev/null)" ] || return 0
  done
  return 1
}

platform_down() {
  end load job gateway orders auth inventory
  end redis postgres
  # What still holds a namespace now could not be killed; its name goes all the same.
  for name in $names load job net; do
    if [ -e "/run/netns/shop-$name" ]; then ip netns delete "shop-$name"; fi
  done
  rm -rf "$state"
}

start_database() {
  log=$state/$1.log
  case $1 in
    postgres)
      bin=$(sh "$here/postgres.sh" bin)
      sh "$here/postgres.sh" data "$state/data"
      set -- setpriv --reuid postgres --regid postgres --clear-groups "$bin/postgres" -D "$state/data" \
        -c 'listen_addresses=*' -c 'unix_socket_directories=' -c fsync=off -c log_checkpoints=off
      # postgres may not enter the folder this was called from.
      (cd / && exec ip netns exec shop-postgres "$@") >"$log" 2>&1 &
      ;;
    redis)
      ip netns exec shop-redis redis-server --dir "$state" --save '' --appendonly no \
        --protected-mode no >"$log" 2>&1 &
      ;;
  esac
}

# peers: where each service finds the others, as the arguments of env(1).
peers() {
  for name in $names; do
    echo "$(echo "$name" | tr '[:lower:]' '[:upper:]')_HOST=$(address_of "$name")"
  done
}

start_service() {
  # shellcheck disable=SC2046 # a list of variables
  ip netns exec "shop-$1" env $(peers) "INSTANCE=shop-$1-1" "ADMIN_SOCKET=$state/$1.sock" \
    node "$here/services/$1.mjs" >"$state/$1.log" 2>&1 &
}

run_once() {
  instance=$1
  namespace=shop-$2
  program=$3
  shift 3
  # shellcheck disable=SC2046
  set -- ip netns exec "$namespace" env $(peers) "INSTANCE=$instance" "$@"
  ip netns exec "$namespace" sysctl -qw "net.ipv4.ip_local_port_range=${local_ports:-32768 60999}"
  case $program in
    k6:*)
      if [ -n "${TRUTH_DIR:-}" ]; then
        set -- "$@" k6 run --out "json=$TRUTH_DIR/k6.json" --summary-export "$TRUTH_DIR/k6-summary.json"
      else
        set -- "$@" k6 run
      fi
      "$@" --quiet "$here/${program#k6:}"
      ;;
    *) "$@" node "$here/$program" ;;
  esac
}

control() { ADMIN_SOCKET="$state/$1.sock" node "$here/services/admin.mjs" "$2"; }

log_of() { cat "$state/$1.log"; }
