"""Domain SQL: statements by name, their optional lines, binds and output columns, and the plan of their reply.

A statement runs from `-- name: x` to the next one. `-- if :q` at the end of a line makes the line optional (M7): every
combination becomes one constant text.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, field

from contract import Contract, Operation, Schema
from source import Faults, closing, mask_sql, split_commas

CONDITIONS_MAX = 6
RESERVED = ("_status", "_location", "_etag", "_cursor")
SQL_TYPES = {"string": "text", "uuid": "uuid", "date": "date", "timestamp": "timestamptz", "integer": "bigint", "number": "double precision",
             "boolean": "boolean", "object": "jsonb", "array": "jsonb", "bytes": "bytea"}
ENGINE_NAMES = {  # what the engine itself gives: source and type
    "principal.person_id": ("PERSON", "uuid"), "principal.session_id": ("SESSION", "uuid"),
    "request_id": ("REQUEST_ID", "string"), "today": ("TODAY", "date"),
}
NAME_LINE = re.compile(r"^--\s*name:\s*(\S+)\s*$")
IF_LINE = re.compile(r"--\s*if((?:\s+:[a-z_][a-z0-9_.]*)+)\s*$")
BIND = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)?)")


@dataclass
class Bind:
    name: str
    source: str
    index: int
    kind: str  # as in Schema.kind, or "bytes"


@dataclass
class Column:
    name: str
    schema: Schema | None  # None for reserved ones
    before: str | None = None


@dataclass
class Variant:
    mask: int
    keyed: bool
    text: str
    binds: list[Bind]
    id: int = 0


@dataclass
class Statement:
    name: str
    file: str
    line: int
    lines: list[tuple[int, str, list[str]]] = field(default_factory=list)  # line, SQL, conditions
    operation: Operation | None = None
    child: str | None = None
    conditions: list[Bind] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    after: str = "{}"
    variants: list[Variant] = field(default_factory=list)

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def part(self) -> str | None:
        return self.name.split("/", 1)[1] if "/" in self.name else None

    def whole(self) -> str:
        return "\n".join(text for _, text, _ in self.lines)


def read_statements(contract: Contract, faults: Faults) -> list[Statement]:
    statements, seen = [], {}
    for name in contract.files.find("server/domains/*/*.sql"):
        for statement in read_file(name, contract.files.text(name), faults):
            if statement.name in seen:
                faults.error(statement.where, f"statement {statement.name} stands twice (also {seen[statement.name]})")
            seen[statement.name] = statement.where
            statements.append(statement)
    return statements


def read_file(name: str, text: str, faults: Faults) -> list[Statement]:
    statements: list[Statement] = []
    bare = mask_sql(text, keep_strings=True).split("\n")
    for number, (raw, clean) in enumerate(zip(text.split("\n"), bare), 1):
        found = NAME_LINE.match(raw)
        if found:
            statements.append(Statement(found.group(1), name, number))
            continue
        if not clean.strip():
            continue
        if not statements:
            faults.error(f"{name}:{number}", "SQL before the first -- name:")
            continue
        condition = IF_LINE.search(raw)
        names = [word[1:] for word in condition.group(1).split()] if condition else []
        statements[-1].lines.append((number, clean.rstrip(), names))
    for statement in statements:
        if not statement.lines:
            faults.error(statement.where, f"statement {statement.name} is empty")
            continue
        number, last, names = statement.lines[-1]
        if last.endswith(";"):
            statement.lines[-1] = (number, last[:-1], names)
    return [statement for statement in statements if statement.lines]


# ── binds ─────────────────────────────────────────────────────────────────────────────────────────────────────


def find_bind(operation: Operation, name: str) -> Bind | None:
    """Where the value of `:name` comes from; None when nothing has it."""
    if name in ENGINE_NAMES:
        source, kind = ENGINE_NAMES[name]
        return Bind(name, source, 0, kind)
    special = {"limit": ("LIMIT", "integer"), "cursor": ("CURSOR", "array"), "as_of": ("AS_OF", "date"),
               "if_match": ("IF_MATCH", "integer")}
    index = operation.parameter(name)
    if name in special and index is not None:
        source, kind = special[name]
        return Bind(name, source, index, kind)
    if index is not None:
        return Bind(name, "PARAMETER", index, operation.parameters[index].schema.kind)
    if operation.body is not None:
        found = find_member(operation.body, name)
        if found:
            return found
    if operation.steps and "." not in name:
        return Bind(name, "STEP", 0, "string")
    return None


def find_member(body: Schema, name: str) -> Bind | None:
    if name == "body":
        return Bind(name, "BODY", 0, "object")
    for index, member in enumerate(body.sorted_properties()):
        schema = body.properties[member]
        if member == name:
            return Bind(name, "BODY_MEMBER", index, "bytes" if schema.sealed else schema.kind)
        if schema.blind == name:
            return Bind(name, "BLIND", index, "bytes")
        if schema.id_parts and name == f"{schema.id_parts}_birth_date":
            return Bind(name, "ID_BIRTH_DATE", index, "date")
        if schema.id_parts and name == f"{schema.id_parts}_sex":
            return Bind(name, "ID_SEX", index, "string")
    return None


def number_binds(statement: Statement, text: str, faults: Faults) -> tuple[str, list[Bind]]:
    """`:name` → `$n::type`, strings left alone."""
    binds: list[Bind] = []
    out, position = [], 0
    for found in BIND.finditer(mask_sql(text)):
        bind = find_bind(statement.operation, found.group(1))
        if bind is None:
            faults.error(statement.where, f"statement {statement.name}: nothing binds :{found.group(1)}")
            continue
        names = [one.name for one in binds]
        if bind.name not in names:
            binds.append(bind)
            names.append(bind.name)
        out.append(text[position:found.start()])
        out.append(f"${names.index(bind.name) + 1}::{SQL_TYPES[bind.kind]}")
        position = found.end()
    out.append(text[position:])
    return "".join(out), binds


def make_variants(statement: Statement, faults: Faults) -> None:
    names: list[str] = []
    for _, _, conditions in statement.lines:
        names += [name for name in conditions if name not in names]
    if len(names) > CONDITIONS_MAX:
        faults.error(statement.where, f"statement {statement.name} has {len(names)} conditions, more than {CONDITIONS_MAX}")
        return
    for name in names:
        bind = find_bind(statement.operation, name)
        if bind is None:
            faults.error(statement.where, f"statement {statement.name}: nothing binds :{name} of -- if")
            return
        statement.conditions.append(bind)
    keyed = statement.operation.takes_key and statement.part is None
    for wrap in ([False, True] if keyed else [False]):
        for mask in range(1 << len(names)):
            kept = [text for _, text, conditions in statement.lines
                    if all(mask >> names.index(name) & 1 for name in conditions)]
            text, binds = number_binds(statement, "\n".join(kept).strip(), faults)
            if wrap:
                text = wrap_keyed(statement, text, binds)
            statement.variants.append(Variant(mask, wrap, text, binds))


def wrap_keyed(statement: Statement, text: str, binds: list[Bind]) -> str:
    """M3: the reply row is kept with the write, under the key that the first statement of the group claimed."""
    binds.append(Bind("idempotency_key", "IDEMPOTENCY_KEY", 0, "string"))
    names = ", ".join(quote_text(column.name) for column in statement.columns)
    shown = ", ".join(f'"{column.name}"' for column in statement.columns)
    shown = f"{shown} " if shown else ""
    return (f"with reply as materialized (\n{text}\n),\nkeep as (update core.idempotency set columns = "
            f"array[{names}]::text[], reply = (select r::text from reply r) where person_id = core.person() "
            f"and key = ${len(binds)}::text returning 1)\nselect {shown}from reply")


def quote_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


# ── columns ───────────────────────────────────────────────────────────────────────────────────────────────────


def select_list(masked: str) -> tuple[int, int] | None:
    """Where the list of the outermost select begins and ends."""
    depth, start = 0, None
    for token in re.finditer(r"[()\[\]]|[A-Za-z_][\w]*", masked):
        word = token.group(0).lower()
        if word in "([":
            depth += 1
        elif word in ")]":
            depth -= 1
        elif depth:
            continue
        elif word == "select" and start is None:
            start = token.end()
        elif start is not None and word in ("from", "where", "union", "group", "order", "limit", "for"):
            if word == "from" and re.search(r"\bdistinct\s*$", masked[start:token.start()], re.I):
                continue
            return start, token.start()
    return (start, len(masked)) if start is not None else None


KEYWORDS = {"end", "null", "true", "false", "and", "or", "not", "is", "in", "like", "collate", "desc", "asc"}


def column_name(item: str) -> str | None:
    """The name PostgreSQL gives an item of a select list, when it is certain."""
    item = item.strip()
    patterns = (r'\bas\s+"([^"]+)"$', r"\bas\s+([A-Za-z_]\w*)$", r'^[A-Za-z_]\w*\."([^"]+)"$', r'^"([^"]+)"$',
                r"^(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*)(?:::[a-z_ ]+(?:\[\])?)?$", r"[\w)\]'\"]\s+\"([^\"]+)\"$",
                r"[\w)\]'\"]\s+([A-Za-z_]\w*)$")
    for pattern in patterns:
        found = re.search(pattern, item, re.S | re.I)
        if found and found.group(1).lower() not in KEYWORDS:
            return found.group(1)
    return None


def flatten(schema: Schema, children: set[str], prefix: str = "") -> list[tuple[str, Schema]]:
    """Columns that a row of this schema needs: leaves of nested objects, one column for JSON and arrays."""
    columns = []
    for name, child in schema.properties.items():
        if not prefix and name in children:
            continue
        if child.kind == "object" and not child.json:
            columns += flatten(child, set(), f"{prefix}{name}.")
        else:
            columns.append((f"{prefix}{name}", child))
    return columns


def row_schema(statement: Statement) -> Schema | None:
    operation = statement.operation
    if statement.child:
        array = operation.reply_schema.properties.get(statement.child) if operation.reply_schema else None
        return array.items if array and array.kind == "array" else None
    return operation.reply_schema


def reserved_of(statement: Statement) -> list[str]:
    operation = statement.operation
    if statement.child:
        return []
    names = ["_location"] if operation.has_location else []
    names += ["_etag"] if operation.has_etag else []
    names += ["_cursor"] if operation.reply == "list" and operation.parameter("cursor") is not None else []
    return names


def expand_stars(items: list[str], wanted: list[str]) -> list[str]:
    """`*` and `alias.*` stand for every wanted column that no other item names."""
    named = [column_name(item) for item in items]
    result = []
    for item in items:
        found = re.fullmatch(r"\s*(?:([A-Za-z_]\w*)\.)?\*\s*", item)
        if not found:
            result.append(item)
            continue
        alias = f"{found.group(1)}." if found.group(1) else ""
        result += [f'{alias}"{name}"' for name in wanted if name not in named]
    return result


def wanted_columns(statement: Statement, children: set[str]) -> list[tuple[str, Schema]]:
    schema = row_schema(statement)
    columns = flatten(schema, children) if schema is not None else []
    if children and columns and "." in columns[-1][0]:
        flat = [column for column in columns if "." not in column[0]]
        if flat:  # children follow the last column, so that must not stand inside a nested object
            columns.remove(flat[-1])
            columns.append(flat[-1])
    return columns


def read_columns(statement: Statement, children: set[str], faults: Faults) -> None:
    """Finds the output columns, expands stars in the text, and checks them against the reply's schema."""
    if statement.operation.steps:
        return  # steps read their columns by name
    text = statement.whole()
    masked = mask_sql(text)
    bounds = select_list(masked)
    if bounds is None:
        faults.error(statement.where, f"statement {statement.name} has no select list")
        return
    start, end = bounds
    leading = re.match(r"\s*(distinct(\s+on\s*\(.*?\))?|all)\s", masked[start:end], re.S | re.I)
    start += leading.end() if leading else 0
    wanted = wanted_columns(statement, children)
    names = [name for name, _ in wanted] + reserved_of(statement)
    items = [item for item in split_commas(text[start:end], masked[start:end]) if item.strip()]
    expanded = expand_stars(items, names)
    if expanded != items:
        replace_list(statement, start, end, expanded)
    place_columns(statement, [column_name(item) for item in expanded], expanded, dict(wanted), faults)


