"""kill -9 at random moments: nothing lost, nothing silently doubled."""

import collections
import os
import random
import shutil
import time

from support import (BASE, MailServer, WebhookReceiver, World, kill_after)

KILLS = int(os.environ.get("REKINDLE_KILLS", "50"))
# Each kill leaves some in doubt, which where nobody deduplicates are not sent
# again: there must be more of them than kills can use up.
TOUCHES = max(20_000, 300 * KILLS)
AT = "2026-03-05T10:00:00+08:00"


def exports(world):
    return {name: world.run("export", name, "--as-of", "2026-03-31").stdout
            for name in ["lifecycle", "preferences", "flows", "transitions",
                         "retention", "users"]}


def test_import_killed_and_repeated_gives_the_same_exports(tmp_path):
    seeded = random.Random(1)
    lines = ["user_id,timestamp,event,message_id"]
    for i in range(150_000):
        day = seeded.randrange(1, 29)
        month = seeded.randrange(1, 4)
        event = seeded.choice(["app_open", "trip_completed", "order_paid"])
        lines.append(f"u{seeded.randrange(4000)},2026-{month:02}-{day:02}"
                     f"T12:00:{i % 60:02}+08:00,{event},m{i}")
    text = "\n".join(lines) + "\n"

    whole = World(tmp_path / "whole")
    whole.write("events.csv", text)
    started = time.monotonic()
    whole.run("import", "events.csv")
    seconds = time.monotonic() - started
    expected = exports(whole)

    for i in range(KILLS):
        world = World(tmp_path / f"cut{i}")
        world.write("events.csv", text)
        while not kill_after(world.start("import", "events.csv"),
                             seeded.uniform(0, seconds)):
            seconds *= 0.9  # the first run was slower than this machine is
            shutil.rmtree(world.folder / "data")
        summary = world.run("import", "events.csv").stdout
        assert "150000 read" in summary and "0 rejected" in summary
        assert exports(world) == expected, f"after kill {i}"
        shutil.rmtree(world.folder)


