"""Delivery: the durable ledger sends to a loopback HTTP receiver beside a bare
curl_multi loop, and mails to Postfix's smtp-sink beside its smtp-source. Every
turn is a fresh folder with the same touches; afterwards the ledger must hold
exactly as many accepted touches as were planned."""

import contextlib
import os
import shutil
import socket
import subprocess
import time

from actor import BenchError
from figures import DELIVERY
from sections.recompute import WrongAnswer
from sections.servers import BareListener
from world import alternate, say

FIGURES = DELIVERY
ROUNDS = 3  # one of more than 200,000: long enough to be no accident
HTTP_CONCURRENCY = 64
SMTP_SESSIONS = 16
BODY_BYTES = 200
MAIL_BYTES = 2000


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tool(name):
    """Postfix's test programs stand outside everybody's path."""
    for folder in ["/usr/sbin", "/usr/lib/postfix/sbin", "/usr/bin"]:
        if os.access(os.path.join(folder, name), os.X_OK):
            return os.path.join(folder, name)
    raise BenchError(f"{name} is not there (Debian package postfix)")


class SmtpSink:
    """Takes every mail and keeps none."""

    def __init__(self):
        self.port = free_port()
        self.process = subprocess.Popen(
            [tool("smtp-sink"), "-u", "nobody", f"127.0.0.1:{self.port}",
             "1024"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            time.sleep(0.02)
        raise BenchError("smtp-sink does not listen")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class Delivery:
    def __init__(self, world):
        self.world = world
        self.touches = world.touches
        self.mails = world.touches // 5
        self.rounds = ROUNDS if world.touches <= 200_000 else 1

    def filled(self, name, touches, size):
        """A folder with touches that are due; made once, copied each turn."""
        folder = self.world.folder / f"delivery-{name}"
        if not folder.exists():
            say(f"delivery: {touches:,} touches for {name}")
            self.world.program("deliver", "fill", folder, "--touches", touches,
                               "--bytes", size)
        turn = self.world.folder / "delivery-turn"
        shutil.rmtree(turn, ignore_errors=True)
        shutil.copytree(folder, turn)
        os.sync()
        return turn

    def send(self, name, settings, touches, size):
        os.environ["BENCH_SECRET"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        file = self.world.folder / "delivery.yaml"
        file.write_text(settings)
        done = self.world.program(
            "deliver", "send", self.filled(name, touches, size), "--settings",
            file)
        if done["accepted"] != touches or done["others"]:
            raise WrongAnswer(f"of {touches:,} touches {done['accepted']:,} "
                              f"were accepted, {done['others']:,} were not")
        return touches / done["seconds"]

    def http(self, listener):
        url = f"http://127.0.0.1:{listener.port}/hook"
        settings = (f"out: {{type: webhook, url: \"{url}\", secret: "
                    f"{{env: BENCH_SECRET}}, concurrency: {HTTP_CONCURRENCY}}}")
        self.world.measured.figure(
            "delivery.http",
            self.send("http", settings, self.touches, BODY_BYTES))

    def bare(self, listener):
        done = self.world.program(
            "deliver", "bare", "--url",
            f"http://127.0.0.1:{listener.port}/hook", "--count", self.touches,
            "--bytes", BODY_BYTES + 350, "--concurrency", HTTP_CONCURRENCY)
        if done["bad"]:
            raise BenchError(f"{done['bad']} requests of the bare loop failed")
        self.world.measured.reference("delivery.http",
                                      self.touches / done["seconds"])

    def mail(self, sink):
        settings = (f"out: {{type: smtp, host: 127.0.0.1, port: {sink.port}, "
                    f"from: hello@app.example, concurrency: {SMTP_SESSIONS}}}")
        self.world.measured.figure(
            "delivery.smtp", self.send("smtp", settings, self.mails,
                                       MAIL_BYTES))

    def smtp_source(self, sink):
        began = time.monotonic()
        subprocess.run(
            [tool("smtp-source"), "-d", "-s", str(SMTP_SESSIONS), "-l",
             str(MAIL_BYTES), "-m", str(self.mails), "-f", "hello@app.example",
             "-t", "user@app.example", f"127.0.0.1:{sink.port}"], check=True)
        self.world.measured.reference(
            "delivery.smtp", self.mails / (time.monotonic() - began))


def run(world):
    say("delivery")
    delivery = Delivery(world)
    with BareListener(world) as listener:
        alternate(delivery.rounds, lambda: delivery.http(listener),
                  lambda: delivery.bare(listener))
    try:
        with SmtpSink() as sink:
            alternate(delivery.rounds, lambda: delivery.mail(sink),
                      lambda: delivery.smtp_source(sink))
    except BenchError as missing:
        world.measured.leave_out(
            [f for f in FIGURES if f.key == "delivery.smtp"], str(missing))
    world.remove("delivery-http", "delivery-smtp", "delivery-turn",
                 "delivery.yaml")
