"""Bulk import of NDJSON by the operator's command, beside SQLite's keyed insert
of as many rows, simdjson alone on the same file, and the file's own size."""

import re
import subprocess
import time

from actor import BenchError
from figures import BULK
from world import alternate, say

FIGURES = BULK
ROUNDS = 3
FIRST_DAY = 600  # by then there are users enough


ROWS = 2_000_000  # a bulk import: by the million


class Bulk:
    def __init__(self, world):
        self.world = world
        self.rows = ROWS
        self.file = world.generate("import.ndjson", "--format", "ndjson",
                                   "--first-day", FIRST_DAY, "--limit",
                                   self.rows)
        with open(self.file, "rb") as lines:
            self.rows = sum(1 for _ in lines)

    def run(self):
        alternate(ROUNDS, self.engine, self.sqlite, self.simdjson)
        self.world.remove("import.ndjson", "imported")

    def engine(self):
        """A fresh folder each time, the command's own start included."""
        world = self.world
        world.remove("imported")
        settings = world.settings("imported", "imported")
        begin = time.monotonic()
        done = subprocess.run(
            [str(world.bin / "rekindle"), "import", str(self.file), "--config",
             str(settings), "--as-of", "2025-01-01"],
            capture_output=True, text=True)
        seconds = time.monotonic() - begin
        found = re.search(r"(\d+) accepted", done.stdout)
        if done.returncode != 0 or not found or int(found[1]) != self.rows:
            raise BenchError(f"the import of {self.rows} rows went wrong: "
                             f"{done.stdout}{done.stderr}"[-1000:])
        rate = self.rows / seconds
        world.measured.figure("import.sqlite", rate)
        world.measured.figure("import.simdjson", rate)
        # The database, its log, and the message ids in files beside it.
        imported = world.folder / "imported"
        world.measured.figure("import.disk", sum(
            f.stat().st_size for f in imported.rglob("*") if f.is_file() and
            f.relative_to(imported).parts[0].startswith("journal")))
        world.measured.reference("import.disk", self.file.stat().st_size)

    def sqlite(self):
        done = self.world.program(
            "sqlite", self.world.folder / "import.db", "--batch", 10000,
            "--rows", self.rows)
        self.world.measured.reference("import.sqlite",
                                      done["rows"] / done["seconds"])

    def simdjson(self):
        done = self.world.program("parse", self.file)
        if done["events"] != self.rows:
            raise BenchError(f"simdjson found {done['events']} events")
        self.world.measured.reference("import.simdjson",
                                      done["events"] / done["seconds"])


def run(world):
    say("bulk import")
    Bulk(world).run()
