#!/usr/bin/env bash
# The main job from end to end on a synthetic car app: half a year of history,
# states and flows, the shipped rules planned and run into hand-off files, the
# following weeks, and what the rules changed. Ends serving the pages;
# `--once` exits instead.
source "$(dirname "$0")/../config/setup.sh"

USERS=${REKINDLE_DEMO_USERS:-20000}
SEED=${REKINDLE_DEMO_SEED:-7}
ONCE=0
[[ ${1:-} == --once ]] && ONCE=1

install_packages
build release rekindle rekindled
PATH="$ROOT/build/release/bin:$PATH"

DEMO="$ROOT/build/demo"
rm -rf "$DEMO"
mkdir -p "$DEMO"
cp -r config/examples/car-app/. "$DEMO"
cd "$DEMO"

# The rules run on a Monday in the second half of a month, at least four weeks
# ago, so that the weeks after it can be played and judged.
RUN_DAY=$(for back in $(seq 28 90); do
  day=$(TZ=Asia/Shanghai date -d "-$back days" '+%F %u %-d')
  read -r date weekday number <<< "$day"
  ((weekday == 1 && number >= 15)) && echo "$date" && break
done)
RUN_AT="${RUN_DAY}T10:00:00+08:00"
LAST_DAY=$(date -d "$RUN_DAY -1 day" +%F)
WEEKS=$(( ($(date +%s) - $(date -d "$RUN_AT" +%s)) / 604800 ))

say "half a year of a car app: $USERS users up to $RUN_DAY"
rekindle generate --users "$USERS" --months 6 --seed "$SEED" --end "$LAST_DAY" --out history
rekindle import --users history/users.csv.gz
rekindle import history/events.csv.gz

say "states and labels, as of $RUN_AT"
rekindle recompute --as-of "$RUN_AT"
rekindle export flows --as-of "$RUN_AT" --format csv |
  (read -r header; echo "$header"; tail -n 6) | column -s, -t

say "what the rules would do"
rekindle plan --as-of "$RUN_AT" --format csv >plan.csv
echo "(one row a matched user in $DEMO/plan.csv)"

say "running them into hand-off files"
rekindle run --as-of "$RUN_AT" --format table
find handoff -name '*.csv' -printf '%p  ' -exec sh -c 'echo "$(($(wc -l <"$1") - 1)) rows"' _ {} \;

say "the next $WEEKS weeks: one rule really works, the others change nothing"
rekindle export touches --as-of "$RUN_AT" --format csv >touches.csv
rekindle generate --users "$USERS" --months 6 --seed "$SEED" --end "$LAST_DAY" \
  --follow touches.csv --weeks "$WEEKS" \
  --effect wake-car-control=15% --effect wake-community=0% --out after
rekindle import after/following.csv.gz

say "what they changed"
rekindle recompute
rekindle review --format csv |
  cut -d, -f1,6,7,16,18-22,24 | column -s, -t
USER_ID=$(awk -F, 'NR > 1 && $3 == "send" {print $2; exit}' plan.csv)
say "one user: rekindle explain $USER_ID"
rekindle explain "$USER_ID" | head -n 24

if ((ONCE)); then
  say "done; the folder is $DEMO"
  exit 0
fi
say "pages: http://127.0.0.1:8080/   (Ctrl-C ends)"
exec rekindled --config rekindle.yaml
