"""Clients of the HTTP intake: a bare one, and the vendors' own, installed from
npm into a folder outside the tree."""

import base64
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from support import BASE, Daemon

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(
    os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
PACKAGES = ["@segment/analytics-node@3.1.0",
            "@rudderstack/rudder-sdk-node@3.0.13"]
OLDEST_NODE = 20  # that analytics-node runs on; Debian 12 has 18
KEY = "WK123"

CONFIG = BASE + """\
intake: {listen: "127.0.0.1:0", write_keys: [{file: write_key}]}
"""


class IntakeDaemon(Daemon):
    """rekindled with an intake; `port` is the intake's."""

    def __init__(self, world, config=CONFIG):
        world.config(config)
        world.write("write_key", KEY + "\n")
        super().__init__(world)

    def wait_ready(self):
        super().wait_ready()
        self.port = int(re.findall(r"intake on http://\S*:(\d+)",
                                   self.text())[-1])
        return self

    @property
    def intake_url(self):
        return f"http://127.0.0.1:{self.port}"

    def counts(self):
        """Messages since the start of the process, by outcome."""
        text = self.get("/metrics")[1]
        return {outcome: int(count) for outcome, count in re.findall(
            r'rekindle_intake_messages_total{outcome="(\w+)"} (\d+)', text)}

    def journal_events(self):
        return json.loads(self.get("/api/v1/health")[1])["journal"]["events"]

    def connections(self):
        text = self.get("/metrics")[1]
        return int(re.search(r"^rekindle_intake_connections (\d+)", text,
                             re.M)[1])

    def resident_mb(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


class Client:
    """One connection that stays open between calls."""

    def __init__(self, port, key=KEY):
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        token = base64.b64encode(f"{key}:".encode()).decode()
        self.headers = {"Authorization": f"Basic {token}"}

    def post(self, body, path="/v1/batch", headers=None, **options):
        """The status and the answer's JSON."""
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        self.http.request("POST", path, body,
                          {**self.headers, **(headers or {})}, **options)
        answer = self.http.getresponse()
        self.retry_after = answer.getheader("Retry-After")
        return answer.status, json.loads(answer.read())

    def close(self):
        self.http.close()


def track(message_id, user="u1", event="app_open", **more):
    return {"type": "track", "messageId": message_id, "userId": user,
            "event": event, **more}


def event_rows(prefix, count):
    """A quarter's events of 700 users, each with an id of its own."""
    events = ["app_open", "trip_completed", "order_paid"]
    return [{"messageId": f"{prefix}-{i}", "userId": f"u{i * 7 % 700}",
             "event": events[i % 3],
             "timestamp": f"2025-{1 + i % 3:02}-{1 + i % 28:02}T12:00:00.000Z"}
            for i in range(count)]


def node():
    """A Node.js that is new enough, and the folder of the modules; skips where
    npm or its registry is out of reach."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    folder = CACHE / "rekindle-acceptance"
    folder.mkdir(parents=True, exist_ok=True)
    found = subprocess.run(["node", "--version"], capture_output=True,
                           text=True)
    version = int(re.match(r"v(\d+)", found.stdout or "v0")[1])
    wanted = PACKAGES + ([] if version >= OLDEST_NODE else ["node@20"])
    marker = folder / "installed"
    if not marker.exists() or marker.read_text() != " ".join(wanted):
        done = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error",
             "--prefix", folder, *wanted], capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"npm cannot install the clients: {done.stderr[-300:]}")
        marker.write_text(" ".join(wanted))
    modules = folder / "node_modules"
    own = modules / "node" / "bin" / "node"
    return (str(own) if own.exists() else "node"), modules


def send_through(client, daemon, file):
    """Sends the events of a file through a vendor's client."""
    program, modules = node()
    done = subprocess.run(
        [program, HERE / "clients" / f"{client}.js", daemon.intake_url, KEY,
         file], env={**os.environ, "NODE_PATH": str(modules)},
        capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
