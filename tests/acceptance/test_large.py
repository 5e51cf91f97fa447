"""Two years of many users, streamed from `rekindle generate` into the store a
month at a time, recomputed and pruned at each month's end, then asked, stopped,
killed and asked again. Small by default; the whole of it:

    REKINDLE_USERS=10000000 python3 -m pytest -s --basetemp=FOLDER \\
        tests/acceptance/test_large.py

tells times and sizes (-s) and works in FOLDER, which it empties first."""

import contextlib
import csv
import datetime
import os
import re
import signal
import subprocess
import time

from support import Daemon, World

USERS = int(os.environ.get("REKINDLE_USERS", 2000))
MONTHS = 24
SHARE = "8%"  # some 43 events a user
BYTES_A_USER = 160
# A process holds some megabytes besides what it holds for users.
BUDGET_FROM = 1_000_000
BLOCK = 1 << 20
ASKED = (("export", "flows"), ("export", "retention", "--unit", "month"))

CONFIG = """\
data_dir: data
time_zone: Asia/Shanghai
activity: app_open
behaviors:
  app_open: {event: app_open}
  trip: {event: trip_completed}
  long_trip: {event: trip_completed, where: {distance_km: {gte: 50}}}
  car_control: {event: [remote_unlock, remote_climate]}
  charging: {event: charge_started}
  navigation: {event: navigation_sent}
  reading: {event: article_view}
  writing: {event: community_post}
  shopping: {event: [shop_view, cart_add]}
  order: {event: order_paid}
  update: {event: ota_check}
  screen: {event: screen}
lifecycle:
  substates:
    churned: {driving: {did: {behavior: trip, within: 2 months}}}
preferences:
  labels:
    car_control: {behavior: car_control}
    shopping: {behavior: shopping}
retention: {raw_events: 90 days}
pages: {listen: "127.0.0.1:0"}
"""


class Report:
    """What took how long, told as it comes."""

    @contextlib.contextmanager
    def timed(self, what):
        begin = time.monotonic()
        yield
        self.tell(what, f"{time.monotonic() - begin:.1f} s")

    def tell(self, what, value):
        print(f"{what}: {value}", flush=True)


def months_of(stream):
    """(month, blocks of whole lines) of a CSV in order of time; each month's
    blocks begin with the header and must be read before the next month's."""
    header = stream.readline()
    rest = b""
    pending = []  # the blocks of a month that was seen to begin

    def month_at(lines, start):
        return lines[start:].split(b",", 2)[1][:7].decode()

    def blocks_until_end():
        nonlocal rest
        while True:
            if pending:
                yield pending.pop()
                continue
            read = stream.read(BLOCK)
            if not read:
                assert not rest, "the stream ends amid a line"
                return
            cut = (rest + read).rfind(b"\n") + 1
            whole, rest = (rest + read)[:cut], (rest + read)[cut:]
            if whole:
                yield whole

    blocks = blocks_until_end()
    first = next(blocks, None)
    while first is not None:
        month = month_at(first, 0)
        left = [first]

        def of_month(month=month, left=left):
            yield header
            while left:
                block = left.pop()
                last = block.rfind(b"\n", 0, len(block) - 1) + 1
                if month_at(block, last) == month:
                    yield block
                    following = next(blocks, None)
                    if following is not None:
                        left.append(following)
                    continue
                # The month ends inside the block, or before it.
                begin = beginning_of_another(block, month)
                pending.append(block[begin:])
                if begin:
                    yield block[:begin]

        yield month, of_month()
        first = next(blocks, None)


