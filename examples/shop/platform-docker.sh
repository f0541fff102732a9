# The shop as containers, named and labelled as Docker Compose would. Sourced by shop.sh.

# Only what carries this label is ever removed: somebody may have a project named "shop" of their own.
ours=dhrishti.example=shop

platform_up() {
  platform_down
  sh "$here/images.sh"
  docker network create --label "$ours" shop >/dev/null
}

platform_down() {
  databases=$(for name in postgres redis; do
    docker ps -q --filter "label=$ours" --filter "label=com.docker.compose.service=$name"
  done)
  # Services first, so that they close their connections and write down what they know: all containers of one
  # "docker stop" end at once, and a service whose database is gone connects again and is refused.
  services=$(docker ps -q --filter "label=$ours" | grep -vxF "$databases" || true)
  # shellcheck disable=SC2086 # lists of ids
  [ -z "$services" ] || docker stop -t 5 $services >/dev/null
  # shellcheck disable=SC2086
  [ -z "$databases" ] || docker stop -t 5 $databases >/dev/null
  containers=$(docker ps -aq --filter "label=$ours")
  # shellcheck disable=SC2086
  [ -z "$containers" ] || docker rm -f -v $containers >/dev/null
  network=$(docker network ls -q --filter "label=$ours")
  # shellcheck disable=SC2086
  [ -z "$network" ] || docker network rm $network >/dev/null
}

# options INSTANCE SERVICE: what every container is started with, into $options.
options() {
  options="--name $1 --hostname $1 --network shop --network-alias $2 --label $ours
    --label com.docker.compose.project=shop --label com.docker.compose.service=$2
    --label com.docker.compose.container-number=${1##*-}"
}

start_database() {
  image=$1
  options "shop-$1-1" "$1"
  case $1 in
    postgres)
      set -- postgres -c 'listen_addresses=*' -c unix_socket_directories=/tmp -c fsync=off \
        -c log_checkpoints=off
      ;;
    redis) set -- redis-server --save '' --appendonly no --protected-mode no ;;
  esac
  # shellcheck disable=SC2086 # a list of options
  docker run -d $options "dhrishti-shop/$image" "$@" >/dev/null
}

# service_options INSTANCE SERVICE
service_options() {
  options "$1" "$2"
  options="$options -e INSTANCE=$1 -e ADMIN_SOCKET=/tmp/admin.sock"
  if [ -n "${TRUTH_DIR:-}" ]; then
    mkdir -p "$TRUTH_DIR"
    # The services run as another user.
    chmod 1777 "$TRUTH_DIR"
    options="$options -e TRUTH_DIR=/truth -v $(cd "$TRUTH_DIR" && pwd):/truth"
  fi
}

start_service() {
  service_options "shop-$1-1" "$1"
  if [ "$1" = gateway ]; then
    options="$options -p ${SHOP_PORT:-127.0.0.1:18080}:8080"
  fi
  # shellcheck disable=SC2086
  docker run -d $options dhrishti-shop/service node "services/$1.mjs" >/dev/null
}

run_once() {
  service_options "$1" "$2"
  program=$3
  shift 3
  for variable in "$@"; do options="$options -e $variable"; done
  case $program in
    k6:*)
      # What k6 writes goes where the services write what they know.
      if [ -n "${TRUTH_DIR:-}" ]; then
        set -- --out json=/truth/k6.json --summary-export /truth/k6-summary.json
      else
        set --
      fi
      set -- -v "$(readlink -f "$(command -v k6)"):/usr/bin/k6:ro" -v "$here:/scripts:ro" \
        dhrishti-shop/service k6 run --quiet "$@" "/scripts/${program#k6:}"
      ;;
    *) set -- dhrishti-shop/service node "$program" ;;
  esac
  if [ -n "${local_ports:-}" ]; then
    set -- --sysctl "net.ipv4.ip_local_port_range=$local_ports" "$@"
  fi
  # shellcheck disable=SC2086
  docker run --rm $options "$@"
}

control() { docker exec "shop-$1-1" node services/admin.mjs "$2"; }

log_of() { docker logs "shop-$1-1"; }
