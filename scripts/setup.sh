#!/bin/sh
# Makes a fresh clone ready: system packages, node_modules, dist/. Needs nothing but Node and npm.
#
#   scripts/setup.sh [build|demo|test|bench]
#
# Packages come through apt where that is possible (root, apt-get). Where it is not, the one command to
# run is printed and the rest goes on: the analyzer needs none of them. Says nothing when all is there.
set -eu
cd "$(dirname "$0")/.."

purpose=${1:-build}
case $purpose in
  build | demo | test | bench) ;;
  *)
    echo "setup: \"$purpose\" is not a purpose; use build, demo, test or bench" >&2
    exit 2
    ;;
esac

has() { command -v "$1" >/dev/null 2>&1; }

check_node() {
  has node && has npm || {
    echo 'setup: Node and npm are missing. Install Node 20.19 or newer: https://nodejs.org' >&2
    exit 1
  }
  node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1);
  ' || {
    echo "setup: Node $(node --version) is too old. Install Node 20.19 or newer: https://nodejs.org" >&2
    exit 1
  }
}

# need PACKAGE CONDITION...: notes the package unless the condition holds.
wanted=
need() {
  package=$1
  shift
  "$@" || wanted="$wanted $package"
}

has_postgres() { has postgres || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; }
has_chromium() { has chromium || has chromium-browser || has google-chrome; }
has_libbpf() {
  for library in /usr/lib/*/libbpf.so.1 /usr/lib64/libbpf.so.1 /usr/lib/libbpf.so.1 \
    /lib/*/libbpf.so.1 /usr/local/lib/libbpf.so.1; do
    [ ! -e "$library" ] || return 0
  done
  return 1
}
has_libbpf_headers() {
  [ -e /usr/include/bpf/bpf_helpers.h ] || [ -e /usr/local/include/bpf/bpf_helpers.h ]
}
docker_answers() { has docker && docker info >/dev/null 2>&1; }
# No Docker where the user has brought their own engine that answers.
has_docker_engine() { docker_answers || has dockerd; }

list_packages() {
  # To build the BPF object and ffi-napi.
  need clang has clang
  need llvm has llvm-strip
  need libbpf-dev has_libbpf_headers
  need libbpf1 has_libbpf
  need bpftool has bpftool
  need gcc has gcc
  need g++ has g++
  need make has make
  need python3 has python3
  [ "$purpose" = build ] && return

  need iproute2 has ip
  if [ "$purpose" = bench ]; then
    need wrk has wrk
    need tcpdump has tcpdump
    need bpftrace has bpftrace
    need hey has hey
    need tshark has tshark
    return
  fi

  need iptables has iptables
  need procps has sysctl
  need redis-server has redis-server
  need postgresql has_postgres
  [ "$purpose" = demo ] && return

  need docker.io has_docker_engine
  need haproxy has haproxy
  need chromium has_chromium
  need clang-format has clang-format
  need wrk has wrk
  need hey has hey
  need curl has curl
  need ca-certificates test -d /etc/ssl/certs
  # Other kernels, in machines of their own.
  need qemu-system-x86 has qemu-system-x86_64
  need busybox-static has busybox
  need cpio has cpio
  need xz-utils has xz
}

# Database packages start their server when installed. Nobody asked for one on this machine: a
# policy-rc.d of our own says no while apt runs, unless the machine has one already.
install_packages() {
  policy=/usr/sbin/policy-rc.d
  ours=false
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    ours=true
  fi
  status=0
  export DEBIAN_FRONTEND=noninteractive
  {
    apt-get update -qq &&
      # shellcheck disable=SC2086 # a list of package names
      apt-get install -y -qq --no-install-recommends $wanted
  } >"$log" 2>&1 || status=$?
  if $ours; then rm -f "$policy"; fi
  return "$status"
}

system_packages() {
  [ "$(uname -s)" = Linux ] || return 0
  list_packages
  [ -n "$wanted" ] || return 0
  command="apt-get install -y --no-install-recommends$wanted"
  if ! has apt-get; then
    echo "setup: some programs are missing; on Debian they are the packages:$wanted" >&2
  elif [ "$(id -u)" != 0 ]; then
    echo "setup: some packages are missing. To install them: sudo $command" >&2
  else
    echo "setup: installing$wanted"
    log=$(mktemp)
    install_packages || {
      tail -n 20 "$log" >&2
      echo "setup: apt-get failed. Mend what it says above, then: $command" >&2
    }
    rm -f "$log"
  fi
}

node_modules() {
  # By content, not by time: a checkout touches files without changing them.
  stamp=node_modules/.setup-stamp
  lock=$(cksum <package-lock.json)
  if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$lock" ]; then return 0; fi
  echo 'setup: npm ci'
  # Native modules are built against the headers beside Node where they are, instead of a download.
  prefix=$(node -p 'require("node:path").dirname(require("node:path").dirname(process.execPath))')
  if [ -e "$prefix/include/node/node_api.h" ]; then
    npm_config_nodedir=$prefix npm ci --no-audit --no-fund --loglevel=error
  else
    npm ci --no-audit --no-fund --loglevel=error
  fi
  echo "$lock" >"$stamp"
}

check_node
system_packages
node_modules
sh scripts/build.sh
