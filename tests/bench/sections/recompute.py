"""The nightly job: in memory, on disk, from the raw log; every answer compared
with those of both databases."""

import shutil

import rules
from databases import clickhouse, duckdb
from figures import (CLICKHOUSE_RAW, DUCKDB_RAW, NIGHT, REBUILD, RECOMPUTE)
from world import alternate, say

FIGURES = RECOMPUTE + NIGHT + REBUILD
SLOW_ROUNDS = 3  # of what takes seconds each
# So many times the rounds where all turns take milliseconds, of which some take
# half as long as others.
QUICK = 5


class WrongAnswer(Exception):
    pass


def check(name, found, engine):
    """Counts and id sums by state, label and segment; users by months of
    inactivity."""
    for what in ("states", "labels", "segments", "inactive"):
        for i, (theirs, ours) in enumerate(zip(found[what], engine[what]), 1):
            if theirs != ours:
                raise WrongAnswer(f"{name} finds {theirs} in {what}, number "
                                  f"{i}; the engine finds {ours}")
        if len(found[what]) != len(engine[what]):
            raise WrongAnswer(f"{name} and the engine find {what} of "
                              f"different length")


class Recompute:
    def __init__(self, world):
        self.world = world
        self.measured = world.measured

    def run(self):
        world = self.world
        csv = world.generate("events.csv", "--format", "csv", "--part",
                             world.main_part)
        world.fill("main", world.main_part)
        with world.database("clickhouse", "clickhouse") as self.clickhouse, \
                world.database("duckdb", "duck.db") as self.duckdb:
            self.load(csv)
            with world.engine("main") as self.engine:
                self.engine.ask("open")
                self.compare()
                self.in_memory()
                self.without_history()
                self.on_disk()
            self.rebuild()
        world.remove("clickhouse", "duck.db", "duck.db.wal")

    def load(self, csv):
        for name, database, dialect in (
                ("ClickHouse", self.clickhouse, clickhouse),
                ("DuckDB", self.duckdb, duckdb)):
            say(f"{name}: loading")
            database.sql(dialect.load(csv))
            database.sql(dialect.WIDE)
        self.world.remove("events.csv")

    def compare(self):
        say("comparing answers")
        self.answers = self.engine.ask("answers")
        for name, database, dialect, job in (
                ("ClickHouse from raw events", self.clickhouse, clickhouse,
                 clickhouse.FROM_RAW),
                ("ClickHouse from its wide table", self.clickhouse, clickhouse,
                 clickhouse.FROM_WIDE),
                ("ClickHouse in memory", self.clickhouse, clickhouse,
                 clickhouse.IN_MEMORY),
                ("DuckDB from raw events", self.duckdb, duckdb,
                 duckdb.FROM_RAW),
                ("DuckDB from its wide table", self.duckdb, duckdb,
                 duckdb.FROM_WIDE)):
            database.sql(job)
            check(name, dialect.read_answers(database), self.answers)

    def in_memory(self):
        say("recompute, in memory")
        m = self.measured
        world, engine = self.world, self.engine

        def bitmaps():
            done = engine.ask("compute bitmaps")
            m.figure("recompute.bandwidth", done["seconds"])
            m.figure("recompute.bitmaps.clickhouse.wide", done["seconds"])
            m.figure("recompute.bitmaps.clickhouse.memory", done["seconds"])
            m.reference("recompute.bandwidth", engine.ask(
                f"read {rules.job_bytes(world.users)}")["seconds"])

        def lists():
            seconds = engine.ask("compute lists")["seconds"]
            for job in ("clickhouse.wide", "clickhouse.raw", "duckdb.wide",
                        "duckdb.raw"):
                m.figure(f"recompute.lists.{job}", seconds)

        def clickhouse_wide():
            seconds = self.clickhouse.seconds(clickhouse.FROM_WIDE)
            m.reference("recompute.lists.clickhouse.wide", seconds)
            m.reference("recompute.bitmaps.clickhouse.wide", seconds)

        def clickhouse_memory():
            m.reference("recompute.bitmaps.clickhouse.memory",
                        self.clickhouse.seconds(clickhouse.IN_MEMORY))

        def duckdb_wide():
            m.reference("recompute.lists.duckdb.wide",
                        self.duckdb.seconds(duckdb.FROM_WIDE))

        def select():
            done = engine.ask(f"select {rules.SELECTED}")
            m.figure("select", done["seconds"])
            m.reference("select", engine.ask(
                f"read {rules.selected_bytes(world.users)}")["seconds"])

        alternate(world.rounds, bitmaps, clickhouse_wide, lists,
                  clickhouse_memory, duckdb_wide, select)
        self.from_raw(lists)

    def from_raw(self, lists):
        m = self.measured
        if not self.world.has_history:
            m.leave_out([f for f in FIGURES
                         if f.reference in (CLICKHOUSE_RAW, DUCKDB_RAW)],
                        f"{self.world.users:,} users have no raw history here")
            return

        def clickhouse_raw():
            m.reference("recompute.lists.clickhouse.raw",
                        self.clickhouse.seconds(clickhouse.FROM_RAW))

        def duckdb_raw():
            m.reference("recompute.lists.duckdb.raw",
                        self.duckdb.seconds(duckdb.FROM_RAW))

        alternate(SLOW_ROUNDS, clickhouse_raw, lists, duckdb_raw)

    def without_history(self):
        """The same users, the same answers, an eighth of the events."""
        m = self.measured
        rows = [f for f in RECOMPUTE if f.key == "recompute.history"]
        if not self.world.has_history:
            m.leave_out(rows, "nothing but the last three months is there")
            return
        self.world.fill("state", "state")
        with self.world.engine("state") as short:
            short.ask("open")
            check("the engine on the last three months", short.ask("answers"),
                  self.answers)
            alternate(
                QUICK * self.world.rounds,
                lambda: m.figure("recompute.history", self.engine.ask(
                    "compute bitmaps")["seconds"]),
                lambda: m.reference("recompute.history", short.ask(
                    "compute bitmaps")["seconds"]))

    def on_disk(self):
        say("recompute, durable")
        m = self.measured
        # The first stores everybody; a night stores what changed.
        self.engine.ask("night")

        def night(*keys):
            seconds = self.engine.ask("night")["seconds"]
            for key in keys:
                m.figure(key, seconds)

        alternate(
            SLOW_ROUNDS,
            lambda: night("night.clickhouse.wide", "night.clickhouse.raw"),
            lambda: m.reference("night.clickhouse.wide",
                                self.clickhouse.seconds(clickhouse.FROM_WIDE)))
        if not self.world.has_history:
            return
        alternate(
            SLOW_ROUNDS,
            lambda: night("night.clickhouse.raw"),
            lambda: m.reference("night.clickhouse.raw",
                                self.clickhouse.seconds(clickhouse.FROM_RAW)))

    def rebuild(self):
        """Opens a copy of the folder with every behavior defined anew."""
        world, m = self.world, self.measured
        if not world.has_history:
            return
        say("rebuild from the raw log")
        shutil.copytree(world.folder / "main", world.folder / "rebuilt")
        turn = 0

        def engine():
            nonlocal turn
            turn += 1
            with world.engine(
                    "rebuilt", another_definition=f"never_{turn}") as engine:
                m.figure("rebuild.clickhouse.raw",
                         engine.ask("open")["seconds"])
                check("the rebuilt engine", engine.ask("answers"),
                      self.answers)

        alternate(SLOW_ROUNDS, engine,
                  lambda: m.reference("rebuild.clickhouse.raw",
                                      self.clickhouse.seconds(
                                          clickhouse.FROM_RAW)))
        world.remove("rebuilt")


def run(world):
    Recompute(world).run()
