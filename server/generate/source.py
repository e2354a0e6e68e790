"""YAML with the line of every key, SQL text with the line of every statement, and the list of faults.

Scalars follow YAML 1.2 (`on` and `2026-01-01` are strings), as every other reader of the contract has it.
"""
from __future__ import annotations

import pathlib
import re

import yaml

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml
    from yaml import SafeLoader as Loader


class Map(dict):
    """A mapping that knows its file, its line and the line of each key."""

    def __init__(self, file: str, line: int):
        super().__init__()
        self.file, self.line, self.lines = file, line, {}

    def at(self, key=None) -> str:
        return f"{self.file}:{self.lines.get(key, self.line)}"


class Seq(list):
    def __init__(self, file: str, line: int):
        super().__init__()
        self.file, self.line = file, line

    def at(self, _key=None) -> str:
        return f"{self.file}:{self.line}"


class Faults:
    """What is wrong, each with file and line; errors stop the build, warnings are printed."""

    def __init__(self):
        self.errors: list[str] = []
        self.warnings: list[str] = []

    def error(self, where: str, text: str) -> None:
        fault = f"{where}: {text}"
        if fault not in self.errors:
            self.errors.append(fault)

    def warn(self, where: str, text: str) -> None:
        self.warnings.append(f"{where}: warning: {text}")


INTEGER = re.compile(r"[-+]?[0-9]+$")
REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")


def scalar(node: yaml.ScalarNode):
    text = node.value
    if node.style in ("'", '"', "|", ">"):
        return text
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if INTEGER.match(text):
        return int(text)
    if REAL.match(text):
        return float(text)
    return text


def build(node: yaml.Node, file: str, faults: Faults):
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return scalar(node)
    if isinstance(node, yaml.SequenceNode):
        items = Seq(file, line)
        items.extend(build(child, file, faults) for child in node.value)
        return items
    result = Map(file, line)
    for key_node, value_node in node.value:
        key = key_node.value
        here = key_node.start_mark.line + 1
        if key in result:
            faults.error(f"{file}:{here}", f"key {key} stands twice")
        if key == "<<":
            faults.error(f"{file}:{here}", "merge keys are not part of the contract's YAML")
        result[key] = build(value_node, file, faults)
        result.lines[key] = here
    return result


class Files:
    """Every YAML file, read once; names are relative to the folder of the root."""

    def __init__(self, home: pathlib.Path, faults: Faults):
        self.home, self.faults, self.read = home, faults, {}

    def yaml(self, name: str) -> Map:
        if name not in self.read:
            self.read[name] = self.parse(name)
        return self.read[name]

    def parse(self, name: str) -> Map:
        path = self.home / name
        empty = Map(name, 1)
        try:
            node = yaml.compose(path.read_text(encoding="utf-8"), Loader=Loader)
        except FileNotFoundError:
            self.faults.error(f"{name}:1", "no such file")
            return empty
        except (yaml.YAMLError, UnicodeDecodeError) as problem:
            mark = getattr(problem, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            self.faults.error(f"{name}:{line}", f"not YAML: {getattr(problem, 'problem', problem)}")
            return empty
        if node is None:
            return empty
        value = build(node, name, self.faults)
        if not isinstance(value, Map):
            self.faults.error(f"{name}:1", "must be a mapping")
            return empty
        return value

    def text(self, name: str) -> str:
        return (self.home / name).read_text(encoding="utf-8")

    def find(self, pattern: str) -> list[str]:
        return sorted(path.relative_to(self.home).as_posix() for path in self.home.glob(pattern) if path.is_file())


def mask_sql(text: str, keep_strings: bool = False) -> str:
    """The same text, the same length, with comments (and strings) blanked, so that words can be searched."""
    out, position = [], 0
    pattern = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(\w*)\$.*?\$\1\$", re.S)
    for found in pattern.finditer(text):
        out.append(text[position:found.start()])
        piece = found.group(0)
        is_comment = piece.startswith(("--", "/*"))
        if is_comment or not keep_strings:
            piece = re.sub(r"[^\n]", " ", piece)
        out.append(piece)
        position = found.end()
    out.append(text[position:])
    return "".join(out)


def closing(masked: str, opened: int) -> int:
    """Index of the parenthesis that closes the one at `opened`; -1 when none does."""
    depth = 0
    for index in range(opened, len(masked)):
        if masked[index] == "(":
            depth += 1
        elif masked[index] == ")":
            depth -= 1
            if depth == 0:
                return index
    return -1


def split_commas(text: str, masked: str) -> list[str]:
    """Parts of a list separated by commas outside parentheses, brackets and strings."""
    parts, depth, start = [], 0, 0
    for index, char in enumerate(masked):
        if char in "([":
            depth += 1
        elif char in ")]":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    parts.append(text[start:])
    return parts
