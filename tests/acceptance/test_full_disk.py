"""A full disk: the job fails with a clear word, and loses nothing."""

import hashlib
import json
import os
import signal
import subprocess

import pytest

from support import BASE, Daemon, World, wait_until


@pytest.mark.parametrize("small_disk", ["2m"], indirect=True)
def test_import_on_a_full_disk(small_disk, tmp_path):
    lines = ["user_id,timestamp,event,message_id,note"]
    for i in range(120_000):
        lines.append(f"user-{i % 30000},2026-02-{i % 28 + 1:02},app_open,"
                     f"message-{i * 2654435761 % 2**32:x},{i * 40503 % 65521}")
    world = World(tmp_path)
    world.write("events.csv", "\n".join(lines) + "\n")
    done = world.run("import", "events.csv", code=1)
    assert "full" in done.stderr, done.stderr

    # Room again: the same import goes to its end.
    grow(small_disk, "200m")
    summary = world.run("import", "events.csv").stdout
    assert "120000 read" in summary and "0 rejected" in summary
    after = world.run("export", "lifecycle", "--as-of", "2026-03-31").stdout

    fresh = World(tmp_path / "fresh")
    fresh.write("events.csv", "\n".join(lines) + "\n")
    fresh.run("import", "events.csv")
    assert after == fresh.run("export", "lifecycle", "--as-of",
                              "2026-03-31").stdout


def grow(folder, size):
    subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)],
                   check=True)


def fill(folder):
    """Until not a byte more goes in; gives the file that took the room."""
    path = folder / "ballast"
    file = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (2**20, 2**12, 1):
            try:
                while True:
                    os.write(file, b"x" * size)
            except OSError as error:
                assert error.errno == 28, error  # no space left
    finally:
        os.close(file)
    return path


@pytest.mark.parametrize("small_disk", ["100m"], indirect=True)
def test_reload_on_a_full_disk(small_disk, tmp_path):
    world = World(tmp_path)
    # Their ids alone are more than the room that store.db has left.
    users = [hashlib.sha256(str(i).encode()).hexdigest() for i in range(60_000)]
    world.write("events.csv", "user_id,timestamp,event\n" + "".join(
        f"{user},2026-02-{i % 28 + 1:02}T20:00:00Z,app_open\n"
        for i, user in enumerate(users)))
    world.run("import", "events.csv")
    with Daemon(world) as daemon:
        def reload():
            return json.loads(daemon.get("/api/v1/health")[1])["reload"]

        # What the scheduler does at its start is done.
        wait_until(lambda: "recompute: " in daemon.text(), 60)
        ballast = fill(small_disk)
        world.config(BASE.replace("Asia/Shanghai", "Europe/Berlin"))
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "reload failed" in daemon.text(), 60)
        assert not reload()["ok"] and "full" in reload()["errors"]
        assert daemon.process.poll() is None

        ballast.unlink()
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: reload()["ok"], 60)
        assert "nothing is damaged" in world.run("store", "check").stdout
    row = world.rows("export", "users", "--as-of", "2026-02-28")[0]
    assert len(row["user_id"]) == 64
    assert row["last_active_day"] == \
        f"2026-02-{users.index(row['user_id']) % 28 + 1:02}"
