"""Shows that the benchmark can be trusted: a wrong answer makes it fail, a goal
out of reach is told, and every row has its verdict."""

import pathlib
import subprocess
import sys

import figures
from table import Measured, render

BENCH = pathlib.Path(__file__).resolve().parent / "bench.py"


def bench(*arguments):
    done = subprocess.run(
        [sys.executable, "-B", str(BENCH), "--users", "2000", "--rounds", "1",
         "--only", "recompute", *arguments],
        capture_output=True, text=True)
    rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines()
            if line.startswith("| ")][1:]
    return done, rows


def expect(holds, what, done=None):
    print(("ok    " if holds else "FAILED") + "  " + what)
    if not holds:
        if done:
            print(done.stdout + done.stderr)
        sys.exit(1)


def check_table():
    figure = figures.Figure("a", "a figure", "its reference", "s",
                            figures.at_least(2))
    for value, verdict in ((1.0, "met"), (1.1, "not met")):
        measured = Measured([figure])
        measured.figure("a", value)
        measured.reference("a", 2.0)
        expect(render(measured).rstrip("| ").endswith(f"| {verdict}"),
               f"2 s beside {value} s, wanted twice as fast: {verdict}")
    for goal, value, verdict in ((figures.at_most(1.1), 1.05, "met"),
                                 (figures.at_most(1.1), 1.2, "not met")):
        expect(("met" if goal.holds(goal.ratio(value, 1, True)) else "not met")
               == verdict, f"{value} beside 1, at most 1.1x: {verdict}")
    measured = Measured([figure])
    measured.leave_out([figure], "no such size")
    expect("no such size" in render(measured) and "| not met" in
           render(measured), "a row that was left out says why: not met")


def main():
    check_table()
    expect(len({f.key for f in figures.FIGURES}) == len(figures.FIGURES),
           "every row has a key of its own")

    done, rows = bench()
    expect(done.returncode == 0, "right answers: exit code 0", done)
    expect(len(rows) == len(figures.FIGURES) and
           all(row[-1].strip() in ("met", "not met") for row in rows),
           "every row ends with its verdict", done)
    expect(any("x" in row[2] for row in rows), "ratios were measured", done)

    done, rows = bench("--spoil")
    expect(done.returncode == 1 and "WRONG ANSWER" in done.stderr,
           "an engine with another threshold: a wrong answer, exit code 1",
           done)
    expect(all(row[-1].strip() == "not met" for row in rows),
           "and no row is met", done)

    done, rows = bench("--goals-times", "1e12")
    expect(done.returncode == 0 and
           all(row[-1].strip() == "not met" for row in rows),
           "goals out of reach: every row says not met, exit code 0", done)


if __name__ == "__main__":
    main()
