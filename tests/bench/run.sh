#!/usr/bin/env bash
# The benchmark: sets a Debian 12 machine up, builds, generates, measures, and
# prints one table. See README.md beside this file.
#   tests/bench/run.sh [--users 200000|2000000|10000000] [--only SECTION]
#   tests/bench/run.sh --self-test     shows that a wrong answer makes it fail
#   tests/bench/run.sh --parts [..]    Google Benchmark of the parts
source "$(dirname "$0")/../../config/setup.sh"

HERE="$ROOT/tests/bench"
CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/rekindle-bench"

# Outside the tree, and only where the list of modules has changed.
install_modules() {
  mkdir -p "$CACHE"
  export NODE_MODULES="$CACHE"
  cmp -s "$HERE/databases/package.json" "$CACHE/installed.json" && return
  say "installing the databases' npm modules into $CACHE"
  cp "$HERE/databases/package.json" "$CACHE/package.json"
  npm install --prefix "$CACHE" --silent --no-audit --no-fund
  cp "$CACHE/package.json" "$CACHE/installed.json"
}

# To standard error: what this prints on standard output is the table.
{
  # Node.js from elsewhere brings its own npm and excludes Debian's.
  install_packages config/packages.txt tests/bench/packages.txt \
    <(command -v npm >/dev/null || printf 'nodejs\nnpm\n')
  install_modules
  cmake --preset release -DREKINDLE_BENCH=ON >/dev/null
  build release rekindle rekindled rekindle_bench
} >&2

case "${1:-}" in
  --parts)
    shift
    exec build/release/bin/rekindle_bench_parts "$@"
    ;;
  --self-test)
    exec /usr/bin/python3 -B "$HERE/self_test.py"
    ;;
  *)
    exec /usr/bin/python3 -B "$HERE/bench.py" "$@"
    ;;
esac
