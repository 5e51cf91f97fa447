"""A full disk: the job fails with a clear word, and loses nothing."""

import subprocess

import pytest

from support import World


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("needs the right to mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


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
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)],
                   check=True)
    summary = world.run("import", "events.csv").stdout
    assert "120000 read" in summary and "0 rejected" in summary
    after = world.run("export", "lifecycle", "--as-of", "2026-03-31").stdout

    fresh = World(tmp_path / "fresh")
    fresh.write("events.csv", "\n".join(lines) + "\n")
    fresh.run("import", "events.csv")
    assert after == fresh.run("export", "lifecycle", "--as-of",
                              "2026-03-31").stdout
