"""The service: one owner a folder, reload, drain, socket, pages."""

import html
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from support import BASE, BIN, ROOT, Daemon, WebhookReceiver, World, wait_until
from test_main_job import EVENTS, RULES, USERS


@pytest.fixture
def filled(tmp_path):
    world = World(tmp_path, BASE + RULES)
    world.write("events.csv", EVENTS)
    world.write("users.csv", USERS)
    return world


def test_the_command_goes_through_the_socket(filled):
    with Daemon(filled) as daemon:
        filled.run("import", "--users", "users.csv")
        out = filled.run("import", "-", stdin=EVENTS).stdout
        assert "5 read, 5 accepted" in out
        rows = filled.rows("export", "lifecycle", "--as-of", "2026-03-05")
        assert [r["state"] for r in rows] == ["dormant", "churned", "new",
                                              "churned"]
        assert 'there is no user "x"' in filled.run("explain", "x",
                                                    code=1).stderr
        status, page = daemon.get("/users?id=u1&as_of=2026-03-05&lang=en")
        assert status == 200 and "Dormant" in page and "wake" in page
    # The daemon is gone: the command opens the folder itself.
    assert len(filled.rows("export", "lifecycle", "--as-of",
                           "2026-03-05")) == 4


def test_two_daemons_on_one_folder(filled):
    with Daemon(filled):
        second = subprocess.run(
            [str(BIN / "rekindled"), "--config", "rekindle.yaml"],
            cwd=filled.folder, capture_output=True, text=True, timeout=30)
        assert second.returncode == 1
        assert "is in use by another rekindle" in second.stderr


def test_two_daemons_on_one_port(filled, tmp_path_factory):
    with Daemon(filled) as first:
        other = World(tmp_path_factory.mktemp("other"),
                      BASE.replace("127.0.0.1:0", first.url[len("http://"):]))
        second = subprocess.run(
            [str(BIN / "rekindled"), "--config", "rekindle.yaml"],
            cwd=other.folder, capture_output=True, text=True, timeout=30)
        assert second.returncode == 1
        assert "the address is in use" in second.stderr


def test_a_broken_file_keeps_the_old_rules(filled):
    with Daemon(filled) as daemon:
        good = (filled.folder / "rekindle.yaml").read_text()
        filled.config(good.replace("lifecycle: dormant", "lifecycle: dorment"))
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "reload failed" in daemon.text(), 10)
        assert 'did you mean "dormant"' in daemon.text()
        assert filled.run("check", code=2).stderr.startswith(
            "rekindle.yaml:")
        status, page = daemon.get("/?lang=en")
        assert "the old rules are still running" in page
        status, page = daemon.get("/health?lang=zh")
        assert "旧规则仍在运行" in page and "dorment" in page
        status, rules = daemon.get("/api/v1/rules")
        assert [r["rule_id"] for r in json.loads(rules)["rules"]] == ["wake"]
        for language, words in (("en", "Last reload"), ("zh", "最近一次加载")):
            status, page = daemon.get("/rules?lang=" + language)
            assert words in page and "dorment" in page
        # The operator still reaches the daemon while the files are broken.
        filled.run("import", "events.csv")
        filled.config(good)
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: json.loads(daemon.get("/api/v1/health")[1])[
            "reload"]["ok"], 10)


