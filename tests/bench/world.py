"""Where a run happens: its folder, its programs, the engine's data folders, the
databases that were filled."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

from actor import Actor, BenchError
import rules

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ALL_EVENTS = 10**15  # a limit that is none
SEED = 42


def say(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


def busy_ticks():
    """Of all processors, in hundredths of a second."""
    with open("/proc/stat") as stat:
        user, nice, system, _, _, irq, soft = map(
            int, stat.readline().split()[1:8])
    return user + nice + system + irq + soft


def settle(patience=10):
    """Until the machine is idle: a database goes on working after its answer,
    on the cores on which the next turn is measured, and what it wrote goes to
    the disk on which that is."""
    os.sync()
    end = time.monotonic() + patience
    while time.monotonic() < end:
        before = busy_ticks()
        time.sleep(0.1)
        if busy_ticks() - before <= 1:
            return


def alternate(rounds, *turns):
    """A, B, A, B, ...: what disturbs the machine disturbs both, and none the
    other."""
    for _ in range(rounds):
        for turn in turns:
            settle()
            turn()


class World:
    def __init__(self, options, measured):
        self.users = options.users
        self.rounds = options.rounds
        self.touches = options.touches
        self.spoiled = options.spoil
        self.measured = measured
        self.bin = pathlib.Path(os.environ.get(
            "REKINDLE_BIN", ROOT / "build" / "release" / "bin"))
        self.shim = (ROOT / "build" / "release" / "tests" / "bench" /
                     "librekindle_bench_slow_sync.so")
        self.folder = pathlib.Path(options.work).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)

    # Ten million users have the last three months only: what an engine keeps,
    # and what the wide tables are made of.
    @property
    def has_history(self):
        return self.users <= 2_000_000

    @property
    def main_part(self):
        return "all" if self.has_history else "state"

    def program(self, name, *arguments, env=None):
        """Runs one of the benchmark's programs; its JSON."""
        done = subprocess.run(
            [str(self.bin / f"rekindle_bench_{name}"), *map(str, arguments)],
            capture_output=True, text=True, env={**os.environ, **(env or {})})
        if done.returncode != 0:
            raise BenchError(f"{name}: {done.stdout}{done.stderr}"[-2000:])
        return json.loads(done.stdout)

    def generate(self, file, *arguments):
        with open(self.folder / file, "wb") as out:
            subprocess.run(
                [str(self.bin / "rekindle_bench_generate"), "--users",
                 str(self.users), "--seed", str(SEED), *map(str, arguments)],
                stdout=out, check=True)
        return self.folder / file

    def settings(self, name, data_dir, **changes):
        file = self.folder / f"{name}.yaml"
        file.write_text(rules.settings_yaml(data_dir, **changes))
        return file

    def engine(self, name, **changes):
        """An engine under orders on the data folder of that name."""
        if self.spoiled:
            changes["threshold"] = "60%"
        settings = self.settings(name, name, **changes)
        return Actor([self.bin / "rekindle_bench_engine", settings])

    def fill(self, name, part):
        """Makes the data folder, once."""
        if (self.folder / name).exists():
            return
        with self.engine(name) as engine:
            engine.ask("open")
            filled = engine.ask(
                f"fill {part} {self.users} {SEED} {SEED} 0 {ALL_EVENTS}")
            say(f"{name}: {filled['events']:,} events in "
                f"{filled['seconds']:.1f} s")

    def database(self, name, path):
        return Actor(["node", HERE / "databases" / f"{name}.mjs",
                      self.folder / path])

    def remove(self, *names):
        for name in names:
            path = self.folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


class Daemon:
    """rekindled with its intake on a free port."""

    KEY = "bench-key"

    def __init__(self, world, name, env=None):
        folder = world.folder
        (folder / "write_key").write_text(self.KEY)
        settings = world.settings(name, name, intake=True)
        self.log = folder / f"{name}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [str(world.bin / "rekindled"), "--config", str(settings)],
                stdout=log, stderr=log, env={**os.environ, **(env or {})})

    def __enter__(self):
        end = time.monotonic() + 600
        while time.monotonic() < end and self.process.poll() is None:
            found = re.search(r"intake on http://[^\s]*:(\d+)",
                              self.log.read_text(errors="replace"))
            if found:
                self.port = int(found[1])
                return self
            time.sleep(0.02)
        self.__exit__()
        raise BenchError("the daemon opens no intake: " +
                         self.log.read_text(errors="replace")[-500:])

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(timeout=300)


def has_intake(world):
    """Whether this build's daemon knows the section."""
    settings = world.settings("probe", "probe", intake=True)
    (world.folder / "write_key").write_text(Daemon.KEY)
    return subprocess.run(
        [str(world.bin / "rekindle"), "check", "--config", str(settings)],
        capture_output=True).returncode == 0
