"""From events to a reviewed touch, through the real programs."""

import pytest

from support import BASE, Daemon, World

RULES = """\
channels:
  group: {type: file, dir: handoff}
templates:
  hello: {group: {text: "Hello {{nickname | default: \\"you\\"}}"}}
rules:
  - id: wake
    when: {lifecycle: dormant, inactive: {at_least: [1 month, 14 days]}}
    send: {channel: group, template: hello}
    schedule: daily 10:00
    goal: {behavior: app_open, within: 7 days}
"""

# u1 opened in January and February, u2 in January only, u3 is new in March,
# u4 registered in December and never came.
EVENTS = """\
user_id,timestamp,event,message_id
u1,2026-01-05,app_open,m1
u1,2026-02-07,app_open,m2
u2,2026-01-09T08:00:00+08:00,app_open,m3
u3,2026-03-02T09:30:00+08:00,app_open,m4
u3,2026-03-02T09:31:00+08:00,trip_completed,m5
"""
USERS = """\
user_id,created_at,nickname
u1,2025-12-20,阿明
u4,2025-12-24,
"""


@pytest.fixture
def filled(tmp_path):
    world = World(tmp_path, BASE + RULES)
    world.write("events.csv", EVENTS)
    world.write("users.csv", USERS)
    world.run("import", "--users", "users.csv")
    world.run("import", "events.csv")
    return world


def test_states_of_every_user(filled):
    rows = filled.rows("export", "lifecycle", "--as-of", "2026-03-05")
    assert [(r["user_id"], r["state"], r["inactive_periods"],
             r["first_period"], r["last_active_day"]) for r in rows] == [
        ("u1", "dormant", "1", "2025-12", "2026-02-07"),
        ("u2", "churned", "2", "2026-01", "2026-01-09"),
        ("u3", "new", "0", "2026-03", "2026-03-02"),
        ("u4", "churned", "3", "2025-12", "2025-12-24")]


def test_flows_add_up(filled):
    rows = filled.rows("export", "flows", "--as-of", "2026-03-05")
    assert [r["period"] for r in rows] == ["2025-12", "2026-01", "2026-02",
                                           "2026-03"]
    states = ["new", "previous_new", "active", "woken", "returned", "dormant",
              "churned"]
    for row in rows:
        assert sum(int(row[s]) for s in states) == int(row["total"]), row
        assert sum(int(row[s]) for s in states[:5]) == int(row["mau"]), row
    assert rows[-1]["active_rate"] == "0.250000"


def test_importing_twice_changes_nothing(filled):
    before = filled.run("export", "lifecycle", "--as-of", "2026-03-05").stdout
    again = filled.run("import", "events.csv")
    assert "5 read, 0 accepted, 5 duplicate, 0 rejected" in again.stdout
    after = filled.run("export", "lifecycle", "--as-of", "2026-03-05").stdout
    assert after == before


def test_bad_rows_are_named_and_kept(filled):
    filled.write("bad.csv", "user_id,timestamp,event\n"
                            ",2026-03-01,app_open\n"
                            "u1,2026-02-30,app_open\n"
                            "u1,2026-03-01,app_open\n")
    done = filled.run("import", "bad.csv", code=3)
    assert "3 read, 1 accepted, 0 duplicate, 2 rejected" in done.stdout
    assert "bad.csv:2:" in done.stderr and "bad.csv:3:" in done.stderr
    [letter] = (filled.folder / "data" / "dead_letter").iterdir()
    # Its rows are no events themselves; by its name, or by its first record.
    for file, stdin, name in ((letter, None, letter),
                              ("-", letter.read_text(), "stdin")):
        refused = filled.run("import", file, code=2, stdin=stdin).stderr
        assert f"{name} holds rows that were refused earlier" in refused
        assert "--format dead_letter" in refused
    assert [letter] == list((filled.folder / "data" / "dead_letter").iterdir())
    out = filled.run("import", "--format", "dead_letter", letter, code=3).stdout
    assert "0 accepted" in out
    assert '"line":2' in letter.read_text() and '"line":3' in letter.read_text()


