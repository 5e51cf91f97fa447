"""What comes back: callbacks, clicks, unsubscriptions, bounces, results of
hand-offs; over the real daemon, a real mail server and real HTTP."""

import base64
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import re
import shutil
import signal
import socketserver
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from support import (BASE, ROOT, Daemon, MailServer, ReservedPort,
                     WebhookReceiver, World, wait_until)
from test_browser import WIDTH, browser  # noqa: F401, a fixture

BROWSER = ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) "
           "AppleWebKit/605.1.15 Version/17.0 Mobile/15E148 Safari/604.1")
WHEN = "2026-03-05T10:00:00+08:00"
NEXT = "2026-04-05T10:00:00+08:00"
KEY = b"a secret of the provider's"

CONFIG = """\
intake: {{listen: "127.0.0.1:{port}", write_keys: [{{env: WRITE_KEY}}]}}
links: {{base_url: "http://127.0.0.1:{port}"}}
channels:
  mail:
    type: smtp
    host: 127.0.0.1
    port: {smtp}
    from: "出行 App <hello@app.example>"
    bounce_address: "bounce+{{token}}@app.example"
    images: images
  push:
    type: webhook
    url: "{hook}"
    secret: {{env: PUSH_SECRET}}
    address_field: push_token
    receipts: {{secret: {{env: RECEIPT_SECRET}}}}
  sms:
    type: file
    dir: handoff
    receipts:
      secret: {{env: RECEIPT_SECRET}}
      signature: hmac_sha256
      header: X-Signature
      items: /events
      touch_id: /m
      state: /what
      recipient: /to
      events: {{DELIVRD: delivered, UNDELIV: undelivered, T: unsubscribed}}
templates:
  back:
    mail:
      subject: "{{{{nickname | default: \\"你好\\"}}}}，您的会员即将到期"
      text: "看看 https://app.example/trips?u={{{{user_id}}}}，或 https://app.example/ 。退订：{{{{unsubscribe_url}}}}"
      html: "<body><img src=\\"cid:logo.png\\"><a href=\\"https://app.example/trips?u={{{{user_id}}}}&amp;x=1\\">看看</a></body>"
    push: {{title: "Hello", url: "https://app.example/push"}}
    sms: {{text: "Hello"}}
rules:
  - id: wake
    when: {{lifecycle: [dormant, churned]}}
    topic: offers
    send: {{channel: {channel}, template: back}}
    schedule: monthly 5 10:00
    limits: {{every: 7 days}}
"""
USERS = """\
user_id,created_at,nickname,email,push_token,language
u1,2025-12-20,阿明,ming@mail.example,t-1,zh
u2,2025-12-21,,kim@mail.example,t-2a;t-2b,en
u3,2025-12-22,,lee@mail.example,t-3,en
"""
ENV = {"WRITE_KEY": "wk", "PUSH_SECRET": "push secret",
       "RECEIPT_SECRET": KEY.decode()}


def forged(path):
    """The path of a token with its last character changed."""
    return path[:-1] + ("B" if path[-1] == "A" else "A")


