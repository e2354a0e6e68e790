"""The one table of problems, merged from the engine's and the domains' problems.yaml, and its page."""
from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from source import Faults, Files, Map

KEYS = {"status", "zh", "en", "help_zh", "help_en", "constraints"}
STYLE = """<!doctype html>
<html lang="zh">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Linli 邻里: 问题说明 Problems</title>
</head>
<body>
<main>
<h1>问题说明 <span lang="en">Problems</span></h1>
<p>接口拒绝一个请求时，回复的 <code>type</code> 指向这里的一条。</p>
<p lang="en">When the interface refuses a request, the <code>type</code> of the reply leads to one of these.</p>
"""


@dataclass
class Problem:
    where: str
    name: str
    status: int
    title: tuple[str, str]
    help: tuple[str, str]
    constraints: list[str] = field(default_factory=list)


def read_problems(files: Files, extra: list[str], faults: Faults) -> list[Problem]:
    problems: dict[str, Problem] = {}
    names = [*extra, *files.find("server/http/problems.yaml"), *files.find("server/domains/*/problems.yaml")]
    for file in dict.fromkeys(names):
        node = files.yaml(file)
        for name, entry in node.items():
            problem = read_problem(node, name, entry, faults)
            if problem and name in problems:
                faults.error(problem.where, f"problem {name} stands twice (also {problems[name].where})")
            elif problem:
                problems[name] = problem
    claim_constraints(problems, faults)
    return sorted(problems.values(), key=lambda problem: problem.name)


def read_problem(node: Map, name: str, entry, faults: Faults) -> Problem | None:
    where = node.at(name)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or not isinstance(entry, Map):
        faults.error(where, f"problem {name} must be a mapping with a snake_case name")
        return None
    for key in entry:
        if key not in KEYS:
            faults.error(entry.at(key), f"problem {name}: {key} is not known")
    status = entry.get("status")
    if not isinstance(status, int) or not 400 <= status <= 599:
        faults.error(where, f"problem {name} needs a status from 400 to 599")
        return None
    for key in ("zh", "en"):
        if not isinstance(entry.get(key), str):
            faults.error(where, f"problem {name} needs its title in {key}")
            return None
    helps = (entry.get("help_zh") or "", entry.get("help_en") or "")
    return Problem(where, name, status, (entry["zh"], entry["en"]), helps, list(entry.get("constraints") or []))


def claim_constraints(problems: dict[str, Problem], faults: Faults) -> None:
    claimed: dict[str, Problem] = {}
    for problem in problems.values():
        for constraint in problem.constraints:
            if constraint in claimed:
                faults.error(problem.where, f"constraint {constraint} belongs to {claimed[constraint].name} already")
            claimed[constraint] = problem


def page(problems: list[Problem]) -> str:
    """Plain semantic HTML: no style, no script, nothing a strict content policy would refuse."""
    out = [STYLE]
    for problem in problems:
        zh, en = (html.escape(text) for text in problem.title)
        help_zh, help_en = (html.escape(text) for text in problem.help)
        out.append(f'<section id="{problem.name}">\n<h2>{zh}</h2>\n')
        out.append(f"<p>{help_zh}</p>\n" if help_zh else "")
        out.append(f'<p lang="en"><strong>{en}</strong>{". " + help_en if help_en else ""}</p>\n')
        out.append(f"<p><code>{problem.name}</code> · HTTP {problem.status}</p>\n</section>\n")
    out.append("</main>\n</body>\n</html>\n")
    return "".join(out)