def campaign(tmp_path, channel, users):
    world = World(tmp_path, BASE + f"""\
channels:
  out: {channel}
templates:
  hello: {{out: {{subject: hello, text: "Hello {{{{user_id}}}}"}}}}
rules:
  - id: wake
    when: {{lifecycle: [dormant, churned]}}
    send: {{channel: out, template: hello}}
    schedule: daily 10:00
    hold_out: 10%
""", env={"HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
    rows = ["user_id,created_at,email"]
    rows += [f"u{i},2025-12-01,u{i}@example.com" for i in range(users)]
    world.write("users.csv", "\n".join(rows) + "\n")
    world.run("import", "--users", "users.csv")
    return world


def run_with_kills(world, seeded, kills, sent):
    """Runs the rule, killing it `kills` times, then to its end.

    A quarter of the kills come while it starts or plans, the others after a few
    more sends: counted, not timed, so that a fast machine is killed as often
    as a slow one. `sent` tells how many have reached the receiver."""
    for _ in range(kills):
        process = world.start("run", "--as-of", AT)
        if seeded.random() < 0.25:
            alive = kill_after(process, seeded.uniform(0, 0.1))
        else:
            enough = sent() + seeded.randrange(TOUCHES // (2 * kills))
            while process.poll() is None and sent() < enough:
                time.sleep(0.001)
            alive = kill_after(process, seeded.uniform(0, 0.005))
        assert alive, "the run came to its end before the last kill"
    world.run("run", "--as-of", AT)


def check_ledger(world, users):
    touches = world.rows("export", "touches", "--as-of", "2026-03-31")
    assert len(touches) == users
    keys = {(t["rule_id"], t["user_id"], t["slot"]) for t in touches}
    assert len(keys) == users, "a touch was doubled"
    assert len({t["touch_id"] for t in touches}) == users
    # The receivers are in good health: nobody is left out, nothing fails.
    assert {t["state"] for t in touches} <= {"accepted", "unknown", "held_out"}
    return touches


def marked_repeats(world):
    """Touch ids with an attempt that the ledger marks as a repeat."""
    return {row[0]: row[1] for row in world.store(
        "SELECT t.touch_id, count(*) FROM attempts a JOIN touches t ON "
        "t.id = a.touch WHERE a.repeat = 1 GROUP BY 1")}


def hook_channel(receiver, extra=""):
    return (f"{{type: webhook, url: \"{receiver.url}\", "
            f"secret: {{env: HOOK_SECRET}}{extra}}}")


def check_receiver(world, receiver, touches):
    """Every request is a touch the ledger knows; each accepted touch arrived;
    nothing arrived more often than the ledger marks."""
    ids = receiver.ids()
    treated = {t["touch_id"] for t in touches if t["arm"] == "treated"}
    assert set(ids) <= treated, "a request carried an id the ledger lacks"
    accepted = {t["touch_id"] for t in touches if t["state"] == "accepted"}
    assert accepted <= set(ids)
    repeats = marked_repeats(world)
    for touch_id, times in collections.Counter(ids).items():
        assert repeats.get(touch_id, 0) >= times - 1, touch_id


def test_webhook_run_killed(tmp_path):
    receiver = WebhookReceiver()
    world = campaign(tmp_path, hook_channel(receiver), TOUCHES)
    run_with_kills(world, random.Random(2), KILLS,
                   lambda: len(receiver.requests))
    touches = check_ledger(world, TOUCHES)
    check_receiver(world, receiver, touches)
    assert not [t for t in touches if t["state"] == "unknown"], (
        "what a receiver deduplicates is sent again by itself")
    receiver.close()


# A receiver that does not deduplicate: what was under way stays unknown until
# an operator settles it, and nothing arrives twice by itself.
def test_deaf_webhook_run_killed_and_settled(tmp_path):
    receiver = WebhookReceiver()
    world = campaign(tmp_path,
                     hook_channel(receiver, ", deduplicates: false"), TOUCHES)
    run_with_kills(world, random.Random(4), KILLS,
                   lambda: len(receiver.requests))
    touches = check_ledger(world, TOUCHES)
    check_receiver(world, receiver, touches)
    ids = receiver.ids()
    assert len(ids) == len(set(ids)), "a request was sent twice"

    unknown = {t["touch_id"] for t in touches if t["state"] == "unknown"}
    assert unknown, "kills under load leave some in doubt"
    shown = world.rows("settle", "--channel", "out", "--as", "resend",
                       "--dry-run")
    assert {row["touch_id"] for row in shown} == unknown
    arrived = set(ids)
    for touch_id in sorted(unknown & arrived)[:5]:
        world.run("settle", touch_id, "--as", "accepted", "--as-of", AT)
    world.run("settle", "--channel", "out", "--as", "resend", "--as-of", AT)
    world.run("run", "--as-of", AT)
    touches = check_ledger(world, TOUCHES)
    assert not [t for t in touches if t["state"] == "unknown"]
    check_receiver(world, receiver, touches)
    receiver.close()


def test_mail_run_killed(tmp_path):
    users = TOUCHES
    server = MailServer()
    world = campaign(tmp_path, (
        f"{{type: smtp, host: 127.0.0.1, port: {server.port}, "
        f"from: \"hello@example.com\"}}"), users)
    run_with_kills(world, random.Random(3), KILLS,
                   lambda: len(server.messages))
    touches = check_ledger(world, users)
    ids = server.message_ids()
    assert len(ids) == len(set(ids)), "a mail was sent twice"
    sent = {i.strip("<>").split("@")[0] for i in ids}
    for touch in touches:
        if touch["state"] == "accepted":
            assert touch["touch_id"] in sent
        if touch["touch_id"] in sent:
            assert touch["state"] in ("accepted", "unknown"), touch
    server.close()
