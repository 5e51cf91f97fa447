"""The pages in a real browser, at the width of a phone."""

import json
import re
import shutil
import subprocess
import urllib.request

import pytest

from support import BASE, Daemon, World, wait_until
from test_main_job import EVENTS, RULES, USERS

WIDTH = 400


class Browser:
    """Headless Chromium over the WebDriver protocol."""

    def __init__(self, port):
        self.base = f"http://127.0.0.1:{port}"
        options = {"binary": shutil.which("chromium"), "args": [
            "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--disable-quic", "--hide-scrollbars"],
            "mobileEmulation": {"deviceMetrics": {
                "width": WIDTH, "height": 800, "pixelRatio": 1.0}}}
        answer = self.call("POST", "/session", {"capabilities": {
            "alwaysMatch": {"browserName": "chrome",
                            "goog:chromeOptions": options,
                            "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = "/session/" + answer["sessionId"]

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            self.base + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def open(self, url):
        self.call("POST", self.session + "/url", {"url": url})

    def script(self, text):
        return self.call("POST", self.session + "/execute/sync",
                         {"script": "return " + text, "args": []})

    def complaints(self):
        return [entry["message"] for entry in self.call(
            "POST", self.session + "/se/log", {"type": "browser"})]

    def close(self):
        self.call("DELETE", self.session)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if not shutil.which("chromedriver") or not shutil.which("chromium"):
        pytest.skip("chromium and chromium-driver are not installed")
    # On any free port, which it tells: other tests may have a browser too.
    log = tmp_path_factory.mktemp("chromedriver") / "log"
    with open(log, "w") as out:
        driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=out,
                                  stderr=subprocess.DEVNULL)

    def port():
        return re.search(r"started successfully on port (\d+)",
                         log.read_text())
    wait_until(port, 30, "chromedriver's start")
    browser = Browser(int(port()[1]))
    yield browser
    browser.close()
    driver.terminate()
    driver.wait()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("browser"), BASE + RULES)
    world.write("events.csv", EVENTS)
    world.write("users.csv", USERS)
    world.run("import", "--users", "users.csv")
    world.run("import", "events.csv")
    world.run("run", "--as-of", "2026-03-05T10:00:00+08:00")
    with Daemon(world) as daemon:
        yield daemon


@pytest.mark.parametrize("path", ["/", "/rules", "/rules/wake", "/touches",
                                  "/users?id=u1", "/channels", "/health"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_phone_shows_the_page_whole(browser, pages, path, lang):
    joint = "&" if "?" in path else "?"
    browser.open(f"{pages.url}{path}{joint}lang={lang}&as_of=2026-03-05")
    assert browser.script("document.documentElement.scrollWidth") <= WIDTH
    assert browser.script("getComputedStyle(document.body).fontSize") == "15px"
    assert browser.script("document.documentElement.lang") == (
        "zh-CN" if lang == "zh" else "en")
    # Nothing was refused by the content policy, nothing was missing.
    assert browser.complaints() == []


def test_the_language_link_stays_on_the_page(browser, pages):
    browser.open(pages.url + "/users?id=u1&lang=en")
    browser.script("document.querySelector('a.language').click()")
    wait_until(lambda: browser.script("document.documentElement.lang")
               == "zh-CN", 10, "the switch to Chinese")
    assert browser.script("location.pathname + location.search") == (
        "/users?id=u1")