def test_a_broken_configuration_does_not_start(filled):
    filled.config("activity: [\n")
    done = subprocess.run([str(BIN / "rekindled")], cwd=filled.folder,
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert "rekindle.yaml:" in done.stderr


def test_the_service_managers_folder(tmp_path_factory):
    state = tmp_path_factory.mktemp("state")
    state.chmod(0o750)
    world = World(tmp_path_factory.mktemp("settings"), BASE + RULES,
                  env={"STATE_DIRECTORY": str(state)})
    world.write("events.csv", EVENTS)
    world.write("users.csv", USERS)
    world.run("import", "--users", "users.csv")
    world.run("import", "events.csv")
    world.run("run", "--as-of", "2026-03-05T10:00:00+08:00")
    with Daemon(world) as daemon:
        health = json.loads(daemon.get("/api/v1/health")[1])
        assert str(state / "data") in json.dumps(health)
        assert not (world.folder / "data").exists()
        assert not (world.folder / "handoff").exists()
        assert list((state / "handoff").glob("*.csv"))
    for path in state.rglob("*"):
        assert path.stat().st_mode & 0o027 == 0, f"{path} is open to others"


def test_the_unit_and_what_it_needs():
    systemd = ROOT / "config" / "systemd"
    unit = (systemd / "rekindled.service").read_text().splitlines()
    sysusers = (systemd / "rekindle.sysusers.conf").read_text().splitlines()
    for line in ("User=rekindle", "StateDirectory=rekindle", "UMask=0027"):
        assert line in unit
    assert any(line.startswith("u rekindle ") for line in sysusers)
    if shutil.which("systemd-analyze"):
        subprocess.run(["systemd-analyze", "security", "--offline=yes",
                        "--threshold=20", systemd / "rekindled.service"],
                       check=True, capture_output=True, timeout=60)


def test_signals_that_mean_nothing_to_it(filled):
    with Daemon(filled) as daemon:
        daemon.process.send_signal(signal.SIGUSR1)
        daemon.process.send_signal(signal.SIGUSR2)
        time.sleep(0.5)
        assert daemon.process.poll() is None
        assert daemon.get("/healthz")[0] == 200
        assert daemon.stop() == 0


def test_sd_notify(filled, tmp_path):
    import socket
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(path)
        notify.settimeout(30)
        daemon = Daemon(filled, env={"NOTIFY_SOCKET": path})
        assert "READY=1" in notify.recv(4096).decode()
        daemon.process.send_signal(signal.SIGHUP)
        assert "RELOADING=1" in notify.recv(4096).decode()
        assert "READY=1" in notify.recv(4096).decode()
        assert daemon.stop() == 0
        assert "STOPPING=1" in notify.recv(4096).decode()


def test_sigterm_drains_what_is_under_way(tmp_path):
    def slow(handler, record):
        time.sleep(0.3)
    receiver = WebhookReceiver(slow)
    world = World(tmp_path, BASE + f"""\
channels:
  out: {{type: webhook, url: "{receiver.url}", secret: {{env: HOOK_SECRET}}}}
templates:
  hello: {{out: {{text: "Hello"}}}}
rules:
  - id: wake
    when: {{never_active: true}}
    send: {{channel: out, template: hello}}
    schedule: daily 10:00
""", env={"HOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
    world.write("users.csv", "user_id,created_at\n" + "".join(
        f"u{i},2025-12-01\n" for i in range(500)))
    world.run("import", "--users", "users.csv")
    world.run("channel", "pause", "out")
    world.run("run", "--rule", "wake")
    world.run("channel", "resume", "out")
    daemon = Daemon(world).wait_ready()
    wait_until(lambda: receiver.ids(), 30)
    assert daemon.stop() == 0
    states = {t["state"] for t in world.rows("export", "touches")}
    assert "accepted" in states
    assert states <= {"accepted", "planned"}, "something was cut off"
    assert len(receiver.ids()) == len(set(receiver.ids()))
    receiver.close()


@pytest.mark.parametrize("path", ["/", "/rules", "/rules/wake", "/touches",
                                  "/users", "/users?id=u1", "/channels",
                                  "/health"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages(pages, path, lang):
    joint = "&" if "?" in path else "?"
    status, page = pages.get(f"{path}{joint}lang={lang}&as_of=2026-03-05")
    assert status == 200
    assert ("总览" in page) == (lang == "zh")
    assert "{{" not in page
    for outside in ["http://", "https://", "//cdn"]:
        assert outside not in page


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("pages"), BASE + RULES)
    world.write("events.csv", EVENTS)
    world.write("users.csv", USERS)
    world.run("import", "--users", "users.csv")
    world.run("import", "events.csv")
    world.run("run", "--as-of", "2026-03-05T10:00:00+08:00")
    with Daemon(world) as daemon:
        yield daemon


def test_api_and_service_endpoints(pages):
    assert pages.get("/healthz") == (200, "ok\n")
    assert pages.get("/readyz")[0] == 200
    status, text = pages.get("/api/v1/overview?as_of=2026-03-05")
    overview = json.loads(text)
    assert overview["known"] == 4
    assert sum(s["users"] for s in overview["states"]) == 4
    assert pages.get("/api/v1/users?id=nobody")[0] == 404
    assert json.loads(pages.get("/api/v1/users?id=nobody")[1])[
        "detail"] == 'there is no user "nobody"'
    for path in ("/api/v1/users", "/api/v1/users?id="):
        status, text = pages.get(path)
        assert status == 400 and json.loads(text)["detail"].startswith(
            "which user is missing: id=...")
    assert pages.get("/users")[0] == 200
    assert pages.get("/api/v1/overview?as_of=soon")[0] == 400
    assert pages.get("/nowhere?lang=en")[0] == 404
    assert json.loads(pages.get("/api/v1/openapi.json")[1])["openapi"]
    assert "rekindle_rules_loaded 1" in pages.get("/metrics")[1]


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/nowhere", 404),
    ("GET", "/rules/none", 404),
    ("GET", "/touches?state=no%FFne", 400),
    ("GET", "/" + "a" * 9000, 414),
    ("POST", "/rules", 405),
    ("DELETE", "/touches", 405),
    ("GET", "/api/v1/nowhere", 404),
    ("GET", "/api/v1/users?id=%FF", 404),
    ("GET", "/api/v1/touches?state=no%FFne", 400),
    ("POST", "/api/v1/rules", 405),
])
def test_errors_keep_their_status(pages, method, path, status):
    connection = http.client.HTTPConnection(pages.url[len("http://"):])
    connection.request(method, path, body="x" if method != "GET" else None)
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    connection.close()
    assert answer.status == status, text
    kind = answer.headers["Content-Type"]
    if path.startswith("/api/"):
        assert kind == "application/problem+json"
        assert json.loads(text)["status"] == status
    else:
        assert kind.startswith("text/html") and f"<h1>{status} " in text
    if status == 405:
        assert answer.headers["Allow"] == "GET, HEAD"


def test_the_pages_answer_to_their_own_names_only(filled):
    """The name of another site may be made to lead here (DNS rebinding)."""
    filled.config((filled.folder / "rekindle.yaml").read_text().replace(
        'pages: {', 'pages: {url: "https://team.example/rekindle", '))
    with Daemon(filled) as daemon:
        port = daemon.url.split(":")[-1]
        for host in (f"localhost:{port}", f"127.0.0.1:{port}",
                     f"[::1]:{port}", "team.example", "Team.Example:443"):
            assert daemon.get("/", {"Host": host})[0] == 200, host
        for path in ("/", "/users?id=u1", "/api/v1/overview", "/metrics"):
            for host in (f"elsewhere.example:{port}", "127.0.0.1.nip.example"):
                assert daemon.get(path, {"Host": host})[0] == 403, host
        assert daemon.get("/healthz", {"Host": "probe.example"})[0] == 200


def test_a_large_body_is_refused(pages):
    connection = http.client.HTTPConnection(pages.url[len("http://"):])
    connection.request("POST", "/", body=b"x" * 1_000_000)
    assert connection.getresponse().status == 413
    connection.close()


def test_an_unknown_user_leaves_the_form(pages):
    for language, words in (("en", "There is no such user."),
                            ("zh", "没有此用户。")):
        status, page = pages.get("/users?id=nobody&lang=" + language)
        assert status == 404 and words in page
        assert 'name="id" value="nobody"' in page


def test_errors_speak_the_readers_language(pages):
    assert "<h1>404 Not found</h1>" in pages.get("/nowhere?lang=en")[1]
    assert "<h1>404 没有找到</h1>" in pages.get("/nowhere?lang=zh")[1]


def test_explanations_speak_the_readers_language(pages):
    asked = "/users?id=u1&as_of=2026-03-05&lang="
    english, chinese = "(last active 2026-02-07)", "（最近活跃 2026-02-07）"
    page = pages.get(asked + "en")[1]
    assert english in page and chinese not in page
    page = pages.get(asked + "zh")[1]
    assert chinese in page and english not in page
    assert english in pages.get("/api/v1" + asked + "zh")[1]


def test_a_users_labels_have_their_names(pages):
    user = json.loads(pages.get("/api/v1/users?id=u1&as_of=2026-03-05")[1])
    assert all(set(label["name"]) == {"zh", "en"} for label in user["labels"])


def test_touches_are_filtered_by_any_state(pages):
    page = pages.get("/touches?lang=en")[1]
    states = re.findall('<option value="([a-z_]+)"', page)
    assert {"planned", "opened", "clicked", "held_out"} <= set(states)
    for state in states:
        status, page = pages.get("/touches?state=" + state)
        assert status == 200 and f'value="{state}" selected' in page


def test_pages_escape_what_users_bring(tmp_path):
    world = World(tmp_path, BASE)
    world.write("e.csv", 'user_id,timestamp,event,note\n'
                         '<b>x</b>,2026-03-01,app_open,"<script>1</script>"\n')
    world.run("import", "e.csv")
    with Daemon(world) as daemon:
        page = daemon.get("/users?id=%3Cb%3Ex%3C/b%3E")[1]
        assert "<script>1" not in page and "<b>x</b>" not in page
        assert "&lt;b&gt;x" in page


def test_links_lead_to_any_id(tmp_path):
    world = World(tmp_path, BASE)
    world.write("e.csv", "user_id,timestamp,event\n"
                         "a&b+c d,2026-03-01,app_open\n")
    world.write("t.csv", "rule_id,user_id,timestamp,arm\n"
                         "old/camp?x,a&b+c d,2026-03-02,treated\n")
    world.run("import", "e.csv")
    world.run("import", "--touches", "t.csv")
    with Daemon(world) as daemon:
        page = daemon.get("/touches")[1]
        links = re.findall('href="(/(?:users|rules/)[^"]*%[^"]*)"', page)
        assert len(links) == 2
        for link in links:
            assert daemon.get(html.unescape(link))[0] == 200, link


def test_memory_is_taken_as_configured():
    """jemalloc tells its settings; the environment has the last word."""
    def told(conf):
        return subprocess.run(
            [str(BIN / "rekindled"), "--version"], capture_output=True,
            text=True, env={**os.environ, "MALLOC_CONF": conf}).stderr

    settings = told("stats_print:true")
    assert 'opt.thp: "always"' in settings
    assert "opt.dirty_decay_ms: 60000" in settings
    assert 'opt.thp: "never"' in told("stats_print:true,thp:never")
