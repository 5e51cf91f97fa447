"""From opening the data folder to the first answer and the first event taken
in, beside a plain read of every file of the folder."""

from actor import BenchError
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
    """Fills until there is a tail, then dies in the middle."""
    with world.engine("main") as engine:
        try:
            engine.ask(f"die {world.users} {SEED} {SEED + 1 + turn} "
                       f"{TAIL_FROM_DAY} {TAIL}")
        except BenchError:
            if engine.process.wait() != -9:
                raise
