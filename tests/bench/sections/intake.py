"""The HTTP intake of the real daemon under 64 connections, the load generator
on the same cores. Every event carries a fresh message id; 200 is counted only.
Afterwards the journal must hold exactly what was answered with 200."""

import base64
import contextlib
import itertools
import shutil

from actor import BenchError
from figures import INTAKE, LONG_HISTORY, SLOW_INTAKE
from sections.recompute import WrongAnswer
from sections.servers import BareListener, Nginx, PostgreSql
from world import Daemon, alternate, has_intake, say

FIGURES = INTAKE + SLOW_INTAKE + LONG_HISTORY
ROUNDS = 4
SECONDS = 3  # of each turn
BATCH = 100
FIRST_DAY = 600
AUTHORIZATION = "Basic " + base64.b64encode(
    f"{Daemon.KEY}:".encode()).decode()

# Sets the message ids of each turn apart.
run_numbers = itertools.count(1)


class Load:
    """Turns of requests, and how many events they brought in."""

    def __init__(self, world):
        self.world = world
        self.batches = world.generate(
            "batches.txt", "--format", "batches", "--first-day", FIRST_DAY,
            "--limit", 200_000)
        self.singles = world.generate(
            "singles.txt", "--format", "ndjson", "--first-day", FIRST_DAY,
            "--limit", 20_000)
        self.taken_in = 0

    def turn(self, port, single=False, seconds=SECONDS):
        done = self.world.program(
            "load", "--port", port, "--seconds", seconds,
            "--bodies", self.singles if single else self.batches,
            "--path", "/v1/track" if single else "/v1/batch",
            "--authorization", AUTHORIZATION, "--run", next(run_numbers))
        # Being told to come back later (429) is an answer; all else is not.
        if set(done["statuses"]) - {"200", "429"}:
            raise BenchError(f"answers by status: {done['statuses']}")
        done["rate"] = (done["in_time"] / done["seconds"] *
                        (1 if single else BATCH))
        done["events"] = (done["statuses"].get("200", 0) *
                          (1 if single else BATCH))
        return done

    def warm_up(self, daemon, counted=True):
        """However long the first answers take: the load waits for them."""
        done = self.turn(daemon.port, seconds=1)
        self.taken_in += done["events"] if counted else 0

    def on_daemon(self, daemon, **options):
        done = self.turn(daemon.port, **options)
        if done["in_time"] == 0:
            raise BenchError("no answer in time")
        self.taken_in += done["events"]
        return done


def journal_events(world, name):
    with world.engine(name) as engine:
        engine.ask("open")
        return engine.ask("events")["events"]


class Comparison:
    """One kind of disk: the daemon and its references in turns."""

    def __init__(self, world, prefix, load, env):
        self.world, self.prefix, self.load, self.env = world, prefix, load, env

    def run(self):
        world = self.world
        with contextlib.ExitStack() as stack:
            self.daemon = stack.enter_context(
                Daemon(world, "tenth", self.env))
            self.listener = stack.enter_context(BareListener(world))
            self.nginx = self.optional(stack, Nginx, ".p99.nginx", world)
            self.postgresql = self.optional(
                stack, PostgreSql, ".batches.postgresql", world,
                self.env.get("LD_PRELOAD"))
            self.load.warm_up(self.daemon)
            alternate(ROUNDS, self.batches, self.sqlite_batches,
                      self.rows_in_postgresql, self.bare_listener,
                      self.bare_nginx, self.singles, self.sqlite_singles)

    # A reference that cannot be had empties its own row only.
    def optional(self, stack, server, key, *arguments):
        try:
            return stack.enter_context(server(*arguments))
        except BenchError as missing:
            self.world.measured.leave_out(
                [f for f in FIGURES if f.key == self.prefix + key],
                str(missing))
            return None

    def figure(self, key, value):
        self.world.measured.figure(self.prefix + key, value)

    def reference(self, key, value):
        self.world.measured.reference(self.prefix + key, value)

    def batches(self):
        done = self.load.on_daemon(self.daemon)
        self.figure(".batches.sqlite", done["rate"])
        self.figure(".batches.postgresql", done["rate"])
        self.figure(".p99.listener", done["p99"] * 1000)
        self.figure(".p99.nginx", done["p99"] * 1000)

    def singles(self):
        self.figure(".single.sqlite",
                    self.load.on_daemon(self.daemon, single=True)["rate"])

    def sqlite(self, key, batch):
        done = self.world.program(
            "sqlite", self.world.folder / "keyed.db", "--batch", batch,
            "--seconds", SECONDS, env=self.env)
        self.reference(key, done["rows"] / done["seconds"])

    def sqlite_batches(self):
        self.sqlite(".batches.sqlite", BATCH)

    def sqlite_singles(self):
        self.sqlite(".single.sqlite", 1)

    def rows_in_postgresql(self):
        if self.postgresql:
            self.reference(".batches.postgresql",
                           self.postgresql.rows_a_second(SECONDS))

    def bare_listener(self):
        self.reference(".p99.listener",
                       self.load.turn(self.listener.port)["p99"] * 1000)

    def bare_nginx(self):
        if self.nginx:
            self.reference(".p99.nginx",
                           self.load.turn(self.nginx.port)["p99"] * 1000)


def long_history(world, load):
    """Two daemons, the one's history ten times as long as the other's."""
    measured = world.measured
    if not world.has_history:
        measured.leave_out(LONG_HISTORY,
                           f"{world.users:,} users have no history here")
        return
    world.fill("main", "all")
    with Daemon(world, "tenth") as short, Daemon(world, "main") as whole:
        load.warm_up(short)
        load.warm_up(whole, counted=False)
        alternate(
            ROUNDS,
            lambda: measured.figure("intake.history",
                                    load.turn(whole.port)["rate"]),
            lambda: measured.reference("intake.history",
                                       load.on_daemon(short)["rate"]))


def run(world):
    if not has_intake(world):
        reason = "this daemon has no HTTP intake yet"
        say(f"intake: {reason}")
        world.measured.leave_out(FIGURES, reason)
        return
    world.fill("tenth", "tenth" if world.has_history else "state")
    load = Load(world)
    before = journal_events(world, "tenth")
    say("intake")
    Comparison(world, "intake", load, {}).run()
    # Where every user may read it: PostgreSQL runs as one of its own.
    shim = shutil.copy(world.shim, world.folder)
    say("intake, every sync 2 ms slower")
    Comparison(world, "slow", load, {"LD_PRELOAD": str(shim)}).run()
    say("intake on a long history")
    long_history(world, load)
    kept = journal_events(world, "tenth") - before
    if kept != load.taken_in:
        raise WrongAnswer(f"{load.taken_in:,} events were answered with 200, "
                          f"the journal has {kept:,} more than before")
    world.remove("batches.txt", "singles.txt")
