#!/bin/sh
# Builds the shop's images from this machine's own binaries and libraries, without a registry: Node, the
# services and their packages; PostgreSQL; Redis. The names are those of compose.yaml.
#
#   images.sh          builds what is missing or older than its sources
#   images.sh remove   removes the images
set -eu
cd "$(dirname "$0")"

images='dhrishti-shop/service dhrishti-shop/postgres dhrishti-shop/redis'

if [ "${1:-}" = remove ]; then
  for image in $images; do docker image rm -f "$image" >/dev/null 2>&1 || true; done
  exit 0
fi

work=$(mktemp -d)
# initdb runs as postgres, which must be able to pass through.
chmod 0711 "$work"
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# library_tree ROOT FILE...: copies each file into ROOT at its own path, and the libraries it is linked to.
library_tree() {
  root=$1
  shift
  for file in "$@"; do
    copy_file "$root" "$file"
    for library in $(ldd "$file" 2>/dev/null | grep -o '/[^ ]*'); do copy_file "$root" "$library"; done
  done
}

copy_file() {
  [ ! -e "$1$2" ] || return 0
  mkdir -p "$1$(dirname "$2")"
  cp -L "$2" "$1$2"
}

# base_tree ROOT UID NAME: what every image has. Names resolve through Docker's own DNS.
base_tree() {
  mkdir -p "$1/etc" "$1/tmp" "$1/shop"
  chmod 1777 "$1/tmp"
  printf 'root:x:0:0::/:/bin/sh\n%s:x:%s:%s::/tmp:/bin/sh\n' "$3" "$2" "$2" >"$1/etc/passwd"
  printf 'root:x:0:\n%s:x:%s:\n' "$3" "$2" >"$1/etc/group"
  printf 'hosts: files dns\n' >"$1/etc/nsswitch.conf"
}

# fresh IMAGE SOURCE...: true when the image was built from the sources as they are now.
fresh() {
  image=$1
  shift
  sources=$(cat "$@" | sha256sum | cut -c1-16)
  [ "$(docker image inspect -f '{{index .Config.Labels "dhrishti.sources"}}' "$image" 2>/dev/null)" = "$sources" ]
}

# import IMAGE ROOT CHANGE...
import() {
  image=$1
  root=$2
  shift 2
  changes="--change LABEL\ dhrishti.sources=$sources"
  for change in "$@"; do changes="$changes --change '$change'"; done
  # The old one loses its name to the new one and would stay behind without.
  docker image rm -f "$image" >/dev/null 2>&1 || true
  eval "tar -C '$root' -c . | docker import $changes - '$image' >/dev/null"
  echo "shop: built $image"
}

service_image() {
  fresh dhrishti-shop/service images.sh package.json services/* "$(command -v node)" && return 0
  root=$work/service
  base_tree "$root" 1000 node
  library_tree "$root" "$(command -v node)"
  # One path whatever the machine calls its own.
  [ -e "$root/usr/bin/node" ] || ln -s "$(command -v node)" "$root/usr/bin/node"
  cp -R services package.json "$root/shop/"
  node modules.mjs "$root/shop"
  import dhrishti-shop/service "$root" 'WORKDIR /shop' 'USER node' 'ENV PATH=/usr/bin'
}

redis_image() {
  redis=$(command -v redis-server) || missing redis-server
  fresh dhrishti-shop/redis images.sh "$redis" && return 0
  root=$work/redis
  base_tree "$root" 999 redis

  library_tree "$root" "$redis"
  import dhrishti-shop/redis "$root" 'USER redis' 'WORKDIR /tmp' "ENV PATH=$(dirname "$redis")"
}

postgres_image() {
  bin=$(sh ./postgres.sh bin) || missing postgresql
  fresh dhrishti-shop/postgres images.sh postgres.sh "$bin/postgres" && return 0
  root=$work/postgres
  share=$("$bin/pg_config" --sharedir 2>/dev/null || echo "/usr/share/postgresql/$(basename "$(dirname "$bin")")")
  lib=$(dirname "$bin")/lib
  id=$(id -u postgres)
  base_tree "$root" "$id" postgres
  library_tree "$root" "$bin/postgres"
  # Modules that the server loads by name at run time, and the files it reads beside them.
  library_tree "$root" "$lib/plpgsql.so" "$lib/dict_snowball.so"
  mkdir -p "$root$share"
  cp -RL "$share/." "$root$share/"
  # It lists time zones when it starts.
  mkdir -p "$root/usr/share"
  cp -R /usr/share/zoneinfo "$root/usr/share/"
  sh ./postgres.sh data "$root/data"
  import dhrishti-shop/postgres "$root" 'USER postgres' 'ENV PGDATA=/data' "ENV PATH=$bin"
}

missing() {
  echo "shop: $1 is not installed, and the shop's images are built from this machine's own programs." >&2
  echo "shop: To install it: apt-get install -y --no-install-recommends $1" >&2
  exit 1
}

service_image
redis_image
postgres_image
