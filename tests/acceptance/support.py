"""What the acceptance tests share: a folder with a configuration, the real
programs run in it, and receivers that record what reaches them."""

import csv
import http.server
import io
import os
import pathlib
import signal
import socket
import socketserver
import sqlite3
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(
    os.environ.get("REKINDLE_BIN", ROOT / "build" / "release" / "bin"))

BASE = """\
data_dir: data
time_zone: Asia/Shanghai
activity: app_open
behaviors:
  app_open: {event: app_open}
  trip: {event: trip_completed}
  order: {event: order_paid}
preferences:
  labels:
    driving: {behavior: trip}
consent: {topics: [offers], default: granted}
pages: {listen: "127.0.0.1:0"}
"""


class World:
    """One folder: rekindle.yaml, data, input files; and what the programs find
    in their environment."""

    def __init__(self, folder, config=BASE, env=None):
        self.folder = pathlib.Path(folder)
        self.env = {**os.environ, **(env or {})}
        self.config(config)

    def config(self, text):
        self.write("rekindle.yaml", text)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def command(self, *args):
        return [str(BIN / "rekindle"), *map(str, args)]

    def run(self, *args, code=0, stdin=None, env=None, timeout=300):
        """Runs rekindle; checks the exit code; gives the finished process."""
        done = subprocess.run(
            self.command(*args), cwd=self.folder, input=stdin, text=True,
            capture_output=True, timeout=timeout,
            env={**self.env, **(env or {})})
        assert done.returncode == code, (
            f"{args}: exit {done.returncode}, expected {code}\n"
            f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return done

    def rows(self, *args):
        """A command's CSV as a list of dicts."""
        text = self.run(*args, "--format", "csv").stdout
        return list(csv.DictReader(io.StringIO(text)))

    def start(self, *args):
        return subprocess.Popen(
            self.command(*args), cwd=self.folder, env=self.env,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def store(self, sql):
        """Reads store.db directly, while nobody has it open."""
        db = sqlite3.connect(self.folder / "data" / "store.db")
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()


def kill_after(process, seconds):
    """kill -9 after so long; True if it was still running."""
    try:
        process.wait(timeout=seconds)
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True


class Daemon:
    """rekindled in a world's folder, its pages on a free port."""

    def __init__(self, world, env=None):
        self.world = world
        self.log = open(world.folder / "daemon.log", "ab")
        self.begin = self.log.tell()  # those before it wrote as far as here
        self.process = subprocess.Popen(
            [str(BIN / "rekindled"), "--config", "rekindle.yaml"],
            cwd=world.folder, stdout=self.log, stderr=self.log,
            env={**world.env, **(env or {})})

    def wait_ready(self, seconds=30):
        wait_until(lambda: "pages on http://" in self.text() or
                   self.process.poll() is not None, seconds)
        assert self.process.poll() is None, self.text()
        self.url = self.text().split("pages on ")[-1].split()[0]
        return self

    def text(self):
        """What it has logged."""
        log = (self.world.folder / "daemon.log").read_bytes()
        return log[self.begin:].decode(errors="replace")

    def get(self, path, headers=None):
        import urllib.request
        import urllib.error
        request = urllib.request.Request(self.url + path,
                                         headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def stop(self, signal_number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
            self.process.wait(timeout=60)
        self.log.close()
        return self.process.returncode

    def __enter__(self):
        return self.wait_ready()

    def __exit__(self, *_):
        self.stop()


def wait_until(holds, seconds, what="condition"):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError(f"{what} did not hold within {seconds} s")


class ReservedPort:
    """A port of its own for whoever cannot tell which one it was given: bound,
    so that nobody else is given it, and not listened to. Servers bind it too,
    as they allow an address to be used again."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", 0))
        self.number = self.socket.getsockname()[1]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.number}/hook"

    def close(self):
        self.socket.close()


class WebhookReceiver:
    """Records every request: (webhook-id, body). `answer` may be replaced to
    misbehave; it gets the handler and the recorded request."""

    def __init__(self, answer=None, port=0):
        self.requests = []
        self.lock = threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                record = (self.headers["webhook-id"], body)
                with receiver.lock:
                    receiver.requests.append(record)
                if answer and answer(self, record):
                    return
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *request):
                # A killed sender resets its connections.
                if not isinstance(sys.exc_info()[1], ConnectionError):
                    super().handle_error(*request)

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever,
                                       daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    def ids(self):
        with self.lock:
            return [r[0] for r in self.requests]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class MailServer:
    """A real SMTP server (aiosmtpd) that records each message and its
    envelope."""

    def __init__(self):
        from aiosmtpd.controller import Controller
        self.messages = []
        self.senders = []
        outer = self

        class Handler:
            async def handle_DATA(self, server, session, envelope):
                outer.senders.append(envelope.mail_from)
                outer.messages.append((envelope.rcpt_tos, envelope.content))
                return "250 2.0.0 kept"

        self.reserved = ReservedPort()  # aiosmtpd tells no port it was given
        self.port = self.reserved.number
        self.controller = Controller(Handler(), hostname="127.0.0.1",
                                     port=self.port)
        self.controller.start()

    def message_ids(self):
        ids = []
        for _, content in self.messages:
            for line in content.split(b"\r\n"):
                if line.lower().startswith(b"message-id:"):
                    ids.append(line.split(b":", 1)[1].strip().decode())
                    break
        return ids

    def close(self):
        self.controller.stop()
        self.reserved.close()