def beginning_of_another(block, month):
    """Where in the block the first line of another month begins."""
    mine = b"," + month.encode() + b"-"
    low, high = 0, len(block)  # lines before `low` are the month's
    while low < high:
        middle = block.rfind(b"\n", 0, (low + high) // 2) + 1
        end = block.find(b"\n", max(middle, low)) + 1
        if mine in block[max(middle, low):end]:
            low = end
        else:
            high = max(middle, low)
    return low


def import_month(world, blocks, last_day):
    """Rows that were accepted, of those that were handed over."""
    process = subprocess.Popen(
        world.command("import", "-", "--as-of", last_day), cwd=world.folder,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    rows = -1  # the header
    for block in blocks:
        rows += block.count(b"\n")
        process.stdin.write(block)
    process.stdin.close()
    told = process.stdout.read().decode()
    assert process.wait() == 0, told
    accepted = int(re.search(r"(\d+) accepted, 0 duplicate, 0 rejected",
                             told)[1])
    assert accepted == rows
    return rows


def last_day_of(month):
    year, number = map(int, month.split("-"))
    following = datetime.date(year + number // 12, number % 12 + 1, 1)
    return str(following - datetime.timedelta(days=1))


def import_all(world, report):
    """Rows by month."""
    rows = {}
    importing = recomputing = 0
    generate = subprocess.Popen(
        world.command("generate", "--users", USERS, "--months", MONTHS,
                      "--seed", 1, "--share", SHARE, "--out", "-"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for month, blocks in months_of(generate.stdout):
        begin = time.monotonic()
        rows[month] = import_month(world, blocks, last_day_of(month))
        imported = time.monotonic()
        world.run("recompute", "--as-of", last_day_of(month), timeout=3600)
        recomputing += time.monotonic() - imported
        importing += imported - begin
    told = generate.stderr.read().decode()
    assert generate.wait() == 0, told
    total = sum(rows.values())
    assert told == f"{USERS} users, {total} events\n"
    report.tell("events", f"{total:,}, {total / USERS:.0f} a user")
    report.tell("import", f"{importing:.0f} s, {total / importing:,.0f} a "
                          "second, beside the generator")
    report.tell("recompute, each month's end", f"{recomputing:.0f} s in all")
    return rows


def check_store(world, rows, report):
    stats = {row["name"]: row["value"] for row in world.rows("store", "stats")}
    # 90 days back from the end of June are all of the last three months but a
    # day; whole batches go, so that a small store keeps more.
    *_, march, april, may, june = rows.values()
    kept = int(stats["raw_events"])
    assert april * 29 // 31 + may + june <= kept <= march + april + may + june
    for name in ("users", "raw_events", "journal_bytes",
                 "message_id_run_bytes", "store_bytes"):
        report.tell(name, f"{int(stats[name]):,}")
    on_disk = int(stats["journal_bytes"]) + int(stats["message_id_run_bytes"])
    report.tell("raw events on disk, bytes each",
                f"{on_disk / int(stats['raw_events']):.1f}")
    return int(stats["users"])


def check_flows(flows, users):
    """Every period's states add up, and all users are in them at the end."""
    assert len(flows) == MONTHS
    states = ("new", "previous_new", "active", "woken", "returned", "dormant",
              "churned")
    known = 0
    for row in flows:
        assert sum(int(row[state]) for state in states) == int(row["total"])
        assert sum(int(row[state]) for state in states[:5]) == int(row["mau"])
        assert int(row["total"]) == known + int(row["new"])
        known = int(row["total"])
    assert known == users
    assert users > 0.8 * USERS


def check_states(world, flows, as_of, report):
    """Each user has one state, as many each as the flows say."""
    counts = {}
    with report.timed("export of every user's state"):
        export = subprocess.Popen(
            world.command("export", "lifecycle", "--as-of", as_of, "--format",
                          "csv"),
            cwd=world.folder, stdout=subprocess.PIPE, text=True)
        for row in csv.DictReader(export.stdout):
            counts[row["state"]] = counts.get(row["state"], 0) + 1
        assert export.wait() == 0
    assert counts == {state: int(flows[-1][state]) for state in counts}
    assert sum(counts.values()) == int(flows[-1]["total"])


def held_by(process):
    status = open(f"/proc/{process.pid}/status").read()
    return int(re.search(r"RssAnon:\s+(\d+) kB", status)[1]) * 1024


def check_restarts(world, as_of, answers, users, report):
    """The daemon, after a clean stop and after a kill, gives the answers."""
    for stop in (signal.SIGTERM, signal.SIGKILL, signal.SIGTERM):
        with report.timed("the daemon's start"):
            daemon = Daemon(world).wait_ready(seconds=600)
        try:
            with report.timed("its answers"):
                for asked, answer in zip(ASKED, answers):
                    assert world.rows(*asked, "--as-of", as_of) == answer
            each = held_by(daemon.process) / users
            report.tell("memory a user", f"{each:.0f} bytes")
            if users >= BUDGET_FROM:
                assert each <= BYTES_A_USER
        finally:
            daemon.stop(stop)


def test_two_years_of_many_users(tmp_path):
    report = Report()
    report.tell("users", f"{USERS:,}")
    world = World(tmp_path, CONFIG)
    with report.timed("generated, imported, recomputed, pruned"):
        rows = import_all(world, report)
    assert len(rows) == MONTHS
    as_of = last_day_of(list(rows)[-1])
    users = check_store(world, rows, report)
    with report.timed("flows and retention"):
        answers = [world.rows(*asked, "--as-of", as_of) for asked in ASKED]
    check_flows(answers[0], users)
    check_states(world, answers[0], as_of, report)
    with report.timed("store check"):
        world.run("store", "check", timeout=3600)
    check_restarts(world, as_of, answers, users, report)