def test_plan_equals_run_and_running_twice_sends_nothing_more(filled):
    at = "2026-03-05T10:00:00+08:00"
    planned = filled.rows("plan", "--as-of", at)
    assert [(r["user_id"], r["decision"], r["channel"]) for r in planned] == [
        ("u1", "send", "group")]
    filled.run("run", "--as-of", at)
    [hand_off] = (filled.folder / "handoff").iterdir()
    assert "Hello 阿明" in hand_off.read_text(encoding="utf-8")
    before = hand_off.read_bytes()
    filled.run("run", "--as-of", at)
    filled.run("run", "--rule", "wake", "--as-of", at)
    assert hand_off.read_bytes() == before
    touches = filled.rows("export", "touches", "--as-of", at)
    assert [(t["user_id"], t["arm"], t["state"]) for t in touches] == [
        ("u1", "treated", "accepted")]
    # The next day: the same silence, so still the same episode.
    assert [(r["user_id"], r["decision"], r["reason"]) for r in filled.rows(
        "plan", "--as-of", "2026-03-06T10:00:00+08:00")] == [
            ("u1", "skip", "repeat")]


def test_a_late_event_before_the_touch_does_not_open_a_new_episode(filled):
    filled.run("run", "--as-of", "2026-03-05T10:00:00+08:00")
    filled.write("late.csv", "user_id,timestamp,event\n"
                             "u1,2026-02-19,app_open\n")
    filled.run("import", "late.csv")
    assert [(r["user_id"], r["decision"], r["reason"]) for r in filled.rows(
        "plan", "--as-of", "2026-03-07T10:00:00+08:00")] == [
            ("u1", "skip", "repeat")]


def test_goal_reached_is_reviewed(filled):
    filled.run("run", "--as-of", "2026-03-05T10:00:00+08:00")
    filled.write("back.csv", "user_id,timestamp,event\n"
                             "u1,2026-03-06T12:00:00+08:00,app_open\n")
    filled.run("import", "back.csv")
    [touch] = filled.rows("export", "touches")
    assert touch["goal_at"] == "2026-03-06T12:00:00+08:00"
    [review] = filled.rows("review", "--as-of", "2026-03-20")
    assert review["treated_users"] == "1"
    assert review["treated_rate"] == "1.000000"
    assert review["verdict"] == "collecting"


def test_explain_says_why(filled):
    text = filled.run("explain", "u1", "--as-of",
                      "2026-03-05T10:00:00+08:00").stdout
    assert "state             dormant" in text
    assert "rule wake: send" in text
    text = filled.run("explain", "u3", "--as-of",
                      "2026-03-05T10:00:00+08:00").stdout
    assert "rule wake: no match" in text


def test_explain_says_since_when(filled):
    for day in ("2026-01-31", "2026-03-05"):
        filled.run("recompute", "--as-of", day)
    text = filled.run("explain", "u1", "--as-of", "2026-03-06").stdout
    since = [line.split(maxsplit=1)[1] for line in text.splitlines()
             if line.startswith("  since ")]
    assert len(since) == 2 and "dormant" in since[0], since
    assert since[0].startswith("2026-03-0") and since[1].startswith("2026-0")


def test_forget_leaves_nothing(filled):
    filled.write("bad.csv", "user_id,timestamp,event,note\n"
                            "u1,never,app_open,secret-of-u1\n"
                            "u12,never,app_open,of-u12\n")
    filled.run("import", "bad.csv", code=3)
    filled.run("run", "--as-of", "2026-03-05T10:00:00+08:00")
    filled.run("forget", "u1")
    rows = filled.rows("export", "lifecycle", "--as-of", "2026-03-05")
    assert [r["user_id"] for r in rows] == ["u2", "u3", "u4"]
    assert filled.rows("export", "touches") == []
    done = filled.run("import", "events.csv", code=3)
    assert "2 rejected" in done.stdout
    # Neither what was refused before nor what is refused now is kept.
    letters = "".join(p.read_text() for p in
                      (filled.folder / "data" / "dead_letter").iterdir())
    assert "u1," not in letters and "secret-of-u1" not in letters
    assert "of-u12" in letters