def replace_list(statement: Statement, start: int, end: int, items: list[str]) -> None:
    """Puts the expanded list into the statement's lines; the list must stand on lines without conditions."""
    position, first, last = 0, None, None
    for index, (_, text, _) in enumerate(statement.lines):
        if first is None and start <= position + len(text):
            first, head = index, text[:start - position]
        if last is None and end <= position + len(text):
            last, tail = index, text[end - position:]
        position += len(text) + 1
    shown = f" {', '.join(item.strip() for item in items)}" if items else ""
    joined = f"{head.rstrip()}{shown} {tail.lstrip()}".rstrip()
    statement.lines[first:last + 1] = [(statement.lines[first][0], joined, [])]


def place_columns(statement: Statement, names: list, items: list[str], wanted: dict[str, Schema], faults: Faults) -> None:
    fail = lambda text: faults.error(statement.where, f"statement {statement.name}: {text}")
    for name, item in zip(names, items):
        if name is None:
            fail(f"give the column `{' '.join(item.split())}` a name with as")
        elif name.startswith("_") and name not in RESERVED:
            fail(f"reserved column {name} is not known")
        elif name not in wanted and name not in RESERVED:
            fail(f"column {name} is not in the reply's schema")
        elif names.count(name) > 1:
            fail(f"column {name} stands twice")
    for name in wanted:
        if name not in names:
            fail(f"property {name} of the reply has no column")
    for name in reserved_of(statement):
        if name not in names:
            fail(f"column {name} is missing")
    known = [name for name in names if name in wanted or name in RESERVED]
    statement.columns = [Column(name, wanted.get(name)) for name in known]
    write_plan(statement, fail)


def write_plan(statement: Statement, fail) -> None:
    """`before` of each column and what follows the last one."""
    stack: list[str] = []
    closed: set[tuple[str, ...]] = set()
    first = True
    for column in statement.columns:
        if column.name in RESERVED:
            continue
        *path, leaf = column.name.split(".")
        common = 0
        while common < min(len(stack), len(path)) and stack[common] == path[common]:
            common += 1
        for depth in range(common, len(stack)):
            closed.add(tuple(stack[:depth + 1]))
        for depth in range(common, len(path)):
            if tuple(path[:depth + 1]) in closed:
                fail(f"the columns of {'.'.join(path[:depth + 1])} must stand together")
        before = "{" if first else "}" * (len(stack) - common) + ","
        before += "".join(f'"{name}":{{' for name in path[common:]) + f'"{leaf}":'
        column.before, stack, first = before, path, False
    if not first:
        statement.after = "}" * (len(stack) + 1)
