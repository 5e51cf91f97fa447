"""The rows of the table: what is measured, beside what, and what is wanted.
Nothing else knows a goal.

A goal is on the ratio. `at_least(n)` wants the figure n times better than its
reference (less time, more a second, fewer bytes); `at_most(n)` allows it to be
n times the reference. Sizes named in brackets are those a goal was set for; a
run of another size measures the same and says so in its first line."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    bound: float
    better: bool  # at least so many times better; else at most so many times

    def ratio(self, figure, reference, less_is_better):
        if self.better and less_is_better:
            return reference / figure
        return figure / reference

    def holds(self, ratio):
        return ratio >= self.bound if self.better else ratio <= self.bound

    def __str__(self):
        return ("at least " if self.better else "at most ") + f"{self.bound:g}x"


def at_least(bound):
    return Goal(bound, True)


def at_most(bound):
    return Goal(bound, False)


@dataclass(frozen=True)
class Figure:
    key: str
    name: str
    reference: str
    unit: str  # s, ms, /s, B
    goal: Goal

    @property
    def less_is_better(self):
        return self.unit != "/s"


CLICKHOUSE_WIDE = "ClickHouse, best wide table"
CLICKHOUSE_RAW = "ClickHouse, raw events"
DUCKDB_WIDE = "DuckDB, best wide table"
DUCKDB_RAW = "DuckDB, raw events"

RECOMPUTE = [
    Figure("recompute.bandwidth", "recompute, bitmaps",
           "plain read of what it has to look at", "s", at_least(0.6)),
    Figure("recompute.lists.clickhouse.wide",
           "recompute, 20 id lists [2,000,000 users]", CLICKHOUSE_WIDE, "s",
           at_least(75)),
    Figure("recompute.lists.clickhouse.raw",
           "recompute, 20 id lists [2,000,000 users]", CLICKHOUSE_RAW, "s",
           at_least(400)),
    Figure("recompute.lists.duckdb.wide",
           "recompute, 20 id lists [2,000,000 users]", DUCKDB_WIDE, "s",
           at_least(75)),
    Figure("recompute.lists.duckdb.raw",
           "recompute, 20 id lists [2,000,000 users]", DUCKDB_RAW, "s",
           at_least(400)),
    Figure("recompute.bitmaps.clickhouse.wide",
           "recompute, bitmaps [10,000,000 users]", CLICKHOUSE_WIDE, "s",
           at_least(200)),
    Figure("recompute.bitmaps.clickhouse.memory",
           "recompute, bitmaps [our own goal]",
           "ClickHouse, best wide table, results kept in memory too", "s",
           at_least(10)),
    Figure("recompute.history", "recompute, bitmaps, 24 months of events",
           "the same users, events of the last three months", "s",
           at_most(1.1)),
    Figure("select", "the users of one rule",
           "plain read of the columns it names", "s", at_most(2)),
]
NIGHT = [
    Figure("night.clickhouse.wide", "recompute, durable", CLICKHOUSE_WIDE, "s",
           at_least(15)),
    Figure("night.clickhouse.raw", "recompute, durable", CLICKHOUSE_RAW, "s",
           at_least(100)),
]
REBUILD = [
    Figure("rebuild.clickhouse.raw", "rebuild of all state from the raw log",
           CLICKHOUSE_RAW, "s", at_least(1.5)),
]
BULK = [
    Figure("import.sqlite", "bulk import, NDJSON", "SQLite, keyed insert",
           "/s", at_least(15)),
    Figure("import.simdjson", "bulk import, NDJSON", "simdjson alone", "/s",
           at_least(0.25)),
    Figure("import.disk", "raw events on disk", "their NDJSON", "B",
           at_least(8)),
]


def intake(prefix, where):
    """The rows of the intake; `where` tells the disk's kind."""
    return [
        Figure(f"{prefix}.batches.sqlite", f"intake, batches of 100{where}",
               f"SQLite, keyed insert, 100 a transaction{where}", "/s",
               at_least(11)),
        Figure(f"{prefix}.batches.postgresql",
               f"intake, batches of 100{where}",
               f"PostgreSQL, 8 clients, 100 a transaction{where}", "/s",
               at_least(5)),
        Figure(f"{prefix}.p99.listener", f"intake, batches of 100, p99{where}",
               "bare Beast listener, p99", "ms", at_most(3)),
        Figure(f"{prefix}.p99.nginx", f"intake, batches of 100, p99{where}",
               "nginx, return 200, p99", "ms", at_most(3)),
        Figure(f"{prefix}.single.sqlite", f"intake, single events{where}",
               f"SQLite, 1 a transaction{where}", "/s", at_least(4)),
    ]


INTAKE = intake("intake", "")
SLOW_INTAKE = intake("slow", ", sync + 2 ms")
LONG_HISTORY = [
    Figure("intake.history", "intake, batches of 100, whole history",
           "the same on a tenth of the history", "/s", at_least(0.9)),
]
MEMORY = [
    Figure("memory.resident", "memory a user, resident [10,000,000 users]",
           "the budget", "B", at_most(1)),
    Figure("memory.allocated",
           "memory a user, by malloc [10,000,000 users]", "the budget", "B",
           at_most(1)),
]
DECISIONS = [
    Figure("decisions.rows", "decisions, 500 rules, one tick [1,000,000 users]",
           "SQLite, as many rows of a bare table", "/s", at_least(0.5)),
    Figure("decisions.touches", "decisions, one rule that sends to everybody",
           "SQLite, the same touches, bare inserts", "/s", at_least(0.5)),
]
MANY_RULES = [
    Figure("rules.check", "check of 500 rules", "yaml-cpp, the same file", "s",
           at_most(3)),
    Figure("rules.select", "the users of 500 rules [1,000,000 users]",
           "plain read of the columns they name", "s", at_most(3)),
]
START = [
    Figure("start.clean", "start after a clean stop",
           "plain read of its files", "s", at_most(3)),
    Figure("start.killed", "start after a kill", "plain read of its files",
           "s", at_most(3)),
]

DELIVERY = [
    Figure("delivery.http", "delivery, HTTP, durable ledger [1,000,000]",
           "bare curl_multi loop, the same requests", "/s", at_least(0.5)),
    Figure("delivery.smtp", "delivery, SMTP, durable ledger [200,000]",
           "smtp-source, the same mails", "/s", at_least(0.5)),
]

FIGURES = (RECOMPUTE + NIGHT + REBUILD + BULK + INTAKE + SLOW_INTAKE +
           LONG_HISTORY + MEMORY + MANY_RULES + DECISIONS + START +
           DELIVERY)
