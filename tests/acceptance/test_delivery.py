"""Delivery when things go wrong: a receiver out of its mind, one that is not
there, a full disk, an operator's hand on the channel; and what people see."""

import collections
import random
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

from support import (BASE, Daemon, ReservedPort, WebhookReceiver, World,
                     wait_until)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

RULES = """\
templates:
  hello: {out: {text: "Hello {{user_id}}"}}
rules:
  - id: wake
    when: {lifecycle: [new, previous_new, active, dormant, churned, woken, returned]}
    send: {channel: out, template: hello}
    schedule: daily 10:00
"""


def campaign(folder, channel, users):
    world = World(folder, BASE + f"channels:\n  out: {channel}\n" + RULES,
                  env={"HOOK_SECRET": SECRET})
    rows = ["user_id,created_at,email"]
    rows += [f"u{i},2025-12-01,u{i}@example.com" for i in range(users)]
    world.write("users.csv", "\n".join(rows) + "\n")
    world.run("import", "--users", "users.csv")
    return world


def planned(world):
    """The rule's touches are planned and due; nothing has left."""
    world.run("channel", "pause", "out")
    world.run("run", "--rule", "wake")
    world.run("channel", "resume", "out")
    return world


def hook(url, extra=""):
    return (f"{{type: webhook, url: \"{url}\", secret: {{env: HOOK_SECRET}}"
            f"{extra}}}")


def states(world):
    return collections.Counter(
        t["state"] for t in world.rows("export", "touches"))


def channel(world, name="out"):
    rows = world.rows("channel", "status")
    return next(row for row in rows if row["channel"] == name)


class ChaosReceiver:
    """Does something else to every request; always kind to a known id."""

    def __init__(self, seed):
        self.seen = collections.Counter()
        self.random = random.Random(seed)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,),
                             daemon=True).start()

    def serve(self, connection):
        with connection:
            try:
                while self.one(connection):
                    pass
            except OSError:
                pass

    @staticmethod
    def read(connection):
        request = b""
        while b"\r\n\r\n" not in request:
            more = connection.recv(4096)
            if not more:
                return None, None
            request += more
        head, body = request.split(b"\r\n\r\n", 1)
        headers = dict(line.split(b": ", 1)
                       for line in head.split(b"\r\n")[1:])
        while len(body) < int(headers[b"Content-Length"]):
            more = connection.recv(4096)
            if not more:
                return None, None
            body += more
        return headers[b"webhook-id"].decode(), body

    def one(self, connection):
        touch_id, _ = self.read(connection)
        if touch_id is None:
            return False
        self.seen[touch_id] += 1
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        if self.seen[touch_id] > 1:
            connection.sendall(answer)
            return True
        what = self.random.randrange(8)
        if what == 0:
            time.sleep(3)  # past the sender's patience
        elif what == 1:
            connection.sendall(b"\x00\xff what? \r\n\r\n")
        elif what == 2:
            connection.sendall(answer[:-20])
        elif what == 3:
            connection.sendall(b"HTTP/1.1 429 Slow\r\nRetry-After: 1\r\n"
                               b"Content-Length: 0\r\n\r\n")
            return True
        elif what == 4:
            connection.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n"
                               b"\r\n")
            return True
        elif what == 5:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")
        elif what == 6:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                  b"\x01\0\0\0\0\0\0\0")
        else:
            connection.sendall(answer)
            return True
        return False


def test_a_receiver_out_of_its_mind(tmp_path):
    receiver = ChaosReceiver(seed=1)
    users = 200
    # The circuit would only make the test longer.
    world = campaign(tmp_path, hook(
        receiver.url, ", timeout_seconds: 1, circuit: {after: 1000}"), users)
    with Daemon(planned(world)) as daemon:
        wait_until(lambda: states(world)["accepted"] == users, 150,
                   "everything is accepted in the end")
        assert daemon.process.poll() is None
    assert set(states(world)) == {"accepted"}
    attempts = dict(world.store(
        "SELECT t.touch_id, count(*) FROM attempts a JOIN touches t "
        "ON t.id = a.touch GROUP BY 1"))
    assert len(receiver.seen) == users
    for touch_id, times in receiver.seen.items():
        assert times <= attempts[touch_id], "an attempt the ledger lacks"


