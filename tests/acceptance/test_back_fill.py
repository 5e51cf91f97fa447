"""A behavior that an edit of the YAML adds: filled in beside the running daemon,
with everything that needs it waiting and saying so."""

import random
import signal

from support import BASE, Daemon, World, wait_until


def test_a_new_behavior_is_filled_in_while_the_daemon_runs(tmp_path):
    world = World(tmp_path)
    seeded = random.Random(5)
    lines = ["user_id,timestamp,event"]
    lines += [f"u{seeded.randrange(3000)},2026-01-{seeded.randrange(1, 29):02}"
              f"T12:00:00+08:00,{seeded.choice(['app_open', 'charged'])}"
              for _ in range(200_000)]
    world.write("events.csv", "\n".join(lines) + "\n")
    world.run("import", "events.csv")
    with Daemon(world) as daemon:
        world.config(BASE.replace(
            "  order:", "  charge: {event: charged}\n  order:"))
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "charge is filled in" in daemon.text(), 60)
        text = daemon.text()
        assert text.index("charge is being filled in from raw events") < \
            text.index("charge is filled in")
        days = {row["user_id"]: int(row["charge_days"]) for row in
                world.rows("export", "users", "--as-of", "2026-01-31")}
    expected = {}
    for line in lines[1:]:
        user, at, event = line.split(",")
        if event == "charged":
            expected.setdefault(user, set()).add(at)
    assert {u: d for u, d in days.items() if d} == \
        {u: len(d) for u, d in expected.items()}
