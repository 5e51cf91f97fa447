# Sourced by daemon/demo.sh, tests/run.sh and tests/bench/run.sh: installs what
# is missing on a Debian 12 machine, configures and builds. Says what it does; a
# second call only checks.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"

# Lets ccache share what it built with precompiled headers.
export CCACHE_SLOPPINESS=pch_defines,time_macros

say() { printf '\n== %s\n' "$*"; }

# install_packages [LIST..]: those of config/packages.txt by default
install_packages() {
  local missing=() package
  while read -r package; do
    [[ -z "$package" || "$package" == \#* ]] && continue
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null |
      grep -q '^install ok installed$' || missing+=("$package")
  done < <(cat "${@:-config/packages.txt}")
  if ((${#missing[@]} == 0)); then
    return
  fi
  say "installing ${#missing[@]} packages: ${missing[*]}"
  local sudo=()
  ((EUID == 0)) || sudo=(sudo)
  "${sudo[@]}" apt-get update -qq
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# build PRESET [TARGET..]
build() {
  local preset=$1 log
  shift
  say "building ($preset)"
  log=$(mktemp)
  [[ build/$preset/build.ninja -nt CMakePresets.json ]] ||
    cmake --preset "$preset" >/dev/null
  if ! cmake --build --preset "$preset" -j2 ${1:+--target "$@"} >"$log" 2>&1
  then
    tail -n 60 "$log"
    rm -f "$log"
    return 1
  fi
  tail -n 1 "$log"
  rm -f "$log"
}