def test_a_stopped_receiver(tmp_path):
    port = ReservedPort()
    users = 300
    world = campaign(tmp_path, hook(
        port.url, ", circuit: {after: 5, pause_seconds: 2}, "
        "retry: {most_seconds: 3}"), users)
    with Daemon(planned(world)) as daemon:
        # It is tried again every other second: each may be seen at its time.
        def is_stopped():
            status = channel(world)
            return (status["standing"] == "stopped" and
                    "not sent: " in status["reason"])
        wait_until(is_stopped, 60, "the command says so")
        wait_until(lambda: "stopped; one touch will be tried" in
                   daemon.get("/channels?lang=en")[1], 30, "the page does")
        wait_until(lambda: 'rekindle_channel_circuit_open{channel="out"} 1' in
                   daemon.get("/metrics")[1], 30, "the metrics do")
        assert "channel out: stopped until" in daemon.text()

        again = WebhookReceiver(port=port.number)
        wait_until(lambda: states(world)["accepted"] == users, 90,
                   "it recovers by itself")
        assert channel(world)["standing"] == "sending"
        assert "channel out: works again" in daemon.text()
    assert sorted(again.ids()) == sorted(set(again.ids())), "doubled"
    assert len(again.ids()) == users
    again.close()
    port.close()


@pytest.mark.parametrize("small_disk", ["40m"], indirect=True)
def test_a_full_disk_under_way(small_disk, tmp_path):
    full = threading.Event()
    world = None

    def answer(handler, record):
        # The disk fills up while requests are in flight.
        if not full.is_set():
            full.set()
            # Without a buffer: closing one writes what is left of it, too.
            with open(small_disk / "ballast", "wb", buffering=0) as ballast:
                try:
                    while True:
                        ballast.write(b"x" * 65536)
                except OSError:
                    pass
        time.sleep(0.01)

    receiver = WebhookReceiver(answer)
    users = 3000
    world = campaign(tmp_path, hook(receiver.url, ", deduplicates: false"),
                     users)
    with Daemon(planned(world)) as daemon:
        wait_until(lambda: "nothing more is sent until outcomes can be written"
                   in daemon.text(), 60, "the log says so")
        page = daemon.get("/channels?lang=en")[1]
        assert "the disk fails; goes on by itself" in page
        assert "rekindle_channel_store_failing{channel=\"out\"} 1" in (
            daemon.get("/metrics")[1])
        (small_disk / "ballast").unlink()
        wait_until(lambda: states(world)["accepted"] == users, 90,
                   "it goes on by itself")
        assert "channel out: outcomes are written again" in daemon.text()
    ids = receiver.ids()
    assert len(ids) == len(set(ids)) == users, "lost or doubled"
    receiver.close()


def test_an_operators_hand(tmp_path):
    receiver = WebhookReceiver()
    world = campaign(tmp_path, hook(receiver.url), 5)
    said = world.run("channel", "pause", "out").stdout
    assert said.startswith("channel out: paused; "), said
    world.run("run", "--rule", "wake")
    assert states(world) == {"planned": 5}
    assert channel(world)["standing"] == "paused"
    with Daemon(world):  # a hold survives a restart
        time.sleep(2)
        assert not receiver.ids()
        assert world.run("channel", "resume", "out").stdout == (
            "channel out: sends again\n")
        wait_until(lambda: len(receiver.ids()) == 5, 30)
        world.run("channel", "drain", "out")
        assert channel(world)["standing"] == "draining"
    error = world.run("channel", "pause", "outt", code=2).stderr
    assert error == 'error: there is no channel "outt"; did you mean "out"?\n'
    receiver.close()


