"""What helps to write settings: the JSON Schema, and an editor's language
server over it, installed from npm into a folder outside the tree."""

import json
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import threading

import pytest
import yaml
from jsonschema import Draft7Validator

from support import ROOT

sys.path.insert(0, str(ROOT / "tests" / "support"))
import readme_examples  # noqa: E402,F401

SCHEMA_FILE = ROOT / "config" / "rekindle.schema.json"
SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
VALIDATOR = Draft7Validator(SCHEMA)
CACHE = pathlib.Path(
    os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
PACKAGE = "yaml-language-server@1.15.0"


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors and Rekindle read it: no dates, no
    `yes`, no 09:00 as a number."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
        ("bool", r"true|false", "tf"),
        ("int", r"-?(0|[1-9][0-9]*)", "-0123456789"),
        ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?",
         "-0123456789"),
        ("null", r"~|null|", ["~", "n", ""])):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}",
                                     re.compile(f"^(?:{pattern})$"),
                                     list(first))


def schema_errors(text):
    """What the schema says against it, as "place: message"."""
    document = yaml.load(text, CoreLoader)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
            for error in VALIDATOR.iter_errors(document)]


def modeline_schema(file):
    """The schema file that an example names in its first line."""
    first = file.read_text(encoding="utf-8").splitlines()[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert named, f"{file}: the first line names no schema: {first}"
    return (file.parent / named[1]).resolve()


def install_language_server():
    folder = CACHE / "rekindle-acceptance" / "language-server"
    server = (folder / "node_modules/yaml-language-server/bin/"
              "yaml-language-server")
    stamp = folder / "installed"
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("npm is not installed")
    if not (stamp.exists() and stamp.read_text() == PACKAGE):
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["npm", "install", "--prefix", str(folder), "--silent",
             "--no-audit", "--no-fund", PACKAGE],
            capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            pytest.skip("npm's registry is out of reach: "
                        + done.stderr.strip()[-200:])
        stamp.write_text(PACKAGE)
    return server


class LanguageServer:
    """yaml-language-server on standard input and output, as an editor runs
    it."""

    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen(
            ["node", str(install_language_server()), "--stdio"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        self.answers = queue.Queue()
        self.diagnostics = queue.Queue()
        self.last_id = 0
        threading.Thread(target=self._listen, daemon=True).start()
        self.request("initialize", {
            "processId": os.getpid(), "rootUri": folder.as_uri(),
            "capabilities": {
                "textDocument": {
                    "completion": {"completionItem": {"snippetSupport": True}},
                    "publishDiagnostics": {}, "hover": {}},
                "workspace": {"configuration": True}}})
        self.notify("initialized", {})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def open(self, name, text):
        """Opens a file; gives what is said against it."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        self.notify("textDocument/didOpen", {"textDocument": {
            "uri": path.as_uri(), "languageId": "yaml", "version": 1,
            "text": text}})
        while True:
            params = self.diagnostics.get(timeout=60)
            if params["uri"] == path.as_uri():
                return params["diagnostics"]

    def completions(self, name, text):
        """Labels offered where `|` stands in the text."""
        before, after = text.split("|")
        self.open(name, before + after)
        lines = before.split("\n")
        answer = self.request("textDocument/completion", {
            "textDocument": {"uri": (self.folder / name).as_uri()},
            "position": {"line": len(lines) - 1,
                         "character": len(lines[-1])}})
        items = answer["items"] if isinstance(answer, dict) else answer
        return {item["label"] for item in items}

    def request(self, method, params):
        self.last_id += 1
        self._send({"id": self.last_id, "method": method, "params": params})
        while True:
            answer = self.answers.get(timeout=60)
            if answer["id"] == self.last_id:
                assert "error" not in answer, answer
                return answer["result"]

    def notify(self, method, params):
        self._send({"method": method, "params": params})

    def _send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body)
                                 + body)
        self.process.stdin.flush()

    def _listen(self):
        out = self.process.stdout
        while True:
            length = 0
            for line in iter(out.readline, b"\r\n"):
                if not line:
                    return
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            self._take(json.loads(out.read(length)))

    def _take(self, message):
        if message.get("method") == "workspace/configuration":
            self._send({"id": message["id"], "result": [
                {"validate": True, "completion": True, "hover": True}
                if item.get("section") == "yaml" else None
                for item in message["params"]["items"]]})
        elif message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics.put(message["params"])
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": None})
        elif "id" in message:
            self.answers.put(message)
