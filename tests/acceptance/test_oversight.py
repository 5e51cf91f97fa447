"""People in charge: the blast guard, approval, pause, notices, and the
suppression list, over the real programs."""

import csv
import json

import pytest

from support import BASE, Daemon, World

NOON = "2026-03-20T12:00:00+08:00"
RULES = """\
channels:
  list: {type: file, dir: handoff}
  ops: {type: file, dir: ops}
templates: {hello: {list: {text: hello}}}
rules:
  - id: wake
    name: {zh: 唤醒, en: Wake}
    when: {inactive: 14 days}
    send: {channel: list, template: hello}
    schedule: daily 10:00
"""


def users(count, first=0):
    rows = [f"u{i},2026-01-05" for i in range(first, first + count)]
    return "user_id,created_at\n" + "\n".join(rows) + "\n"


@pytest.fixture
def make(tmp_path):
    def world(keys="", count=5):
        made = World(tmp_path, BASE + RULES +
                     "".join(f"    {key}\n" for key in keys.splitlines()))
        made.run("import", "--users", "-", stdin=users(count))
        return made
    return world


def sent(world):
    return sum(len(list(csv.DictReader(open(path, encoding="utf-8"))))
               for path in world.folder.glob("handoff/*.csv"))


def verdicts(world, *args):
    return [row["verdict"] for row in world.rows("run", *args)]


def test_the_blast_guard_stops_and_a_person_lets_through(make):
    world = make("expect: {users: ..4}")
    plan = world.rows("plan", "--as-of", NOON)
    assert {(r["decision"], r["reason"]) for r in plan} == {
        ("skip", "blast_guard")} and len(plan) == 5
    run = world.run("run", "--as-of", NOON)
    assert "blast_guard" in run.stdout
    assert "wake 2026-03-20 10:00: stopped by blast_guard: 5 users may be " \
        "reached; expected are ..4" in run.stderr
    assert sent(world) == 0
    assert "blast_guard" in world.run("explain", "u1", "--as-of", NOON).stdout
    waiting = world.rows("approvals")
    assert [(r["action"], r["rule_id"]) for r in waiting] == [
        ("waiting_slot", "wake")]
    out = world.run("approve", "wake", "--slot", "--by", "li lei", "--note",
                    "new city", "--as-of", NOON).stdout
    assert out == ("the slot 2026-03-20 10:00 of rule wake is let through by "
                   "li lei; the next run works it\n")
    assert verdicts(world, "--as-of", NOON) == ["worked"]
    assert sent(world) == 5
    audit = world.rows("approvals", "--rule", "wake")
    assert [(r["action"], r["by"], r["note"]) for r in audit] == [
        ("approve_slot", "li lei", "new city")]
    assert "no slot of rule \"wake\" is stopped" in world.run(
        "approve", "wake", "--slot", code=1).stderr


def test_run_with_pass_guard(make):
    world = make("expect: {users: ..4}")
    assert "--pass-guard goes with --rule" in world.run(
        "run", "--pass-guard", code=2).stderr
    assert verdicts(world, "--rule", "wake", "--as-of", NOON) == ["blast_guard"]
    assert verdicts(world, "--rule", "wake", "--pass-guard", "--as-of",
                    NOON) == ["worked"]
    assert sent(world) == 5
    audit = world.rows("approvals")
    assert audit[0]["note"] == "run --pass-guard" and audit[0]["by"]


def test_a_jump_against_the_last_slots(make):
    world = make("limits: {every: 1 hour}")
    assert verdicts(world, "--as-of", NOON) == ["worked"]
    world.run("import", "--users", "-", stdin=users(100, 100))
    assert verdicts(world, "--as-of", "2026-03-21T12:00:00+08:00") == [
        "blast_guard"]
    assert sent(world) == 5


