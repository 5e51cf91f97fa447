"""The servers beside which the intake is measured, each on a free port and gone
at the end."""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

from actor import BenchError

POSTGRESQL_BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
CLIENTS = 8


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise BenchError(f"nothing listens on port {port}")


class BareListener:
    def __init__(self, world):
        self.process = subprocess.Popen(
            [str(world.bin / "rekindle_bench_bare_listener")],
            stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self.process.stdout.readline())["port"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
worker_processes 2;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_max_body_size 16m;
  client_body_temp_path {folder}/nginx-bodies;
  keepalive_requests 1000000000;
  server {{
    listen 127.0.0.1:{port} reuseport;
    default_type application/json;
    location / {{ return 200 '{{"success":true}}'; }}
  }}
}}
"""


class Nginx:
    def __init__(self, world):
        program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        if not program:
            raise BenchError("nginx is not installed")
        self.port = free_port()
        settings = world.folder / "nginx.conf"
        settings.write_text(NGINX.format(folder=world.folder, port=self.port))
        self.process = subprocess.Popen([program, "-c", str(settings)],
                                        stderr=subprocess.DEVNULL)
        wait_for_port(self.port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


# Rows are made inside the server, which spares it reading them.
INSERT = """
INSERT INTO events
SELECT (random() * 2000000)::int, 1700000000 + n, 1 + n % 12, gen_random_uuid()
FROM generate_series(1, 100) AS n ON CONFLICT DO NOTHING;
"""


class PostgreSql:
    """Keyed by message id (uuid), every commit synced, 8 clients."""

    def __init__(self, world, preload=None):
        if not (POSTGRESQL_BIN / "initdb").exists():
            raise BenchError("PostgreSQL 15 is not installed")
        self.folder = world.folder / "postgresql"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self.port = free_port()
        self.run("initdb", "--auth=trust", "--username=bench", "--no-sync",
                 f"--pgdata={self.folder}/data")
        environment = [f"LD_PRELOAD={preload}"] if preload else []
        self.process = subprocess.Popen(
            self.as_user("env", *environment, POSTGRESQL_BIN / "postgres", "-D",
                         self.folder / "data", "-p", self.port, "-k",
                         self.folder, "-c", "shared_buffers=1GB", "-c",
                         "max_wal_size=8GB", "-c", "listen_addresses="),
            cwd=self.folder, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.wait_ready()
        self.run("psql", *self.address(), "-c",
                 "CREATE TABLE events (user_id int, ts int, feature int,"
                 " id uuid PRIMARY KEY)")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def as_user(self, *command):
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        return user + list(map(str, command))

    def run(self, program, *arguments):
        done = subprocess.run(
            self.as_user(POSTGRESQL_BIN / program, *arguments),
            cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise BenchError(f"{program}: {done.stderr}"[-1000:])
        return done.stdout

    def address(self):
        return ["-h", str(self.folder), "-p", str(self.port), "-U", "bench",
                "-d", "postgres"]

    def wait_ready(self):
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.run("psql", *self.address(), "-c", "SELECT 1")
                return
            except BenchError:
                time.sleep(0.1)
        raise BenchError("PostgreSQL does not start")

    def rows_a_second(self, seconds):
        script = self.folder / "insert.sql"
        script.write_text(INSERT)
        script.chmod(0o644)
        text = self.run("pgbench", *self.address()[:-2], "-n", "-c",
                        str(CLIENTS), "-j", "2", "-T", str(seconds), "-f",
                        str(script), "postgres")
        return 100 * float(re.search(r"tps = ([\d.]+)", text)[1])
