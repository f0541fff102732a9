#!/bin/sh
# Builds dist/: TypeScript, the page's bundle and the BPF object. Each part is built only when one of
# its sources is newer than what was built from them. With -q it says nothing but warnings.
set -eu
cd "$(dirname "$0")/.."

quiet=false
[ "${1:-}" = -q ] && quiet=true
stamps=dist/.stamps
mkdir -p "$stamps" dist/bpf

# Two builds at once would take each other's stamps.
if command -v flock >/dev/null; then
  exec 9>"$stamps/lock"
  flock 9
fi

say() { $quiet || echo "build: $*"; }

# stale STAMP PATH...: true when the stamp is missing or a file below PATH is newer than it. A folder's
# own time counts too, so that a deleted file is noticed.
stale() {
  stamp=$1
  shift
  [ -e "$stamp" ] || return 0
  for path in "$@"; do
    [ -e "$path" ] || continue
    [ -z "$(find "$path" -newer "$stamp" -print | head -n 1)" ] || return 0
  done
  return 1
}

# begin STAMP: the time at which a part's build started, kept aside until it has succeeded, so that a
# source saved during the build counts as newer. Two builds at once must not meet in one file.
begin() { : >"$1.$$"; }
done_with() { mv "$1.$$" "$1"; }
trap 'rm -f "$stamps"/*.$$' EXIT

build_typescript() {
  stale "$stamps/tsc" src tsconfig.json package.json || return 0
  say 'TypeScript'
  begin "$stamps/tsc"
  node_modules/.bin/tsc -p tsconfig.json
  # Output of sources that are gone must not stay importable: tsc has just written all the others.
  find dist -name '*.js' -not -path dist/report/client.js -not -newer "$stamps/tsc.$$" -delete
  if [ -e dist/cli.js ]; then chmod +x dist/cli.js; fi
  done_with "$stamps/tsc"
}

build_client() {
  [ -e scripts/build-client.mjs ] || return 0
  stale "$stamps/client" src/report/client src/report/data.ts scripts/build-client.mjs package.json ||
    [ ! -e dist/report/client.js ] || return 0
  say 'the page'
  begin "$stamps/client"
  if [ -e src/report/client/tsconfig.json ]; then
    node_modules/.bin/tsc -p src/report/client/tsconfig.json --noEmit
  fi
  node scripts/build-client.mjs
  done_with "$stamps/client"
}

build_bpf() {
  [ -e bpf/dhrishti.bpf.c ] || return 0
  for object in dhrishti features; do
    [ -e "dist/bpf/$object.bpf.o" ] || rm -f "$stamps/bpf"
  done
  stale "$stamps/bpf" bpf scripts/build.sh || return 0
  if ! command -v clang >/dev/null; then
    if [ -e dist/bpf/dhrishti.bpf.o ]; then
      echo 'build: clang is missing, so dist/bpf stays as it is although bpf/ has changed' >&2
    else
      echo 'build: clang is missing, so there are no BPF objects: everything but "record" works' >&2
    fi
    return 0
  fi
  case $(uname -m) in
    x86_64) arch=x86 ;;
    aarch64 | arm64) arch=arm64 ;;
    *)
      echo "build: dhrishti records on x86-64 and arm64 only, so no BPF objects for $(uname -m)" >&2
      return 0
      ;;
  esac
  say 'the BPF objects'
  begin "$stamps/bpf"
  for name in dhrishti features; do
    object=dist/bpf/$name.bpf.o
    # Built aside and renamed: a failed build must not leave half an object for the recorder to load.
    clang -g -O2 -target bpf -mcpu=v3 "-D__TARGET_ARCH_$arch" -Wall -Wextra -Wno-unused-parameter \
      -Werror -c "bpf/$name.bpf.c" -o "$object.new"
    # DWARF is of no use to the loader; BTF stays.
    if command -v llvm-strip >/dev/null; then llvm-strip -g "$object.new"; fi
    mv "$object.new" "$object"
  done
  done_with "$stamps/bpf"
}

build_typescript
build_client
build_bpf
