#!/usr/bin/env bash
# All tests: sets a Debian 12 machine up, builds, then runs the unit tests, the
# acceptance tests and, for twenty seconds each, the fuzzers. `tests/run.sh unit`,
# `acceptance` or `fuzz` runs one part.
source "$(dirname "$0")/../config/setup.sh"

part=${1:-all}
# Node.js from elsewhere brings its own npm and excludes Debian's.
install_packages config/packages.txt \
  <(command -v npm >/dev/null || printf 'nodejs\nnpm\n')
[[ $part == fuzz ]] || build release
failed=0

if [[ $part == all || $part == unit ]]; then
  say "unit tests"
  ctest --test-dir build/release -j2 --timeout 300 --output-on-failure \
    --progress || failed=1
fi
if [[ $part == all ]]; then
  # Acceptance tests wait most of the time: the fuzzers are built meanwhile, and
  # what is wrong with that is told when they are to run.
  nice -n 19 bash tests/fuzz/run.sh --build >/dev/null 2>&1 &
fi
if [[ $part == all || $part == acceptance ]]; then
  say "acceptance tests"
  # Two files at once: many of them wait most of the time.
  REKINDLE_BIN="$ROOT/build/release/bin" \
    /usr/bin/python3 -m pytest -q -p no:cacheprovider -rs -n 2 \
    --dist loadfile tests/acceptance || failed=1
fi
wait
if [[ $part == all || $part == fuzz ]]; then
  bash tests/fuzz/run.sh --seconds 20 || failed=1
fi
exit $failed
