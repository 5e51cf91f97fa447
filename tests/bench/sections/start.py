"""From opening the data folder to the first answer and the first event taken
in, beside a plain read of every file of the folder."""

from actor import BenchError, EndedUnexpectedly
from figures import START
from world import SEED, say

FIGURES = START
ROUNDS = 3
TAIL = 1_000_000  # events taken in and not yet saved when the kill comes
TAIL_FROM_DAY = 700


def run(world):
    say("start after a clean stop and after a kill")
    world.fill("main", world.main_part)
    for turn in range(ROUNDS):
        start(world, "start.clean")
        kill(world, turn)
        start(world, "start.killed")


def start(world, key):
    with world.engine("main") as engine:
        reference = engine.ask("read_files")["seconds"]
        world.measured.figure(key, engine.ask("start")["seconds"])
    world.measured.reference(key, reference)


def kill(world, turn):
    """Takes events in until there is a tail, then dies in the middle."""
    id_seed = SEED + (turn + 1) * 10**12  # ids that were never used before
    engine = world.engine("main")
    try:
        engine.ask(f"die all {world.users} {SEED} {id_seed} "
                   f"{TAIL_FROM_DAY} {TAIL}")
    except EndedUnexpectedly:
        return
    finally:
        engine.stop()
    raise BenchError("the engine outlived its kill")
