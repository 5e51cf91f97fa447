"""The HTTP intake: vendors' clients, every event once, nothing lost that was
answered 200, and clear answers to what is broken or too much."""

import gzip
import http.client
import json
import os
import random
import resource
import socket
import subprocess
import threading
import time

import pytest

from intake_clients import (CONFIG, KEY, Client, IntakeDaemon, event_rows,
                            send_through, track)
from support import BASE, World, wait_until

KILLS = int(os.environ.get("REKINDLE_KILLS", "20"))
OVERLOAD_SECONDS = float(os.environ.get("REKINDLE_OVERLOAD_SECONDS", "5"))
WARM = 200_000  # messages
EVENTS = 10_000


def exports(world):
    return {name: world.run("export", name, "--as-of", "2025-03-31").stdout
            for name in ["lifecycle", "preferences", "flows", "retention",
                         "users"]}


def json_lines(rows):
    return "\n".join(map(json.dumps, rows)) + "\n"


def curl_batches(daemon, folder, rows):
    """Posts the rows as gzipped batches of 500."""
    for i in range(0, len(rows), 500):
        batch = [{"type": "track", **row} for row in rows[i:i + 500]]
        file = folder / "batch.json.gz"
        file.write_bytes(gzip.compress(json.dumps({"batch": batch}).encode()))
        done = subprocess.run(
            ["curl", "-sS", "--fail-with-body", "-u", f"{KEY}:",
             "-H", "Content-Encoding: gzip", "--data-binary", f"@{file}",
             daemon.intake_url + "/v1/batch"], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout == '{"success":true}'


def test_every_event_counts_once_whoever_sends_it_and_however_often(tmp_path):
    rows = {name: event_rows(name, EVENTS)
            for name in ["segment", "rudderstack", "curl"]}
    world = World(tmp_path / "intake")
    files = {name: world.write(f"{name}.ndjson", json_lines(rows[name]))
             for name in rows}
    with IntakeDaemon(world) as daemon:
        for turn in range(2):
            send_through("segment", daemon, files["segment"])
            send_through("rudderstack", daemon, files["rudderstack"])
            curl_batches(daemon, world.folder, rows["curl"])
            assert daemon.journal_events() == 3 * EVENTS, f"turn {turn}"
        counts = daemon.counts()
    assert counts["accepted"] == counts["duplicate"] == 3 * EVENTS
    assert sum(counts.values()) == 6 * EVENTS

    imported = World(tmp_path / "import", BASE)
    everything = [{"type": "track", **row} for one in rows.values()
                  for row in one]
    imported.write("events.ndjson", json_lines(everything))
    imported.run("import", "events.ndjson")
    assert exports(world) == exports(imported)


class Sender(threading.Thread):
    """Sends batches of ten until told to stop; keeps what was answered."""

    def __init__(self, name, port_of, stop):
        super().__init__()
        self.name, self.port_of, self.stop = name, port_of, stop
        self.acknowledged, self.sent = [], 0

    def run(self):
        client = None
        while not self.stop.is_set():
            batch = [track(f"{self.name}-{self.sent}-{i}",
                           f"u{(self.sent + i) % 300}") for i in range(10)]
            self.sent += 1
            try:
                client = client or Client(self.port_of())
                status, _ = client.post({"batch": batch})
            except (OSError, http.client.HTTPException):
                client = None
                time.sleep(0.01)
                continue
            assert status in (200, 503), status
            if status == 200:
                self.acknowledged.append(batch)


def test_killed_at_random_what_was_answered_is_there(world):
    seeded = random.Random(7)
    stop = threading.Event()
    daemon = IntakeDaemon(world).wait_ready()
    running = {"port": daemon.port}
    senders = [Sender(f"s{i}", lambda: running["port"], stop)
               for i in range(4)]
    for sender in senders:
        sender.start()
    for _ in range(KILLS):
        time.sleep(seeded.uniform(0, 0.3))
        daemon.process.kill()
        daemon.stop()
        daemon = IntakeDaemon(world).wait_ready()
        running["port"] = daemon.port
    time.sleep(0.2)
    stop.set()
    for sender in senders:
        sender.join()
    daemon.stop()

    with IntakeDaemon(world) as daemon:
        client = Client(daemon.port)
        acknowledged = [b for s in senders for b in s.acknowledged]
        assert len(acknowledged) > KILLS
        for batch in acknowledged:
            assert client.post({"batch": batch})[0] == 200
        counts = daemon.counts()
        assert counts["accepted"] == 0, "answered 200, and not there"
        assert counts["duplicate"] == 10 * len(acknowledged)


class Flood(threading.Thread):
    """Sends large batches as fast as it can, whatever it is told."""

    def __init__(self, number, port, end):
        super().__init__()
        self.number, self.port, self.end = number, port, end
        self.acknowledged, self.refused, self.worst = [], 0, 0.0
        self.retry_after = set()

    def run(self):
        client = Client(self.port)
        sent = 0
        while time.monotonic() < self.end:
            batch = json.dumps({"batch": [
                track(f"f{self.number}-{sent}-{i}", f"u{i}",
                      properties={"note": "x" * 100}) for i in range(300)]})
            sent += 1
            again = True
            while again and time.monotonic() < self.end:
                began = time.monotonic()
                status, _ = client.post(batch)
                self.worst = max(self.worst, time.monotonic() - began)
                again = status == 429
                if again:
                    self.refused += 1
                    self.retry_after.add(client.retry_after)
                else:
                    assert status == 200, status
                    self.acknowledged.append((sent - 1, 300))
        client.close()


def test_overload_is_refused_in_time_and_loses_nothing(world):
    """Many times what may wait: sixty clients that do not heed the 429."""
    config = CONFIG.replace(
        "intake: {", "intake: {max_body: 250 kB, max_waiting: 1 MB, ")
    with IntakeDaemon(world, config) as daemon:
        end = time.monotonic() + OVERLOAD_SECONDS
        floods = [Flood(i, daemon.port, end) for i in range(60)]
        for flood in floods:
            flood.start()

        def answered():
            return sum(n for flood in floods for _, n in flood.acknowledged)

        held = []  # (messages answered, megabytes)
        while time.monotonic() < end:
            time.sleep(0.2)
            held.append((answered(), daemon.resident_mb()))
        began = time.monotonic()
        status, _ = Client(daemon.port).post(track("after"), "/v1/track")
        assert status in (200, 429)
        for flood in floods:
            flood.join()
        assert Client(daemon.port).post(track("then"), "/v1/track")[0] == 200
        assert time.monotonic() - began < 5

        assert sum(flood.refused for flood in floods) > 0
        seconds = set.union(*(flood.retry_after for flood in floods))
        assert all(1 <= int(text) <= 300 for text in seconds)
        taken = answered()
        assert taken > 0
        # What was refused left nothing behind, what was answered is there.
        assert daemon.journal_events() == taken + 1 + (status == 200)
        assert max(mb for _, mb in held) < 256, held
        # Once tables and caches have their size, however long that takes, the
        # set of message ids grows by some 40 bytes each; nothing else does.
        settled = [mb for count, mb in held if count > WARM]
        if settled:
            assert max(settled) - settled[0] < 32 + taken * 60 / 2**20, held
        assert max(flood.worst for flood in floods) < 10


def test_a_thousand_idle_and_slow_clients_stop_nobody(world):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    try:
        with IntakeDaemon(world) as daemon:
            head = (f"POST /v1/batch HTTP/1.1\r\nHost: x\r\n"
                    f"Content-Length: 30000\r\n")
            pieces = [b"", b"PO", head.encode(),
                      (head + "\r\n" + '{"batch":[').encode()]
            idle = []
            for i in range(1000):
                idle.append(socket.create_connection(
                    ("127.0.0.1", daemon.port)))
                idle[-1].sendall(pieces[i % len(pieces)])
            worst = 0.0
            for i in range(50):
                began = time.monotonic()
                client = Client(daemon.port)
                assert client.post(track(f"m{i}"), "/v1/track")[0] == 200
                client.close()
                worst = max(worst, time.monotonic() - began)
            assert worst < 5, worst  # they take ten seconds and more
            # Who does not finish a header in ten seconds is let go; who has not
            # begun one may stay.
            wait_until(lambda: 400 < daemon.connections() <= 510, 20)
            for one in idle:
                one.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def bomb():
    return gzip.compress(bytes(200 * 2**20), 9)


def chunks(count):
    return (b" " * 65536 for _ in range(count))


@pytest.mark.parametrize("body, options, status, error, detail", [
    pytest.param(bomb, {"headers": {"Content-Encoding": "gzip"}}, 413,
                 "request size exceeds max limit",
                 "the body is larger than 4000000 bytes when unpacked",
                 id="gzip bomb"),
    pytest.param(lambda: b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", {},
                 400, "invalid json", "JSON nested deeper than 64 levels",
                 id="100,000 levels"),
    pytest.param(lambda: b'{"batch":[{"userId":"\xff"}]}', {}, 400,
                 "invalid json", "not UTF-8 text", id="broken UTF-8"),
    pytest.param(lambda: b'{"batch":[{"a":' + b"[" * 100_000 + b"]" * 100_000
                 + b"}]}", {}, 400, "invalid json",
                 "JSON nested deeper than 64 levels",
                 id="100,000 levels in a message"),
    pytest.param(lambda: chunks(100), {"encode_chunked": True,
                                       "headers": {"Transfer-Encoding":
                                                   "chunked"}}, 413,
                 "request size exceeds max limit",
                 "the body is larger than 4000000 bytes",
                 id="chunked over the limit"),
    pytest.param(lambda: b"x" * (5 << 20), {}, 413,
                 "request size exceeds max limit",
                 "the body is larger than 4000000 bytes", id="too large"),
    pytest.param(lambda: b"\x1f\x8b broken",
                 {"headers": {"Content-Encoding": "gzip"}}, 400,
                 "invalid gzip body", "the body is not whole gzip data",
                 id="broken gzip"),
    pytest.param(lambda: b"{", {}, 400, "invalid json", "not valid JSON",
                 id="cut short"),
    pytest.param(lambda: b'{"batch":[]}', {}, 400, "empty batch payload",
                 "the batch holds no message", id="empty batch"),
])
def test_broken_requests_get_a_clear_answer(shared_daemon, body, options,
                                            status, error, detail):
    answer = Client(shared_daemon.port).post(body(), **options)
    assert answer == (status, {"success": False, "error": error,
                               "detail": detail})


@pytest.fixture(scope="module")
def shared_daemon(tmp_path_factory):
    with IntakeDaemon(World(tmp_path_factory.mktemp("shared"))) as daemon:
        yield daemon


def test_a_wrong_key_is_told_so(shared_daemon):
    status, answer = Client(shared_daemon.port, "nope").post({"batch": []})
    assert (status, answer["error"]) == (401, "invalid write key")


def test_refused_messages_are_shown_and_can_be_imported(world):
    with IntakeDaemon(world) as daemon:
        client = Client(daemon.port)
        batch = [track("m1"), {"type": "track", "event": "app_open"},
                 track("m2", timestamp="2999-01-01T00:00:00Z")]
        assert client.post({"batch": batch}) == (200, {"success": True})
        refusals = json.loads(daemon.get("/api/v1/refusals")[1])
        assert refusals["by_refusal"] == {"unreadable": 1, "too_large": 0,
                                          "surplus": 0, "refused": 1}
        whys = [one["why"] for one in refusals["latest"]]
        assert "neither userId nor anonymousId is given" in whys
        for language, words in [("zh", "最近被拒绝的消息"),
                                ("en", "Messages refused lately")]:
            page = daemon.get(f"/health?lang={language}")[1]
            assert words in page and whys[0] in page
        letter, = (world.folder / "data" / "dead_letter").glob("*.ndjson")
        mended = letter.read_text().replace("2999-01-01", "2025-01-01")
        world.write("mended.ndjson", mended)
        summary = world.run("import", "--format", "dead_letter",
                            "mended.ndjson", code=3).stdout
        assert "2 read, 1 accepted, 0 duplicate, 1 rejected" in summary


def test_numbers_of_any_length_are_taken(world):
    """JavaScript writes 1e20 as 21 digits."""
    long = 10**20
    with IntakeDaemon(world) as daemon:
        client = Client(daemon.port)
        for message in [track("m1", properties={"a": 2**64}),
                        {"type": "identify", "userId": "u1",
                         "traits": {"a": long}}]:
            assert client.post({"batch": [message]})[0] == 200
        counts = daemon.counts()
        assert (counts["accepted"], sum(counts.values())) == (2, 2)
        line = track("m2", "u2", timestamp="2025-01-02T00:00:00Z",
                     properties={"a": long})
        world.write("events.ndjson", json.dumps(line))
        summary = world.run("import", "events.ndjson").stdout
        assert "1 read, 1 accepted" in summary


@pytest.mark.parametrize("value, reason", [
    pytest.param(r'"\ud83d"', "a text holds half of a surrogate pair",
                 id="lone surrogate"),
    pytest.param("1e999", "a number is too large", id="1e999"),
    pytest.param("[" * 70 + "]" * 70, "JSON nested deeper than 64 levels",
                 id="70 levels"),
])
def test_a_message_with_a_fault_costs_no_other(world, value, reason):
    """It is kept as it came, and refused in the same words when it comes
    again."""
    with IntakeDaemon(world) as daemon:
        batch = json.dumps({"batch": [track("m1"), track("m2", note="?"),
                                      track("m3")]})
        body = batch.replace('"?"', value)
        assert Client(daemon.port).post(body) == (200, {"success": True})
        counts = daemon.counts()
        assert (counts["accepted"], sum(counts.values())) == (2, 3)
        latest = json.loads(daemon.get("/api/v1/refusals")[1])["latest"]
        assert [one["why"] for one in latest] == [reason]
        folder = world.folder / "data" / "dead_letter"
        letter, = folder.glob("*.ndjson")
        row = json.loads(letter.read_text())
        assert row["reason"] == reason and value in row["record"]

        world.write("again.ndjson", letter.read_text())
        summary = world.run("import", "--format", "dead_letter",
                            "again.ndjson", code=3).stdout
        assert "1 read, 0 accepted, 0 duplicate, 1 rejected" in summary
        again, = set(folder.glob("*.ndjson")) - {letter}
        assert json.loads(again.read_text()) == row


def test_a_reload_changes_the_keys_and_keeps_the_connections(world):
    with IntakeDaemon(world) as daemon:
        client = Client(daemon.port)
        assert client.post(track("m1"), "/v1/track")[0] == 200
        world.write("write_key", "another")
        daemon.process.send_signal(1)
        wait_until(lambda: client.post(track("m2"), "/v1/track")[0] == 401, 10)
        new = Client(daemon.port, "another")
        assert new.post(track("m3"), "/v1/track")[0] == 200


def test_what_was_answered_before_a_stop_is_there(world):
    daemon = IntakeDaemon(world).wait_ready()
    stop = threading.Event()
    senders = [Sender(f"t{i}", lambda: daemon.port, stop) for i in range(4)]
    for sender in senders:
        sender.start()
    wait_until(lambda: all(len(s.acknowledged) > 5 for s in senders), 30,
               "some answers each")
    assert daemon.stop() == 0
    stop.set()
    for sender in senders:
        sender.join()
    with IntakeDaemon(world) as again:
        for sender in senders:
            for batch in sender.acknowledged:
                assert Client(again.port).post({"batch": batch})[0] == 200
        assert again.counts()["accepted"] == 0
