"""Runs every section, then prints the table. tests/bench/run.sh sets up what
this needs. Exit code 1 where an answer was wrong or a section broke; goals
that were missed are told by the table alone."""

import argparse
import dataclasses
import os
import pathlib
import shutil
import sys
import tempfile
import traceback

import figures
from sections import (bulk, decisions, delivery, intake, many_rules, memory,
                      recompute, start)
from sections.recompute import WrongAnswer
from table import Measured, render
from world import World, say

# In this order: the start adds to the history that the others rest on.
SECTIONS = {"recompute": recompute, "memory": memory, "bulk": bulk,
            "intake": intake, "rules": many_rules, "decisions": decisions,
            "start": start, "delivery": delivery}


def parse_options():
    parser = argparse.ArgumentParser(
        prog="tests/bench/run.sh",
        description="The engine beside what people would use instead.")
    parser.add_argument("--users", type=int, default=200_000,
                        help="default 200000; also 2000000 and 10000000")
    parser.add_argument("--rounds", type=int, default=5,
                        help="turns of what takes milliseconds")
    parser.add_argument("--only", choices=SECTIONS, action="append",
                        help="these sections alone")
    parser.add_argument("--touches", type=int, default=100_000,
                        help="of the delivery section, a fifth of them as "
                        "mails; default 100000, its goals were set for 1000000")
    parser.add_argument("--work", default="",
                        help="a new folder for the data, kept (default: one "
                        "under /var/tmp, removed)")
    # For the self-test: settings that give other answers, goals out of reach.
    parser.add_argument("--spoil", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--goals-times", type=float, default=1,
                        help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work and pathlib.Path(options.work).exists():
        parser.error(f"{options.work} is there already: its data would be "
                     "taken for this run's")
    return options


def harder(figure, times):
    goal = figure.goal
    bound = goal.bound * times if goal.better else goal.bound / times
    return dataclasses.replace(
        figure, goal=dataclasses.replace(goal, bound=bound))


def run_sections(world, names):
    """True where all went well."""
    well = True
    for name, section in SECTIONS.items():
        if name not in names:
            continue
        try:
            section.run(world)
        except WrongAnswer as wrong:
            say(f"WRONG ANSWER: {wrong}")
            world.measured.leave_out(section.FIGURES, "a wrong answer")
            well = False
        except Exception:
            traceback.print_exc()
            world.measured.leave_out_rest(section.FIGURES, "the section broke")
            well = False
    return well


def describe_machine(options):
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo")
                  if line.startswith("model name")), "unknown")
    return (f"{options.users:,} users, 24 months, 12 behaviors, 20 segments; "
            f"{os.cpu_count()} x {model}, load {os.getloadavg()[0]:.1f}")


def main():
    options = parse_options()
    kept = bool(options.work)
    if not kept:
        options.work = tempfile.mkdtemp(prefix="rekindle-bench-",
                                        dir="/var/tmp")
        pathlib.Path(options.work).chmod(0o755)  # PostgreSQL's user looks in
    measured = Measured([harder(figure, options.goals_times)
                         for figure in figures.FIGURES])
    begin = describe_machine(options)
    try:
        well = run_sections(World(options, measured),
                            options.only or list(SECTIONS))
    finally:
        if not kept:
            shutil.rmtree(options.work, ignore_errors=True)
    print(begin)
    print(render(measured))
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