def test_settling_by_hand(tmp_path):
    def hang_up(handler, record):
        # At once: closed alone, the handler's files would keep it open.
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True
        return True

    receiver = WebhookReceiver(hang_up)
    world = campaign(tmp_path, hook(receiver.url, ", deduplicates: false"), 3)
    world.run("run", "--rule", "wake")
    assert states(world) == {"unknown": 3}
    rows = world.rows("export", "touches")
    error = world.run("settle", "--as", "failed", code=2).stderr
    assert error == (
        "error: name touch ids, or --channel, --rule or --slot\n")
    for name, value, problem in (
            ("--channel", "outt", 'there is no channel "outt"; did you mean '
                                  '"out"?'),
            ("--rule", "wakee", 'there is no rule "wakee"; did you mean '
                                '"wake"?'),
            ("--slot", rows[0]["slot"][:10],
             "--slot: expected an instant with its offset, such as "
             f"{rows[0]['slot'][:10]}T10:00:00+08:00, not the day "
             f"\"{rows[0]['slot'][:10]}\"")):
        error = world.run("settle", name, value, "--as", "failed",
                          code=2).stderr
        assert error == f"error: {problem}\n"
    error = world.run("settle", "nobody", "--as", "failed", code=2).stderr
    assert error == (
        "error: touch nobody is not unknown: nothing is settled\n")
    done = world.run("settle", rows[0]["touch_id"], "--as", "accepted")
    assert done.stderr == "1 touches settled\n"
    done = world.run("settle", "--rule", "wake", "--slot", rows[0]["slot"],
                     "--as", "failed")
    assert done.stderr == "2 touches settled\n"
    assert states(world) == {"accepted": 1, "failed": 2}
    # What is gone from the settings may have left touches behind.
    before = (world.folder / "rekindle.yaml").read_text()
    world.config(before.replace("out:", "other:")
                       .replace("channel: out", "channel: other")
                       .replace("id: wake", "id: woken"))
    done = world.run("settle", "--channel", "out", "--rule", "wake", "--as",
                     "failed")
    assert done.stderr == "0 touches settled\n"
    world.config(before)
    with Daemon(world) as daemon:
        page = daemon.get("/channels?lang=zh")[1]
        assert "认定结果" in page and "rule wake, slot" in page
    receiver.close()


def test_a_reload_disturbs_nothing_under_way(tmp_path):
    receiver = WebhookReceiver(lambda handler, record: time.sleep(0.05))
    users = 2000
    world = campaign(tmp_path, hook(receiver.url, ", deduplicates: false"),
                     users)
    with Daemon(planned(world)) as daemon:
        wait_until(lambda: len(receiver.ids()) > 50, 60)
        for reloads, rate in enumerate((2000, 3000, 4000), 1):
            world.config(BASE + "channels:\n  out: " + hook(
                receiver.url, ", deduplicates: false, "
                f"rate: {{per_second: {rate}}}") + "\n" + RULES)
            daemon.process.send_signal(signal.SIGHUP)
            wait_until(lambda: daemon.text().count("reload: 1 rule") ==
                       reloads, 30, "the reload")
        assert len(receiver.ids()) < users, "all was over before"
        wait_until(lambda: states(world)["accepted"] == users, 90)
    ids = receiver.ids()
    assert len(ids) == len(set(ids)) == users
    receiver.close()


def test_people_are_told(tmp_path):
    told = WebhookReceiver()
    gone = ReservedPort()
    world = campaign(
        tmp_path, hook(gone.url, ", circuit: {after: 2, pause_seconds: 600}, "
                       "notify: ops") +
        f"\n  ops: {hook(told.url)}", 5)
    with Daemon(planned(world)):
        wait_until(lambda: told.requests, 90, "a notice came")
    text = told.requests[0][1].decode()
    assert "Rekindle: out 渠道已熔断，暂停发送" in text, text
    assert SECRET not in text
    told.close()
    gone.close()


def test_metrics_are_clean(tmp_path):
    receiver = WebhookReceiver()
    world = campaign(tmp_path, hook(receiver.url, ", cost: 0.05"), 4)
    with Daemon(planned(world)) as daemon:
        wait_until(lambda: len(receiver.ids()) == 4, 30)
        wait_until(lambda: 'rekindle_messages_total{channel="out",'
                   'outcome="accepted"} 4' in daemon.get("/metrics")[1], 10)
        metrics = daemon.get("/metrics")[1]
        assert 'rekindle_messages_cost_total{channel="out"} 0.2' in metrics
        assert 'rekindle_send_duration_seconds_count{channel="out"} 4' in (
            metrics)
        assert channel(world)["cost_today"] == "0.20"
    [review] = world.rows("review")
    assert review["cost"] == "0.200000"
    if shutil.which("promtool"):
        done = subprocess.run(["promtool", "check", "metrics"], input=metrics,
                              text=True, capture_output=True)
        assert done.returncode == 0, done.stdout + done.stderr
    receiver.close()
