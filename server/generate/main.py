"""Contract + SQL → const C tables, the bundled contract and the page of problems.

    python3 main.py --root openapi.yaml --into build/generated [--problems problems.yaml]…

Everything is read from the folder of the root. Files are written only when they change. Exit 1 when anything is refused.
"""
from __future__ import annotations

import argparse
import json
import os
import pathlib
import sys

import check
import emit
import listing
from bundle import Bundle
from contract import Contract
from problems import page, read_problems
from source import Faults, Files
from statements import read_statements


def write(path: pathlib.Path, text: str) -> None:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.write_text(text, encoding="utf-8")


def generate(root: pathlib.Path, extra: list[str], faults: Faults) -> dict[str, str]:
    """Name → text of every generated file; empty when something is refused."""
    home = root.parent
    files = Files(home, faults)
    contract = Contract(files, root.name, faults)
    statements = read_statements(contract, faults)
    problems = read_problems(files, [os.path.relpath(name, home) for name in extra], faults)
    joined = check.join(contract, statements, faults)
    check.check_files(contract, faults)
    check.check_codecs(contract, faults)
    check.check_children_codecs(joined, faults)
    check.check_problems(contract, problems, faults)
    if faults.errors:
        return {}
    document = json.dumps(Bundle(files, root.name, faults).make(), ensure_ascii=False, separators=(",", ":"))
    html = page(problems)
    made = emit.tables(contract, joined, problems)
    made["documents.c"] = emit.documents(document, html)
    made["openapi.json"] = document + "\n"
    made["problems.html"] = html
    made["operations.txt"] = listing.operations(contract, joined)
    return {} if faults.errors else made


def main() -> int:
    parser = argparse.ArgumentParser(description="Generates the server's tables from the contract.")
    parser.add_argument("--root", required=True, type=pathlib.Path)
    parser.add_argument("--into", required=True, type=pathlib.Path)
    parser.add_argument("--problems", action="append", default=[])
    arguments = parser.parse_args()
    faults = Faults()
    root = arguments.root.resolve()
    made = generate(root, [name for name in arguments.problems if os.path.exists(name)], faults)
    for line in [*faults.warnings, *faults.errors]:
        print(line, file=sys.stderr)
    if faults.errors:
        print(f"{len(faults.errors)} errors in the contract", file=sys.stderr)
        return 1
    arguments.into.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        write(arguments.into / name, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