@pytest.mark.parametrize("args,code,message", [
    (["export", "lifecycel"], 2, 'did you mean "lifecycle"'),
    (["export", "flows", "--unit", "week"], 2, "--unit goes with retention"),
    (["export", "lifecycle", "--behavior", "trip"], 2,
     "--behavior goes with retention"),
    (["export", "touches", "--unit", "day"], 2, "--unit goes with retention"),
    (["export", "retentoin", "--unit", "day"], 2, 'did you mean "retention"'),
    (["explain", "nobody"], 1, 'there is no user "nobody"'),
    (["plan", "--rule", "wak"], 2, 'there is no rule "wak"; did you mean '
                                   '"wake"?'),
    (["plan", "--as-of", "yesterday"], 2, "--as-of"),
    (["import", "missing.csv"], 1, "missing.csv"),
    (["expotr"], 2, 'there is no command "expotr"; did you mean "export"?'),
])
def test_wrong_usage_says_so(filled, args, code, message):
    assert message in filled.run(*args, code=code).stderr


def test_a_file_to_a_full_disk_fails_loudly(filled):
    done = filled.run("export", "lifecycle", code=0)
    assert done.stdout
    import subprocess
    with open("/dev/full", "w") as full:
        code = subprocess.run(
            filled.command("export", "lifecycle"), cwd=filled.folder,
            stdout=full, stderr=subprocess.PIPE).returncode
    assert code == 1


@pytest.mark.parametrize("through_daemon", [False, True])
def test_a_reader_who_has_seen_enough_is_no_failure(filled, through_daemon):
    import contextlib
    import subprocess
    filled.write("more.csv", "user_id,created_at\n" + "".join(
        f"user-{i},2026-01-05\n" for i in range(10_000)))
    filled.run("import", "--users", "more.csv")
    with Daemon(filled) if through_daemon else contextlib.nullcontext():
        export = subprocess.Popen(
            filled.command("export", "lifecycle"), cwd=filled.folder,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert export.stdout.readline().startswith(b"user_id,")
        export.stdout.close()
        assert export.stderr.read() == b""
        assert export.wait(timeout=60) == 0
        with open("/dev/full", "w") as full:
            failed = subprocess.run(
                filled.command("export", "lifecycle"), cwd=filled.folder,
                stdout=full, stderr=subprocess.PIPE)
        assert failed.returncode == 1
        assert failed.stderr == b"error: cannot write to standard output\n"


def test_retention_prunes_raw_events_and_no_state(tmp_path):
    world = World(tmp_path, BASE + "retention: {raw_events: 30 days}\n")
    for month in range(1, 5):
        world.write("e.csv", "user_id,timestamp,event,message_id\n" + "".join(
            f"u{i},2026-{month:02}-{i % 28 + 1:02}T12:00:00+08:00,app_open,"
            f"{month}-{i}\n" for i in range(300)))
        world.run("import", "e.csv")
    exports = [world.run("export", name, "--as-of", "2026-04-30").stdout
               for name in ["lifecycle", "flows", "retention"]]
    out = world.run("recompute", "--as-of", "2026-04-30").stdout
    assert "900 raw events pruned by retention" in out
    # Reopened, too: the columns on disk hold what the raw events said.
    assert exports == [
        world.run("export", name, "--as-of", "2026-04-30").stdout
        for name in ["lifecycle", "flows", "retention"]]
    world.write("e.csv", "user_id,timestamp,event,message_id\n"
                         "u1,2026-04-29,app_open,5-1\n")
    assert "1 accepted" in world.run("import", "e.csv").stdout
