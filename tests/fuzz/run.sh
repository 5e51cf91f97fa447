#!/usr/bin/env bash
# The fuzzers, side by side on all cores: sets a Debian 12 machine up, builds,
# runs. See README.md beside this file.
#   tests/fuzz/run.sh [--seconds 60] [NAME..]     NAME: configuration, duration..
#   tests/fuzz/run.sh --build                     no more than that
# What a fuzzer finds lands in build/fuzz/found/; what it learns is kept in
# build/fuzz/corpus/ for the next run.
source "$(dirname "$0")/../../config/setup.sh"

seconds=60
if [[ ${1:-} == --seconds ]]; then
  seconds=$2
  shift 2
fi

install_packages config/packages.txt tests/fuzz/packages.txt
build fuzz
[[ ${1:-} == --build ]] && exit
python3 -B tests/fuzz/seeds.py build/fuzz/seeds

names=("$@")
if ((${#names[@]} == 0)); then
  for file in tests/fuzz/*_fuzz.cc; do
    names+=("$(basename "$file" _fuzz.cc)")
  done
fi

# fuzz NAME SECONDS: one line of how it went; fails where something was found.
fuzz() {
  local name=$1 log=build/fuzz/$1.log dictionary=()
  mkdir -p "build/fuzz/corpus/$name" "build/fuzz/seeds/$name" build/fuzz/found
  [[ -f build/fuzz/seeds/$name.dict ]] &&
    dictionary=("-dict=build/fuzz/seeds/$name.dict")
  # LSan needs a tracer that a container may forbid; leaks show as memory.
  if ASAN_OPTIONS=detect_leaks=0 "build/fuzz/bin/${name}_fuzz" \
    -max_total_time="$2" -timeout=5 -rss_limit_mb=1024 -max_len=8192 \
    -artifact_prefix="build/fuzz/found/$name-" -print_final_stats=1 \
    "${dictionary[@]}" "build/fuzz/corpus/$name" "build/fuzz/seeds/$name" \
    "tests/fuzz/corpus/$name" </dev/null >"$log" 2>&1; then
    awk -v name="$name" '/number_of_executed_units/ {runs = $2}
      /average_exec_per_sec/ {rate = $2}
      END {printf "%-16s %10d inputs, %6d a second: nothing found\n", name,
           runs, rate}' "$log"
  else
    printf '%-16s FOUND SOMETHING; the end of %s:\n' "$name" "$log"
    tail -n 25 "$log" | cut -c1-200
    return 1
  fi
}
export -f fuzz

say "fuzzing ${names[*]}, $seconds s each"
printf '%s\n' "${names[@]}" |
  xargs -P "$(nproc)" -I{} bash -c "fuzz {} $seconds"
