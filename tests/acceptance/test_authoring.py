"""Settings and those who write them: every example is valid for Rekindle and
for the JSON Schema, what is broken is broken for both, and an editor with the
npm yaml-language-server completes and checks."""

import shutil

import pytest
from jsonschema import Draft7Validator

from authoring import (LanguageServer, ROOT, SCHEMA, SCHEMA_FILE,
                       modeline_schema, readme_examples, schema_errors)
from support import World

EXAMPLES = sorted((ROOT / "config" / "examples").rglob("*.yaml"))
READMES = list(readme_examples.all_examples())
assert EXAMPLES and READMES  # else their tests would be none

# What the fragments in READMEs speak of.
SURROUNDINGS = """\
behaviors:
  app_open: {event: app_open}
  trip: {event: trip_completed}
  car_control: {event: remote_unlock}
preferences: {labels: {car_control: {behavior: car_control}}}
consent: {topics: [offers, service]}
include: [further/*.yaml]
"""
CHANNELS = """\
channels:
  push: {type: webhook, url: "https://push.example/send", secret: {env: KEY}}
  mail: {type: smtp, host: 127.0.0.1, from: hello@app.example}
  sms: {type: file, dir: handoff}
  ops: {type: file, dir: handoff}
"""


def test_the_schema_is_one_and_is_printed_as_it_is_shipped(tmp_path):
    Draft7Validator.check_schema(SCHEMA)
    printed = World(tmp_path).run("schema").stdout
    assert printed == SCHEMA_FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_shipped_examples_name_the_schema_and_keep_to_it(file):
    assert modeline_schema(file) == SCHEMA_FILE
    assert schema_errors(file.read_text(encoding="utf-8")) == []


def test_shipped_examples_are_loaded(tmp_path):
    mains = [file for file in EXAMPLES if file.name == "rekindle.yaml"]
    assert mains
    for main in mains:
        copy = tmp_path / main.parent.name
        shutil.copytree(main.parent, copy)
        done = World(tmp_path).run("check", "--config", copy / main.name)
        assert done.stderr == "", done.stderr


@pytest.mark.parametrize(
    "example", READMES,
    ids=lambda e: f"{e.file.relative_to(ROOT)}:{e.line}")
def test_examples_of_readmes_are_loaded(tmp_path, example):
    assert schema_errors(example.text) == []
    world = World(tmp_path)
    if "data_dir:" in example.text:
        world.config(example.text)
    else:
        world.config(SURROUNDINGS
                     + ("" if "channels:" in example.text else CHANNELS))
        # A README's examples go together.
        for other in READMES:
            if other.file == example.file:
                world.write(f"further/{other.line}.yaml", other.text)
    world.write("credentials/smtp_password", "x")
    done = world.run("check", env={
        "KEY": "x", "PUSH_SECRET": "x", "SENDGRID_TOKEN": "x",
        "SMS_KEY_ID": "x", "SMS_KEY": "x",
        "CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")})
    assert done.stderr == "", done.stderr


def test_the_whole_example_keeps_to_the_schema():
    text = (ROOT / "tests/support/whole.yaml").read_text(encoding="utf-8")
    assert schema_errors(text) == []


RULE = ("behaviors: {open: {event: open}}\n"
        "channels: {list: {type: file, dir: out}}\n"
        "templates: {t: {list: {what: Call}}}\n"
        "rules:\n"
        "  - id: r\n"
        "    when: WHEN\n"
        "    send: {channel: list, template: t}\n"
        "    schedule: daily 10:00\n"
        "    MORE\n")


def rule(when="{tag: vip}", more="enabled: true"):
    return RULE.replace("WHEN", when).replace("MORE", more)