class Place:
    """A folder whose touches have left through one channel, and its daemon."""

    def __init__(self, folder, channel):
        self.smtp = MailServer()
        self.hook = WebhookReceiver()
        self.reserved = ReservedPort()  # links name it
        self.port = self.reserved.number
        self.world = World(folder, BASE + CONFIG.format(
            port=self.port, smtp=self.smtp.port, hook=self.hook.url,
            channel=channel), env=ENV)
        (folder / "images").mkdir()
        (folder / "images" / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        self.run, self.rows = self.world.run, self.world.rows
        self.world.write("users.csv", USERS)
        self.run("import", "--users", "users.csv")
        self.run("run", "--as-of", WHEN)
        self.daemon = None

    def start(self):
        self.daemon = Daemon(self.world).wait_ready()
        return self

    def close(self):
        if self.daemon:
            self.daemon.stop()
        self.smtp.close()
        self.hook.close()
        self.reserved.close()

    def touch_ids(self):
        return {row["user_id"]: row["touch_id"]
                for row in self.rows("export", "touches")}

    def states(self):
        return {row["user_id"]: row["state"]
                for row in self.rows("export", "touches")}

    def skips(self):
        """By user, why nothing is planned for them the next time."""
        return {row["user_id"]: row["reason"]
                for row in self.rows("plan", "--as-of", NEXT)}

    def review(self):
        (row,) = self.rows("review")
        return row

    def ask(self, path, method="GET", body=None, headers=None,
            agent=BROWSER, base=None):
        """The status, headers and body of a request; redirects are not
        followed."""
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None
        url = (base or f"http://127.0.0.1:{self.port}") + path
        request = urllib.request.Request(
            url, method=method, data=body,
            headers={"User-Agent": agent, **(headers or {})})
        try:
            with urllib.request.build_opener(Stay).open(
                    request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def report(self, channel, *receipts, key=KEY, at=None):
        """A callback in the normalised shape, signed as Standard Webhooks."""
        body = json.dumps(list(receipts)).encode()
        stamp = str(int(at or time.time()))
        signed = b"msg_1." + stamp.encode() + b"." + body
        mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
        return self.ask(f"/v1/receipts/{channel}", "POST", body, {
            "Content-Type": "application/json", "webhook-id": "msg_1",
            "webhook-timestamp": stamp,
            "webhook-signature": "v1," + mac.decode()})[0]

    def mails(self):
        """By recipient: the parsed mail and its envelope's sender."""
        return {
            rcpt[0]: (email.message_from_bytes(
                content, policy=email.policy.default), sender)
            for (rcpt, content), sender in zip(self.smtp.messages,
                                               self.smtp.senders)}


@pytest.fixture
def place(tmp_path):
    places = []

    def make(channel):
        places.append(Place(tmp_path, channel))
        return places[-1]
    yield make
    for one in places:
        one.close()


def test_a_provider_reports_what_became_of_its_touches(place):
    push = place("push").start()
    ids = push.touch_ids()
    assert push.states() == dict.fromkeys(("u1", "u2", "u3"), "accepted")
    assert push.report(
        "push",
        {"touch_id": ids["u1"], "state": "opened"},
        {"touch_id": ids["u1"], "state": "delivered"},
        {"messageKey": ids["u2"], "state": "bounced", "rawCode": "410",
         "class": "R"},
        {"touch_id": ids["u3"], "state": "complained"},
        {"touch_id": "0" * 32, "state": "opened"}) == 200
    assert push.states() == {"u1": "opened", "u2": "bounced",
                             "u3": "delivered"}
    # Once more, and later: nothing changes.
    assert push.report("push", {"touch_id": ids["u1"], "state": "delivered"},
                       {"touch_id": ids["u2"], "state": "bounced"}) == 200
    assert push.states()["u1"] == "opened"

    known = [(r["touch_id"], r["state"], r["known"])
             for r in push.rows("export", "receipts")]
    assert known[-1] == ("0" * 32, "opened", "false")
    assert len(known) == 5
    review = push.review()
    assert [review[k] for k in ("accepted", "delivered", "opened", "clicked",
                                "bounced", "complained", "unsubscribed")] == [
        "3", "2", "1", "0", "1", "1", "0"]
    # u2's other phone is left; u3 wants nothing from this channel.
    skips = push.skips()
    assert skips["u1"] == skips["u2"] == ""
    assert skips["u3"] == "no_consent"
    status, metrics = push.daemon.get("/metrics")
    assert 'rekindle_receipts_total{outcome="unknown"} 1' in metrics
    assert "rekindle_receipts_unknown 1" in metrics


def test_who_cannot_sign_is_not_heard(place):
    push = place("push").start()
    touch = push.touch_ids()["u1"]
    good = {"touch_id": touch, "state": "clicked"}
    assert push.report("push", good, key=b"guessed") == 401
    assert push.report("push", good, at=time.time() - 3600) == 401
    assert push.report("mail", good) == 404
    assert push.report("nowhere", good) == 404
    assert push.ask("/v1/receipts/push")[0] == 405
    assert push.ask("/v1/receipts/push", "POST", b"[]")[0] == 401
    assert push.report("push") == 200
    # The sms provider's secret does not speak for push.
    body = json.dumps({"events": [{"m": touch, "what": "T"}]}).encode()
    mac = hmac.new(KEY, body, hashlib.sha256).hexdigest()
    assert push.ask("/v1/receipts/sms", "POST", body,
                    {"X-Signature": "sha256=" + mac})[0] == 200
    assert push.states()["u1"] == "accepted"


def test_a_provider_has_words_of_its_own(place):
    sms = place("sms").start()
    ids = sms.touch_ids()
    body = json.dumps({"events": [
        {"m": ids["u1"], "what": "DELIVRD"}, {"m": ids["u1"], "what": "T"},
        {"m": ids["u2"], "what": "UNDELIV"}, {"m": ids["u3"], "what": "ACK"},
        {"what": "DELIVRD"}]}).encode()
    mac = base64.b64encode(hmac.new(KEY, body, hashlib.sha256).digest())
    status, _, answer = sms.ask("/v1/receipts/sms", "POST", body,
                                {"X-Signature": mac.decode()})
    assert (status, json.loads(answer)) == (200, {"success": True})
    assert sms.states() == {"u1": "delivered", "u2": "bounced",
                            "u3": "accepted"}
    assert sms.skips()["u1"] == "no_consent"
    # What names no touch is kept.
    (letter,) = (sms.world.folder / "data" / "dead_letter").glob("*.ndjson")
    assert json.loads(letter.read_text())["reason"] == (
        "it names neither a touch nor a message")


def test_links_lead_where_the_template_said_and_are_counted(place):
    mail = place("mail").start()
    message, _ = mail.mails()["ming@mail.example"]
    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    assert "app.example" not in text.replace("hello@app.example", "")
    trips, home = re.findall(r"http://127[^\s，]*/r/[\w-]+", text)
    assert re.search(r'href="([^"]+)"', html).group(1) != trips  # &x=1

    def path(url):
        return urllib.parse.urlparse(url).path
    # Whoever looks ahead is no reader.
    assert mail.ask(path(trips), "HEAD")[0] == 302
    assert mail.ask(path(trips), agent="Mozilla/5.0 (compatible; "
                    "Googlebot/2.1)")[0] == 302
    assert mail.ask(path(trips), headers={"Sec-Purpose": "prefetch"})[0] == 302
    assert mail.states()["u1"] == "accepted"
    status, _, pixel = mail.ask(path(re.search(
        r'<img src="([^"]+)" width="1"', html).group(1)))
    assert (status, pixel[:6]) == (200, b"GIF89a")
    wait_until(lambda: mail.states()["u1"] == "opened", 10, "the open")
    status, headers, body = mail.ask(path(trips))
    assert (status, headers["Location"], body) == (
        302, "https://app.example/trips?u=u1", b"")
    assert headers["Cache-Control"] == "no-store"
    wait_until(lambda: mail.states()["u1"] == "clicked", 10, "the click")
    assert mail.ask(path(home))[1]["Location"] == "https://app.example/"
    # Nobody is sent anywhere else.
    for bad in (forged(path(trips)), path(trips) + "A", "/r/", "/r/x",
                "/r/https://evil.example", path(trips) + "?u=https://evil"):
        status, headers, page = mail.ask(bad, headers={
            "Accept-Language": "en"})
        if bad.endswith("evil"):
            assert headers["Location"] == "https://app.example/trips?u=u1"
        else:
            assert (status, headers["Location"]) == (404, None), bad
            assert b"This link leads nowhere" in page
    assert mail.review()["clicked"] == "1"


def test_unsubscribing_takes_a_post(place):
    mail = place("mail").start()
    message, _ = mail.mails()["ming@mail.example"]
    url = message["List-Unsubscribe"].strip("<>")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = urllib.parse.urlparse(url).path
    text = message.get_body(("plain",)).get_content()
    assert url in text
    status, headers, page = mail.ask(path)
    assert status == 200 and "退订".encode() in page
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert b"Unsubscribe from" in mail.ask(path, headers={
        "Accept-Language": "en-GB,en;q=0.9,zh;q=0.1"})[2]
    english = urllib.parse.urlparse(
        mail.mails()["kim@mail.example"][0]["List-Unsubscribe"].strip("<>"))
    assert b"Unsubscribe from" in mail.ask(english.path)[2]
    assert mail.skips()["u1"] == ""  # nothing has happened
    for _ in range(2):
        status, headers, page = mail.ask(
            path, "POST", b"List-Unsubscribe=One-Click",
            {"Content-Type": "application/x-www-form-urlencoded"})
        assert status == 200 and "已退订".encode() in page
    skips = mail.skips()
    assert skips["u1"] == "no_consent" and skips["u2"] == ""
    assert mail.review()["unsubscribed"] == "1"
    # The other button: everything of the channel.
    status, _, page = mail.ask(english.path + "?lang=en", "POST",
                               b"from=channel")
    assert status == 200 and b"You are unsubscribed" in page
    assert mail.skips()["u2"] == "no_consent"
    assert mail.ask(forged(path), "POST", b"from=channel")[0] == 404
    assert mail.skips()["u3"] == ""


@pytest.mark.parametrize("lang, asks, done", [
    ("zh", "退订消息？", "已退订"),
    ("en", "Unsubscribe?", "You are unsubscribed")])
def test_a_phone_shows_the_unsubscribe_page_whole(place, browser,  # noqa: F811
                                                  lang, asks, done):
    mail = place("mail").start()
    url = mail.mails()["kim@mail.example"][0]["List-Unsubscribe"].strip("<>")
    browser.open(url + "?lang=" + lang)
    assert browser.script("document.documentElement.scrollWidth") <= WIDTH
    assert browser.script("document.title") == asks
    assert mail.skips()["u2"] == ""
    browser.script("document.querySelector('button').click()")
    wait_until(lambda: browser.script("document.title") == done, 10,
               "the page that says so")
    assert browser.script("document.documentElement.scrollWidth") <= WIDTH
    # The page for favicon.ico is not there, and nothing else is missing.
    assert [c for c in browser.complaints() if "favicon" not in c] == []
    assert mail.skips()["u2"] == "no_consent"


DSN = """\
Return-Path: <>
Delivered-To: {sender}
From: MAILER-DAEMON@mx.example
To: {sender}
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

I'm sorry to have to inform you.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {recipient}
Action: failed
Status: {status}
Diagnostic-Code: smtp; 550 {status} <{recipient}>: gone
--B
Content-Type: message/rfc822

Message-ID: <{touch}@app.example>

--B--
"""


def test_a_bounce_by_mail_ends_its_address(place):
    mail = place("mail").start()
    ids = mail.touch_ids()
    _, sender = mail.mails()["ming@mail.example"]
    assert re.fullmatch(r"bounce\+[0-9a-f]{32}\.[0-9a-f]{16}@app\.example",
                        sender)
    bounce = DSN.format(sender=sender, recipient="ming@mail.example",
                        status="5.1.1", touch=ids["u1"])
    done = mail.run("receipt", "--dsn", "-", stdin=bounce)
    assert done.stdout == "-: bounced\n"
    assert mail.run("receipt", "--dsn", "-", stdin=bounce).stdout == (
        "-: bounced (known)\n")
    assert mail.states()["u1"] == "bounced"
    assert mail.skips()["u1"] == "suppressed"

    # Forged, for somebody else's touch.
    done = mail.run("receipt", "--dsn", "-", stdin=DSN.format(
        sender=sender.replace(ids["u1"], ids["u2"]), recipient="kim@mail.example", status="5.1.1",
        touch=ids["u2"]))
    assert done.stdout == "-: it is about no mail of ours; passed over\n"
    assert mail.states()["u2"] == "accepted"
    # A full mailbox says nothing against its address; the mail server may know
    # the recipient better than the mail's headers.
    _, sender = mail.mails()["lee@mail.example"]
    mail.world.write("full.eml", DSN.format(
        sender="bounces@app.example", recipient="lee@mail.example",
        status="5.2.2", touch="x"))
    done = mail.run("receipt", "--dsn", "full.eml", "--recipient", sender)
    assert done.stdout == "full.eml: undelivered\n"
    assert mail.states()["u3"] == "bounced"
    assert mail.skips()["u3"] == ""
    done = mail.run("receipt", "--dsn", "-", stdin="Subject: away\n\nHello")
    assert done.stdout == "-: no report about a mail; passed over\n"


def test_results_of_a_hand_off_come_back(place):
    sms = place("sms")
    ids = sms.touch_ids()
    sms.world.write("results.csv", "touch_id,state,timestamp,detail\n"
                    f"{ids['u1']},delivered,2026-03-05T18:00:00+08:00,\n"
                    f"{ids['u2']},unsubscribed,,asked by phone\n"
                    f"{ids['u3']},reached,,\n"
                    "nobody,delivered,,\n")
    done = sms.run("import", "--receipts", "results.csv", code=3)
    assert "4 read, 2 accepted, 0 duplicate, 2 rejected" in done.stdout
    assert 'there is no touch "nobody"' in done.stderr
    assert 'unknown state "reached"' in done.stderr
    done = sms.run("import", "--receipts", "results.csv", code=3)
    assert "4 read, 0 accepted, 2 duplicate, 2 rejected" in done.stdout
    assert sms.states() == {"u1": "delivered", "u2": "delivered",
                            "u3": "accepted"}
    assert sms.skips()["u2"] == "no_consent"


def test_mails_carry_their_images_and_chinese_headers(place):
    mail = place("mail")
    message, _ = mail.mails()["ming@mail.example"]
    assert message["Subject"] == "阿明，您的会员即将到期"
    assert message["From"].addresses[0].display_name == "出行 App"
    assert message.get_content_type() == "multipart/alternative"
    plain, related = message.iter_parts()
    assert related.get_content_type() == "multipart/related"
    html, image = related.iter_parts()
    assert "cid:logo.png@app.example" in html.get_content()
    assert image["Content-ID"] == "<logo.png@app.example>"
    assert image.get_content() == b"\x89PNG\r\n\x1a\n"


def test_a_bad_address_is_left_out_and_told(place):
    push = place("push")
    push.world.write("more.csv", "user_id,email,phone,city\n"
                     "u8,nobody,13800138000,上海\n"
                     "u9,a@b.example,call me,杭州\n")
    done = push.run("import", "--users", "more.csv", code=3)
    assert ("2 read, 2 accepted, 0 duplicate, 0 rejected; 2 taken without an "
            "address that will not do") in done.stdout
    assert 'email: "nobody" is not an address' in done.stderr
    (letter,) = (push.world.folder / "data" / "dead_letter").glob("*.ndjson")
    reasons = [json.loads(line)["reason"]
               for line in letter.read_text().splitlines()]
    assert len(reasons) == 2 and 'phone: "call me"' in reasons[1]


def test_forgetting_reaches_what_came_back(place):
    mail = place("mail").start()
    ids = mail.touch_ids()
    message, sender = mail.mails()["ming@mail.example"]
    unsubscribe = urllib.parse.urlparse(
        message["List-Unsubscribe"].strip("<>")).path
    mail.run("receipt", "--dsn", "-", stdin=DSN.format(
        sender=sender, recipient="ming@mail.example", status="4.4.7",
        touch=ids["u1"]))
    mail.run("forget", "u1")
    assert mail.ask(unsubscribe)[0] == 404
    assert ids["u1"] not in mail.run("export", "receipts", "--format",
                                     "csv").stdout
    mail.daemon.stop()
    for file in (mail.world.folder / "data").rglob("*"):
        if not file.is_file():
            continue
        content = file.read_bytes()
        for word in (b"ming@mail.example", b"trips?u=u1", ids["u1"].encode()):
            assert word not in content, (file, word)


POLLED = """\
channels:
  push:
    type: webhook
    url: "{provider}/send"
    secret: {{env: PUSH_SECRET}}
    address_field: push_token
    receipts:
      touch_id: /message
      state: /status
      events: {{ARRIVED: delivered, DEAD: bounced}}
      poll: {{url: "{provider}{path}"{more}}}
templates: {{back: {{push: {{title: "Hello", url: "https://app.example/"}}}}}}
rules:
  - id: wake
    when: {{lifecycle: [dormant, churned]}}
    send: {{channel: push, template: back}}
    schedule: monthly 5 10:00
"""


class AskedProvider:
    """Takes messages, and tells what became of them only when it is asked: of
    all in a queue that hands out each status once, or of one by its id."""

    def __init__(self):
        self.queue = []      # statuses not handed out yet, one an answer
        self.statuses = {}   # by message
        self.asked = []
        self.held = threading.Event()
        self.held.set()
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"] or 0))
                said = []
                if self.path == "/new" and provider.queue:
                    said = [provider.queue.pop(0)]
                elif self.path.startswith("/of/"):
                    said = provider.statuses.get(self.path[4:], [])
                if self.path != "/send":
                    provider.asked.append(self.path)
                    provider.held.wait(30)
                answer = json.dumps(said).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # who is killed resets its connections

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()


@pytest.mark.parametrize("path, more", [
    ("/new", ""), ("/of/{{touch_id}}", ", give_up_after: 52 weeks")])
def test_a_provider_that_is_only_asked(tmp_path, path, more):
    provider = AskedProvider()
    # No intake: nothing needs to be reached from outside.
    world = World(tmp_path, BASE + POLLED.format(
        provider=provider.url, path=path, more=more), env=ENV)
    world.write("users.csv", USERS)
    world.run("import", "--users", "users.csv")
    world.run("run", "--as-of", WHEN)

    def rows(what):
        return world.rows("export", what)

    def states():
        return {row["user_id"]: row["state"] for row in rows("touches")}
    ids = {row["user_id"]: row["touch_id"] for row in rows("touches")}
    assert states() == dict.fromkeys(("u1", "u2", "u3"), "accepted")

    def says(user, status):
        said = {"message": ids[user], "status": status}
        provider.queue.append(said)
        provider.statuses[ids[user]] = [said]

    says("u1", "ARRIVED")
    says("u2", "DEAD")
    daemon = Daemon(world).wait_ready()
    try:
        wait_until(lambda: states() == {"u1": "delivered", "u2": "bounced",
                                        "u3": "accepted"}, 20, "the states")
        metrics = daemon.get("/metrics")[1]
        assert 'rekindle_receipts_total{outcome="taken"} 2' in metrics
        assert 'rekindle_polled_receipts_total{channel="push"} 2' in metrics
        assert 'rekindle_receipt_polls_failing{channel="push"} 0' in metrics
        channel = json.loads(daemon.get("/api/v1/channels")[1])["channels"][0]
        assert channel["polling"]["receipts"] == 2
        assert channel["polling"]["answered"] >= 2
        assert not channel["polling"]["failing"]
        for language, words in (("zh", "得到的回执"),
                                ("en", "Receipts that came")):
            page = daemon.get(f"/channels?lang={language}")[1]
            assert f"<dt>{words}</dt><dd>2</dd>" in page
        if shutil.which("promtool"):
            done = subprocess.run(["promtool", "check", "metrics"],
                                  input=metrics, text=True,
                                  capture_output=True)
            assert done.returncode == 0, done.stdout + done.stderr
    finally:
        daemon.stop(signal.SIGKILL)
    assert "/new" not in path or len(provider.queue) == 0

    # Once more, killed while a question is on its way.
    provider.held.clear()
    asked = len(provider.asked)
    daemon = Daemon(world).wait_ready()
    wait_until(lambda: len(provider.asked) > asked, 20, "a question")
    daemon.stop(signal.SIGKILL)
    provider.held.set()
    says("u3", "ARRIVED")
    says("u1", "ARRIVED")
    daemon = Daemon(world).wait_ready()
    try:
        wait_until(lambda: states()["u3"] == "delivered", 20, "the last")
        if path == "/new":
            wait_until(lambda: not provider.queue, 20, "the repeated one")
    finally:
        began = time.monotonic()
        assert daemon.stop() == 0
        assert time.monotonic() - began < 15
        provider.server.shutdown()
    assert states() == {"u1": "delivered", "u2": "bounced", "u3": "delivered"}
    assert sorted((row["touch_id"], row["state"]) for row in
                  rows("receipts")) == sorted([
        (ids["u1"], "delivered"), (ids["u2"], "bounced"),
        (ids["u3"], "delivered")])


@pytest.mark.parametrize("recipient", [
    "bounce+token@app.example",
    "bounce+`touch${IFS}ran`@app.example",
    "bounce+a|touch${IFS}ran|@app.example",
])
def test_the_words_for_postfix(tmp_path, recipient):
    """As Postfix does: arguments in braces are one, $$ is $, and the macro is
    whatever the world has written to."""
    readme = (ROOT / "channels/receipts/README.md").read_text()
    words = re.search(r"argv=(/bin/sh -c\n +\{.*)\n", readme)[1]
    argv = [(braced or plain).replace("$$", "$").replace(
        "${original_recipient}", recipient)
        for braced, plain in re.findall(r"\{ (.*?) \}(?= )|(\S+)", words)]
    program = tmp_path / "rekindle"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > told\n')
    program.chmod(0o755)
    subprocess.run(argv, cwd=tmp_path, check=True, env={"PATH": ".:/usr/bin:/bin"})
    assert (tmp_path / "told").read_text().splitlines() == [
        "receipt", "--dsn", "-", "--recipient=" + recipient]
    assert not (tmp_path / "ran").exists()
