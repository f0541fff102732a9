#!/bin/sh
# Everything that can be said about the sources without running them. Goes on after a failure, so that
# one run shows all there is to mend, and ends with 1 if anything failed.
set -u
cd "$(dirname "$0")/.."

failed=
# check NAME COMMAND...
check() {
  name=$1
  shift
  echo "check: $name"
  "$@" || failed="$failed $name"
}

check types node_modules/.bin/tsc -p tsconfig.eslint.json
if [ -e src/report/client/tsconfig.json ]; then
  check page-types node_modules/.bin/tsc -p src/report/client/tsconfig.json --noEmit
fi
check lint node_modules/.bin/eslint --max-warnings=0 .
check format node_modules/.bin/prettier --check --log-level=warn .

if command -v clang-format >/dev/null; then
  # vmlinux.h is cut from the kernel's own types and keeps their shape.
  sources=$(find bpf -name '*.[ch]' -not -name 'vmlinux*.h')
  # shellcheck disable=SC2086 # a list of files
  check bpf-format clang-format --dry-run -Werror $sources
else
  echo 'check: clang-format is missing, so the format of bpf/ is not checked' >&2
fi

if [ -e scripts/gen-layout.mjs ]; then check layout node scripts/gen-layout.mjs --check; fi

if [ -n "$failed" ]; then
  echo "check: failed:$failed" >&2
  exit 1
fi
