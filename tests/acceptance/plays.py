#!/usr/bin/env python3
"""Plays the demo's campaign many times and counts how often the review's 95 %
interval holds the share that was really set: 93 to 97 % of the intervals must.

    python3 tests/acceptance/plays.py --plays 1000 [--users 4000] [--jobs 2]

Each play draws the users' answers anew (generate --outcome-seed) after one and
the same history and run. Outside CI: 1,000 plays take some minutes.
"""

import argparse
import concurrent.futures
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from support import ROOT, World  # noqa: E402

RUN_DAY, LAST_DAY = "2026-03-23", "2026-03-22"
RUN_AT = f"{RUN_DAY}T10:00:00+08:00"
REVIEW_AT = "2026-04-20"
EFFECTS = {"wake-car-control": 0.15, "wake-community": 0.0}


def history(folder, users):
    """The shipped example after its run: a world to play on from."""
    shutil.copytree(ROOT / "config/examples/car-app", folder,
                    dirs_exist_ok=True)
    world = World(folder, (folder / "rekindle.yaml").read_text("utf-8"))
    world.run("generate", "--users", users, "--months", 4, "--seed", 7,
              "--end", LAST_DAY, "--out", "history")
    world.run("import", "--users", "history/users.csv.gz")
    world.run("import", "history/events.csv.gz")
    world.run("run", "--as-of", RUN_AT)
    touches = world.run("export", "touches", "--as-of", RUN_AT).stdout
    world.write("touches.csv", touches)
    return world


def play(base, users, seed, folder):
    """One play: rule -> its review row."""
    world = World(folder, (base.folder / "rekindle.yaml").read_text("utf-8"))
    for name in ["rules", "templates", "data"]:
        shutil.copytree(base.folder / name, world.folder / name)
    effects = [a for rule, share in EFFECTS.items()
               for a in ("--effect", f"{rule}={share:.0%}")]
    world.run("generate", "--users", users, "--months", 4, "--seed", 7,
              "--end", LAST_DAY, "--follow", base.folder / "touches.csv",
              "--weeks", 2, "--outcome-seed", seed, *effects, "--out", "after")
    world.run("import", "after/following.csv.gz")
    rows = world.rows("review", "--as-of", REVIEW_AT)
    return {r["rule_id"]: r for r in rows if r["rule_id"] in EFFECTS}


def holds(row, share):
    return float(row["uplift_low"]) <= share <= float(row["uplift_high"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--plays", type=int, default=1000)
    parser.add_argument("--users", type=int, default=4000)
    parser.add_argument("--jobs", type=int, default=2)
    ask = parser.parse_args()
    held = dict.fromkeys(EFFECTS, 0)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        base = history(folder / "base", ask.users)

        def one(seed):
            place = folder / f"play{seed}"
            place.mkdir()
            rows = play(base, ask.users, seed, place)
            shutil.rmtree(place)
            return rows

        with concurrent.futures.ThreadPoolExecutor(ask.jobs) as pool:
            for rows in pool.map(one, range(1, ask.plays + 1)):
                for rule, share in EFFECTS.items():
                    held[rule] += holds(rows[rule], share)
    failed = False
    for rule, share in EFFECTS.items():
        part = held[rule] / ask.plays
        failed |= not 0.93 <= part <= 0.97
        print(f"{rule}: set {share:.0%}, held by {held[rule]} of {ask.plays} "
              f"intervals ({part:.1%})")
    sys.exit(failed)


if __name__ == "__main__":
    main()
