"""500 rules over twelve behaviors: `check` beside a bare parse of the same
file, and the users of all rules beside one read of the columns they name."""

import random

import rules
from actor import Actor
from figures import MANY_RULES
from world import alternate, say

FIGURES = MANY_RULES
COUNT = 500
# No window reaches further back than these months, counted with the current.
MONTHS = 3
WINDOWS = ["7 days", "14 days", "30 days", "2 weeks", "1 month", "2 months",
           "3 months"]
STATES = ["new", "previous_new", "active", "woken", "returned", "dormant",
          "churned"]


def condition(draw):
    """One rule's `when`, as operations teams write them: a state or a length of
    inactivity, and what was done, how often, or no longer."""
    def did(key):
        days = draw.choice(["", "", ", days: {gte: 2}", ", days: {gte: 3}",
                            ", days: {lte: 5}"])
        return (f"{key}: {{behavior: {draw.choice(rules.BEHAVIORS)}, "
                f"within: {draw.choice(WINDOWS)}{days}}}")

    def states():
        picked = draw.sample(STATES, draw.randint(1, 3))
        return f"lifecycle: [{', '.join(picked)}]"

    def inactive():
        days = draw.choice([3, 7, 14, 21])
        return f"inactive: {{at_least: {days} days, less_than: 60 days}}"

    def prefers():
        return f"prefers: {rules.label(draw.randint(1, len(rules.BEHAVIORS)))}"

    def drop():
        return (f"drop: {{behavior: {draw.choice(rules.BEHAVIORS)}, "
                f"within: {draw.choice([14, 30])} days, by: 50%}}")

    def breadth():
        behaviors = ", ".join(draw.sample(rules.BEHAVIORS, 4))
        return (f"breadth: {{behaviors: [{behaviors}], "
                f"within: {draw.choice(WINDOWS)}, gte: 2}}")

    who = draw.choice([states, states, inactive, prefers])
    what = draw.choice([lambda: did("did"), lambda: did("did"), drop, breadth])
    parts = [who(), what()]
    if draw.random() < 0.5:
        parts.append(did("did_not"))
    return "{" + ", ".join(parts) + "}"


def settings(world, data_dir):
    draw = random.Random(42)
    lines = [rules.settings_yaml(data_dir).rstrip("\n"),
             "channels: {out: {type: file, dir: out}}",
             "templates: {hello: {out: {text: Hello}}}",
             "rules:"]
    for i in range(COUNT):
        lines += [
            f"  - id: rule-{i}",
            f"    name: {{zh: 规则 {i}, en: Rule {i}}}",
            f"    when: {condition(draw)}",
            "    send: {channel: out, template: hello}",
            f"    schedule: daily {9 + i % 10:02}:00",
            "    limits: {per_episode: 1, every: 30 days}",
            "    window: 09:00-21:00",
            f"    priority: {i % 20}",
            "    hold_out: 10%",
            "    goal: {behavior: search, within: 7 days}"]
    file = world.folder / "many-rules.yaml"
    file.write_text("\n".join(lines) + "\n")
    return file


def named_bytes(users):
    """The day masks of all behaviors and of activity."""
    return users * (len(rules.BEHAVIORS) + 1) * MONTHS * rules.MASK_BYTES


def run(world):
    say("500 rules")
    m = world.measured
    name = "main" if world.has_history else "state"
    world.fill(name, world.main_part)
    with Actor([world.bin / "rekindle_bench_rules",
                settings(world, name)]) as engine:
        opened = engine.ask("open")
        size = named_bytes(opened["users"])

        def measure(key, figure, reference):
            m.figure(key, engine.ask(figure)["seconds"])
            m.reference(key, engine.ask(reference)["seconds"])

        engine.ask("select")  # what is read from disk once is read
        alternate(world.rounds,
                  lambda: measure("rules.check", "check", "parse"),
                  lambda: measure("rules.select", "select", f"read {size}"))
        say(f"{opened['rules']} rules, {engine.ask('select')['matched']:,} "
            "matches in all")
