#!/usr/bin/env python3
"""Inputs to start from, made of what is shipped: seeds.py FOLDER writes
FOLDER/configuration/* (the examples of config/ and of the READMEs) and
FOLDER/<fuzzer>.dict (the words of the language)."""

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
    schema = json.loads((ROOT / "config/rekindle.schema.json").read_text())
    words = sorted(set(words_of(schema)) | set(WORDS))
    lines = "".join(f'"{word}"\n' for word in words)
    for fuzzer in ("configuration", "condition", "schedule", "duration"):
        (folder / f"{fuzzer}.dict").write_text(lines)


if __name__ == "__main__":
    main()
