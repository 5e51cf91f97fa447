"""The data folder's files: sizes told, damage found, space given back."""

import random
import shutil
import sqlite3
import time

from support import BASE, Daemon, World, kill_after, wait_until


def filled(tmp_path, config=BASE, files=12):
    world = World(tmp_path, config)
    for n in range(files):
        world.write("e.csv", "user_id,timestamp,event,message_id\n" + "".join(
            f"u{i},2026-03-{n % 28 + 1:02}T12:00:00+08:00,app_open,{n}-{i}\n"
            for i in range(200)))
        world.run("import", "e.csv")
    return world


def stats(world):
    return {row["name"]: row["value"] for row in world.rows("store", "stats")}


def journal(world, sql):
    db = sqlite3.connect(world.folder / "data" / "journal.db")
    with db:
        db.execute(sql)
    db.close()


def test_compacting_changes_no_answer(tmp_path):
    world = filled(tmp_path)
    before = world.run("export", "lifecycle", "--as-of", "2026-04-30").stdout
    assert stats(world)["batches"] == "12"
    assert stats(world)["message_ids_flushed"] == "0"
    assert "12 batches merged" in world.run("store", "compact").stdout
    after = stats(world)
    assert after["batches"] == "1"
    assert after["raw_events"] == "2400"
    assert after["message_ids_flushed"] == "2400"
    assert after["journal_position"] == "12"
    assert "nothing is damaged" in world.run("store", "check").stdout
    assert before == world.run(
        "export", "lifecycle", "--as-of", "2026-04-30").stdout
    # Flushed or not, an id is known.
    assert "200 duplicate" in world.run("import", "e.csv").stdout


def test_sizes_count_what_is_still_in_the_logs(tmp_path):
    world = filled(tmp_path, files=3)
    with Daemon(world):
        world.write("users.csv", "user_id,city\n" + "".join(
            f"u{i},{i}\n" for i in range(200)))
        world.run("import", "--users", "users.csv")
        assert (world.folder / "data" / "store.db-wal").stat().st_size > 0
        for name in ("store", "journal"):
            files = [world.folder / "data" / f"{name}.db{end}"
                     for end in ("", "-wal")]
            # The logs may be checkpointed while one looks.
            wait_until(lambda: stats(world)[f"{name}_bytes"] == str(
                sum(file.stat().st_size for file in files)), 30, name)


def test_a_file_cut_short_is_named(tmp_path):
    world = filled(tmp_path, files=3)
    for name in ("journal.db", "store.db"):
        file = world.folder / "data" / name
        whole = file.read_bytes()
        file.write_bytes(whole[:len(whole) // 2])
        failed = world.run("export", "flows", code=1)
        assert f"{file}: database disk image is malformed" in failed.stderr
        file.write_bytes(whole)
    world.run("export", "flows")


def test_damage_is_named(tmp_path):
    world = filled(tmp_path, files=3)
    world.run("store", "check")
    journal(world, "UPDATE batches SET properties = x'0102' WHERE number = 2")
    failed = world.run("store", "check", code=1)
    assert "journal.db: journal batch 2 is damaged" in failed.stderr
    assert "batch 1 " not in failed.stderr


def test_damage_to_message_ids_is_named(tmp_path):
    world = filled(tmp_path, files=3)
    world.run("store", "compact")
    [run] = (world.folder / "data" / "journal.db-ids").iterdir()
    assert stats(world)["message_id_run_bytes"] == str(run.stat().st_size)
    whole = run.read_bytes()
    run.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
    failed = world.run("store", "check", code=1)
    assert (f"journal.db-ids/{run.name}: page 0 of the message ids is damaged"
            in failed.stderr)
    # Without its ids, repeats would count twice: nothing is taken in.
    run.unlink()
    failed = world.run("import", "e.csv", code=1)
    assert f"journal.db-ids/{run.name} is missing" in failed.stderr
    assert "put the data folder back from a backup" in failed.stderr
    run.write_bytes(whole)
    assert "200 duplicate" in world.run("import", "e.csv").stdout


def test_the_oldest_raw_events_go_beyond_max_size(tmp_path):
    world = World(
        tmp_path, BASE + "retention: {max_size: 1 MB}\n")
    seeded = random.Random(4)
    for day in range(1, 6):
        world.write("e.csv", "user_id,timestamp,event,note\n" + "".join(
            f"u{i},2026-03-{day:02}T12:00:00+08:00,app_open,"
            f"{seeded.getrandbits(2000):x}\n" for i in range(2000)))
        world.run("import", "e.csv")
    before = world.run("export", "lifecycle", "--as-of", "2026-04-30").stdout
    out = world.run("recompute", "--as-of", "2026-04-30").stdout
    assert "raw events pruned by retention" in out
    after = stats(world)
    assert int(after["journal_bytes"]) < 2_000_000
    assert after["first_event"] > "2026-03-03"
    assert after["pruned_until"] < after["first_event"]
    assert before == world.run(
        "export", "lifecycle", "--as-of", "2026-04-30").stdout


def test_compacting_killed_and_repeated_loses_nothing(tmp_path):
    files = 20
    world = filled(tmp_path / "world", files=files)
    data, kept = world.folder / "data", tmp_path / "kept"
    shutil.copytree(data, kept)
    before = world.run("export", "lifecycle", "--as-of", "2026-04-30").stdout
    began = time.monotonic()
    world.run("store", "compact")
    seconds = time.monotonic() - began
    world.write("again.csv", (world.folder / "e.csv").read_text() +
                "u0,2026-03-01T12:00:00+08:00,app_open,another\n")

    def killed_in_time():
        shutil.rmtree(data)
        shutil.copytree(kept, data)
        # Some of the time it has not begun yet.
        return kill_after(world.start("store", "compact"),
                          seeded.uniform(seconds / 3, seconds))

    seeded = random.Random(5)
    for _ in range(10):
        while not killed_in_time():
            seconds *= 0.9  # the first run was slower than this machine is
        assert "1 accepted, 200 duplicate" in world.run(
            "import", "again.csv").stdout
        world.run("store", "compact")
        world.run("store", "check")
        assert stats(world)["raw_events"] == str(files * 200 + 1)
        assert before == world.run(
            "export", "lifecycle", "--as-of", "2026-04-30").stdout