def test_approval_of_a_version(make):
    world = make("approval: required")
    # It plans, but does not send.
    assert {r["decision"] for r in world.rows("plan", "--as-of", NOON)} == {
        "send"}
    assert verdicts(world, "--as-of", NOON) == ["approval"]
    assert sent(world) == 0
    version = world.rows("approvals")[0]["version"]
    assert world.rows("approvals")[0]["action"] == "waiting"
    refused = world.run("approve", "wake", "--version", "feedbeef", code=1)
    assert f"in force is {version}, not feedbeef" in refused.stderr
    world.run("approve", "wake", "--version", version[:8], "--as-of", NOON)
    assert verdicts(world, "--as-of", NOON) == ["worked"]
    assert sent(world) == 5
    # Another text is another version.
    world.config((world.folder / "rekindle.yaml").read_text(
        encoding="utf-8").replace("text: hello", "text: hello again"))
    assert verdicts(world, "--as-of", "2026-03-21T12:00:00+08:00") == [
        "approval"]
    assert 'there is no rule "wkae"; did you mean "wake"?' in world.run(
        "approve", "wkae", code=2).stderr


def test_pause_and_resume_in_the_daemon(make):
    world = make("approval: required")
    with Daemon(world) as daemon:
        assert "is paused by ann" in world.run(
            "pause", "wake", "--by", "ann", "--note", "wrong link").stdout
        assert "is paused already" in world.run("pause", "wake").stdout
        assert "is paused already" in world.run("pause", "--", "wake").stdout
        page = daemon.get("/rules?lang=en")[1]
        assert "Paused by a person" in page and "ann" in page
        assert "This version waits for approval" in page
        rule = daemon.get("/rules/wake?lang=zh")[1]
        assert "审批与暂停记录" in rule and "wrong link" in rule
        metrics = daemon.get("/metrics")[1]
        assert "rekindle_rules_paused 1\n" in metrics
        assert "rekindle_rules_waiting_for_approval 1\n" in metrics
        decisions = json.loads(daemon.get("/api/v1/approvals")[1])["decisions"]
        assert [d["action"] for d in decisions] == ["pause"]
    # A restart does not resume it.
    assert verdicts(world, "--as-of", NOON) == ["paused"]
    world.run("resume", "wake")
    world.run("approve", "wake")
    assert verdicts(world, "--as-of", NOON) == ["worked"]


def test_notices_reach_the_operations_channel_once(make):
    world = make("expect: {users: ..4}\n"
                 "notify: {channel: ops, when: [users >= 3, blast_guard]}")
    world.config((world.folder / "rekindle.yaml").read_text(
        encoding="utf-8").replace(
            'listen: "127.0.0.1:0"',
            'listen: "127.0.0.1:0", url: "https://rekindle.example/"'))
    for _ in range(2):
        world.run("run", "--as-of", NOON)

    def notices():
        return [row for path in sorted(world.folder.glob("ops/*.csv"))
                for row in csv.DictReader(open(path, encoding="utf-8"))]

    assert len(notices()) == 1
    assert "人数异常，批次已拦截" in notices()[0]["title"]
    assert notices()[0]["url"] == "https://rekindle.example/rules/wake"
    # Let through, it has another cause to tell of.
    world.run("run", "--rule", "wake", "--pass-guard", "--as-of", NOON)
    assert [n["title"].count("users >=") for n in notices()] == [0, 0]
    assert "可触达用户数 >= 3" in notices()[1]["title"]
    assert "触达组 5" in notices()[1]["text"] and "Treated 5" in notices()[1][
        "text"]
    assert world.store("SELECT DISTINCT state FROM notices") == [("sent",)]


def test_suppressions_go_out_and_come_in_again(make):
    world = make()
    text = ("channel,address,user_id,reason,at\n"
            "mail,a@b.example,,complained,2026-03-01T10:00:00+08:00\n"
            ",,u2,asked by phone,2026-03-02T10:00:00+08:00\n")
    world.run("import", "--suppressions", "-", stdin=text)
    assert world.run("export", "suppressions", "--format",
                     "csv").stdout == text
    # Again: nothing is doubled.
    world.run("import", "--suppressions", "-", stdin=text)
    assert world.run("export", "suppressions", "--format",
                     "csv").stdout == text
    plan = {r["user_id"]: r["reason"]
            for r in world.rows("plan", "--as-of", NOON)}
    assert plan["u2"] == "suppressed" and plan["u1"] == ""
