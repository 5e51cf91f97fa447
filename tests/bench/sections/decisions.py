"""Decisions per second: 500 rules over all users in one tick, and one rule that
sends to everybody, each beside SQLite inserting as many rows and nothing
else."""

from figures import DECISIONS
from world import say

FIGURES = DECISIONS
ROUNDS = 3


def rate(done, what):
    return done[what] / done["seconds"]


def run(world):
    say("decisions of 500 rules")
    m = world.measured
    for _ in range(ROUNDS):
        done = world.program("decide", world.folder / "decide", "--users",
                             world.users, "--rules", 500)
        say(f"{done['run']['decisions']:,} decisions, "
            f"{done['run']['touches']:,} touches; planned in "
            f"{done['plan']['seconds']:.2f} s, run in "
            f"{done['run']['seconds']:.2f} s")
        m.figure("decisions.rows", rate(done["run"], "decisions"))
        m.reference("decisions.rows", rate(done["rows"], "rows"))
        m.figure("decisions.touches", rate(done["send"], "decisions"))
        m.reference("decisions.touches", rate(done["touches"], "rows"))
