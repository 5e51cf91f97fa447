"""What a process holds that has opened the last three months and found all
answers, beside 160 bytes a user."""

from figures import MEMORY
from world import say

FIGURES = MEMORY
GOAL = 160


def run(world):
    say("memory")
    name = "state" if world.has_history else "main"
    world.fill(name, "state")
    with world.engine(name) as engine:
        held = engine.ask("memory")
    for what in ("resident", "allocated"):
        world.measured.figure(f"memory.{what}", held[what] / held["users"])
        world.measured.reference(f"memory.{what}", GOAL)
