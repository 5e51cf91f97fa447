"""The YAML examples of the README.md files: runs of lines indented by four
spaces that begin with a comment or a top-level key and hold at least one
key."""

import dataclasses
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("", "config", "engine", "rules", "channels", "daemon", "tests")
KEY = re.compile(r"    [a-z_]+:( |$)")
COMMENT = re.compile(r"    #")


@dataclasses.dataclass
class Example:
    file: pathlib.Path
    line: int
    text: str


def _is_yaml(lines):
    outer = [line for line in lines if not line.startswith("     ")]
    return (any(KEY.match(line) for line in outer)
            and all(KEY.match(line) or COMMENT.match(line) for line in outer))


def examples_of(file):
    block, start = [], 0
    for number, line in enumerate(file.read_text().splitlines() + [""], 1):
        if line.startswith("    "):
            if not block:
                start = number
            block.append(line)
            continue
        if block and _is_yaml(block):
            yield Example(file, start,
                          "".join(line[4:] + "\n" for line in block))
        block = []


def all_examples():
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).glob(
                "README.md" if folder == "" else "**/README.md")):
            yield from examples_of(file)