BROKEN = {
    "a key of the file": "behaviours: {a: {event: a}}\n",
    "a key of a rule": rule(more="shedule: daily 10:00"),
    "a condition": rule("{inactiv: 14 days}"),
    "a key of a condition": rule("{did: {behavior: open, time: 3}}"),
    "a condition without its behavior": rule("{did: {within: 3 days}}"),
    "an operator": rule("{profile: {age: {atleast: 3}}}"),
    "a comparison with a text": rule("{profile: {age: {gte: old}}}"),
    "a state": rule("{lifecycle: dormnt}"),
    "a part of a state that is none": rule("{lifecycle: sleepy/driving}"),
    "a state of a touch": rule("{touched: {state: seen}}"),
    "a unit of time": rule("{inactive: 14 dais}"),
    "hours of inactivity": rule("{inactive: 6 hours}"),
    "months of a drop": rule("{drop: {within: 1 month, by: 50%}}"),
    "a share without its sign": rule(more="hold_out: 10"),
    "a share above all": rule(more="hold_out: 110%"),
    "a limit of nothing": rule(more="limits: {per_episode: 0}"),
    "an unknown class": rule(more="class: urgent"),
    "a window in words": rule(more="window: mornings"),
    "a schedule in words": RULE.replace("WHEN", "{tag: vip}").replace(
        "MORE", "").replace("daily 10:00", "every morning, daily"),
    "a rule without an id": rule().replace("id: r", "name: r"),
    "an empty list": rule("{any: []}"),
    "a channel's type": "channels: {a: {type: fax}}\n",
    "a channel's key": "channels: {a: {type: file, folder: x}}\n",
    "another type's key": "channels: {a: {type: file, dir: x, url: y}}\n",
    "a secret in the open": ("channels: {a: {type: webhook, secret: abc, "
                             "url: \"https://a.example\"}}\n"),
    "a period": "lifecycle: {period: quarter}\n",
    "a yes for a true": rule(more="enabled: yes"),
    "a number in quotes": rule(more="priority: \"3\""),
    "a fraction of periods": "lifecycle: {churned_after: 1.5}\n",
    "a language": "pages: {language: fr}\n",
    "a name with a blank": "segments: {a b: {tag: vip}}\n",
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_broken_for_both(tmp_path, what):
    text = BROKEN[what]
    assert schema_errors(text) != []
    world = World(tmp_path, text)
    done = world.run("check", code=2)
    assert "rekindle.yaml:" in done.stderr, done.stderr


def test_the_broken_ones_differ_from_a_good_one(tmp_path):
    assert schema_errors(rule()) == []
    World(tmp_path, rule()).run("check")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("editor")
    with LanguageServer(folder) as running:
        yield running


MODELINE = f"# yaml-language-server: $schema={SCHEMA_FILE}\n"


def test_an_editor_completes_keys(server):
    assert {"behaviors", "rules", "channels"} <= server.completions(
        "top.yaml", MODELINE + "|\n")
    assert {"lifecycle", "inactive", "did", "breadth", "touched"} <= (
        server.completions("when.yaml", MODELINE
                           + "rules:\n  - id: r\n    when:\n      |\n"))
    assert {"behavior", "within", "in_a_row", "total"} <= server.completions(
        "did.yaml", MODELINE + "segments:\n  s:\n    did:\n      |\n")
    assert {"dir", "needs"} <= server.completions(
        "channel.yaml", MODELINE
        + "channels:\n  list:\n    type: file\n    |\n")


def test_an_editor_completes_values(server):
    assert {"month", "week", "day"} <= server.completions(
        "period.yaml", MODELINE + "lifecycle:\n  period: |\n")
    assert {"dormant", "churned"} <= server.completions(
        "state.yaml", MODELINE + "segments:\n  s:\n    lifecycle: |\n")
    assert {"file", "smtp", "webhook"} <= server.completions(
        "type.yaml", MODELINE + "channels:\n  a:\n    type: |\n")


def test_an_editor_finds_typos_and_nothing_else(server):
    found = server.open("typo.yaml", MODELINE + "behaviors:\n"
                        "  open: {event: open}\nlifecycle:\n  preiod: week\n")
    assert [(d["range"]["start"]["line"], d["message"]) for d in found] == [
        (4, "Property preiod is not allowed.")]
    found = server.open("state.yaml", MODELINE
                        + "segments:\n  s: {lifecycle: dormnt}\n")
    assert [d["range"]["start"]["line"] for d in found] == [2]
    whole = (ROOT / "tests/support/whole.yaml").read_text(encoding="utf-8")
    assert server.open("whole.yaml",
                       MODELINE + whole.split("\n", 1)[1]) == []
