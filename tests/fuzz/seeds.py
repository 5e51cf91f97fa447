#!/usr/bin/env python3
"""Inputs to start from, made of what is shipped: seeds.py FOLDER writes
FOLDER/configuration/* (the examples of config/ and of the READMEs),
FOLDER/message/* (calls of the tracking API, good ones and nasty ones),
FOLDER/batch/* and FOLDER/<fuzzer>.dict (the words of the language)."""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import readme_examples  # noqa: E402

# Texts that values begin with or are made of.
WORDS = """minutes hours days weeks months periods daily weekly monthly last
    cron every @hourly @daily @weekly @monthly mon-fri jan,jul */15 true false
    """.split()


# What a message and what surrounds it may name.
KEYS = """batch writeKey sentAt context traits type track page screen identify
    group alias userId anonymousId previousId groupId messageId event name
    category properties timestamp originalTimestamp receivedAt integrations
    created_at email phone""".split()
TEXTS = ["\\ud83d", "\\ud83d\\ude00", "\\u0000", "1e999", "-1e-999",
         "18446744073709551616", "-9223372036854775809", "1795136523.5",
         "2026-11-20T01:02:03.5Z", "20261120T010203+0800", "2026-11-20", "null",
         "true", "[[[[[[[[", "]]]]]]]]", '{"a":', "},{"]

MESSAGES = [
    {"type": "track", "userId": "u1", "anonymousId": "a1", "messageId": "m1",
     "event": "order_paid", "timestamp": "2026-02-14T09:30:00.250+08:00",
     "properties": {"amount": 12.5, "items": [{"id": 7}], "note": "上海 😀"}},
    {"type": "page", "anonymousId": "a1", "name": "Home", "category": "shop",
     "properties": {"url": "https://shop.example/"}, "timestamp": 1772323200},
    {"type": "screen", "userId": 42, "name": "Cart",
     "originalTimestamp": 1795136523.5},
    {"type": "identify", "userId": "u1", "anonymousId": "a1",
     "traits": {"city": "上海", "age": 30, "vip": True, "note": None}},
    {"type": "identify", "userId": "u2", "context": {"traits": {"a": 2**64}}},
    {"type": "group", "userId": "u1", "groupId": "g", "traits": {"x": [1]}},
    {"type": "alias", "userId": "u1", "previousId": "a1"},
]

# Values that will not do, or that few programs write; of a property.
NASTY = [r'"\ud83d"', r'"\udc00\ud83d"', "1e999", "-1e-999", str(2**64),
         "0." + "1" * 40, "[" * 61 + "]" * 61, "[" * 70 + "]" * 70,
         "[" * 900 + "]" * 900, '{"a":' * 65 + "1" + "}" * 65, r'"\q"', "01",
         "tru", '"\t"', r'{"\ud83d":1,"a":2}', '"' + "x" * 2000 + '"']


def messages():
    """Bodies of calls: each message by itself, and batches."""
    def text(value):
        return json.dumps(value, ensure_ascii=False)
    for message in MESSAGES:
        yield text(message)
    around = {"writeKey": "WK123", "sentAt": "2026-02-14T01:30:02Z",
              "context": {"traits": {"city": "outer"}, "ip": "::1"}}
    yield text({"batch": MESSAGES})
    yield text({**around, "batch": MESSAGES})
    yield text({"batch": MESSAGES, **around})
    yield json.dumps({"batch": MESSAGES}, indent=2)
    yield text({"batch": [MESSAGES[0]] * 20})
    yield text({"batch": [7, "x", None, [], {}, {"type": "tarck"}]})
    good = text(MESSAGES[0])
    for value in NASTY:
        bad = text({**MESSAGES[0], "properties": {"a": "?"}}).replace(
            '"?"', value)
        yield bad
        yield '{"batch":[' + ",".join([good, bad, good]) + "]}"
        yield '{"batch":[' + good + '],"x":' + value + "}"
        yield ('{"context":{"traits":{"a":' + value + '}},"batch":['
               + text(MESSAGES[3]) + ',{"type":"identify","userId":"u"}]}')
    for time in ["", "x", "2026-02-14", "20260214T0930Z", "1", "1.5"]:
        for key in ["timestamp", "sentAt", "originalTimestamp"]:
            yield text({"sentAt": "2026-02-14T01:30:02Z",
                        "batch": [{**MESSAGES[0], key: time}]})
    yield '{"batch":[' + good + ',{"a":"\udcff"}]}'
    yield "[" * 4000
    yield '{"a":' + "[" * 4000 + "]" * 4000 + "}"
    yield good.replace("track", r"\u0074rack")
    yield good[:-1] + ',"userId":"u2","sentAt":"","type":"track"}'


def batches():
    """Where they are damaged, then records, line by line."""
    for damage in [b"\0\0\0\1", b"\0\10\0\x80", b"\0\x20\1\0"]:
        for count in [1, 20, 64, 65, 200]:
            yield damage + b"\n".join(
                b"\0\0\1%c\2\x80\1\x9c\0%c%c\0\3"
                b'{"amount":%d,"city":"x"}' % (i % 9 + 48, i % 7, i % 5, i)
                for i in range(count))


def words_in_quotes(words):
    """As a dictionary has them."""
    for word in words:
        yield '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"\n'


def examples():
    for file in sorted((ROOT / "config/examples").rglob("*.yaml")):
        yield file.read_text()
    yield (ROOT / "tests/support/whole.yaml").read_text()
    for example in readme_examples.all_examples():
        yield example.text


def words_of(schema):
    """The keys and the fixed values that the JSON Schema knows."""
    if isinstance(schema, dict):
        yield from (f"{key}: " for key in schema.get("properties", ()))
        yield from schema.get("enum", ())
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from words_of(part)


def main():
    folder = pathlib.Path(sys.argv[1])
    seeds = folder / "configuration"
    seeds.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(examples()):
        (seeds / f"example-{number}").write_text(text)
    for name, texts in [
            ("message", (text.encode(errors="surrogateescape")
                         for text in messages())),
            ("batch", batches())]:
        seeds = folder / name
        seeds.mkdir(parents=True, exist_ok=True)
        for number, text in enumerate(texts):
            (seeds / f"seed-{number}").write_bytes(text)
    (folder / "message.dict").write_text(
        "".join(words_in_quotes([f'"{key}":' for key in KEYS] + TEXTS)))
    schema = json.loads((ROOT / "config/rekindle.schema.json").read_text())
    words = sorted(set(words_of(schema)) | set(WORDS))
    lines = "".join(f'"{word}"\n' for word in words)
    for fuzzer in ("configuration", "condition", "schedule", "duration"):
        (folder / f"{fuzzer}.dict").write_text(lines)


if __name__ == "__main__":
    main()
