"""Cross-checks between contract, SQL, routines, C and the table of problems. Every refusal names file and line."""
from __future__ import annotations

import re

from contract import METHODS, Contract, Operation, Schema
from problems import Problem
from source import Faults, Map, closing, mask_sql, split_commas
from statements import Statement, make_variants, read_columns

SECTIONS = {"schemas", "responses", "parameters", "requestBodies", "headers"}
OPERATION_KEYS = {
    "operationId", "summary", "description", "tags", "security", "parameters", "requestBody", "responses", "x-permission",
    "x-lane", "x-logged-read", "x-idempotent", "x-if-match", "x-etag", "x-steps", "x-body-limit", "x-body-stream", "x-reply-stream",
}
BANNED = {  # word: why it may not stand in domain SQL
    "begin": "a group is one implicit transaction", "commit": "a group is one implicit transaction",
    "rollback": "a group is one implicit transaction", "savepoint": "a group is one implicit transaction",
    "vacuum": "cannot run inside a group", "now": "business time is core.app_now()",
    "current_date": "business days are core.today()", "current_timestamp": "business time is core.app_now()",
    "clock_timestamp": "business time is core.app_now()", "localtimestamp": "business time is core.app_now()",
    "statement_timestamp": "business time is core.app_now()", "transaction_timestamp": "business time is core.app_now()",
    "insert": "writes go through routines", "update": "writes go through routines", "delete": "writes go through routines",
    "truncate": "writes go through routines", "lock": "locks belong to routines",
}
STATEMENTS_MAX = 16  # CALL_STATEMENTS_MAX of db/call.h
ENGINE_PARAMETERS = {"limit", "cursor", "as_of", "if_match", "if_none_match", "idempotency_key", "accept_language", "preview"}


# ── operations and their statements ───────────────────────────────────────────────────────────────────────────


def join(contract: Contract, statements: list[Statement], faults: Faults) -> dict[str, list[Statement]]:
    """Statements of each operation, the main one first. Fills columns, plans and variants."""
    by_id = {operation.id: operation for operation in contract.operations}
    joined: dict[str, list[Statement]] = {identity: [] for identity in by_id}
    for statement in statements:
        operation = by_id.get(statement.name.split("/", 1)[0])
        if operation is None:
            faults.error(statement.where, f"statement {statement.name} belongs to no operation")
            continue
        if statement.file.rsplit(".", 1)[0] != operation.file.rsplit(".", 1)[0]:
            faults.error(statement.where, f"statement {statement.name} must stand beside {operation.file}")
        statement.operation = operation
        joined[operation.id].append(statement)
    for operation in contract.operations:
        own = joined[operation.id]
        own.sort(key=lambda one: one.part is not None)
        check_operation(operation, own, faults)
        finish(operation, own, faults)
    return joined


def finish(operation: Operation, own: list[Statement], faults: Faults) -> None:
    children = set()
    for statement in own:
        if statement.part is not None and not operation.steps:
            statement.child = statement.part
            children.add(statement.part)
    for statement in own:
        lint(statement, faults)
        if operation.reply_schema is not None or operation.reply in ("none", "stream"):
            read_columns(statement, set() if statement.child else children, faults)
        make_variants(statement, faults)
    if children and own[0].part is None and own[0].after not in ("}", "{}"):
        faults.error(own[0].where, f"statement {own[0].name}: its last column must not be nested, children follow it")
    if own and not operation.steps:
        check_use(operation, own, faults)


def check_operation(operation: Operation, own: list[Statement], faults: Faults) -> None:
    node = operation.node
    for key in node:
        if key not in OPERATION_KEYS:
            faults.error(node.at(key), f"{operation.id}: {key} is not known here")
    if "default" not in (node.get("responses") or {}):
        faults.error(node.at("responses"), f"{operation.id} lacks the response default")
    if operation.permission == ["anyone"] and node.get("security") != []:
        faults.error(operation.where, f"{operation.id}: anyone may call it, so it needs security: []")
    mains = [statement for statement in own if statement.part is None]
    if operation.steps:
        for statement in mains:
            faults.error(statement.where, f"statement {statement.name}: an operation with x-steps names them {operation.id}/…")
    elif not mains:
        faults.error(operation.where, f"operation {operation.id} has no statement")
    if len(own) > STATEMENTS_MAX and not operation.steps:
        faults.error(operation.where, f"operation {operation.id} has {len(own)} statements, more than {STATEMENTS_MAX}")
    for statement in own:
        if statement.part is None or operation.steps:
            continue
        array = operation.reply_schema.properties.get(statement.part) if operation.reply_schema else None
        if operation.method != "get" or operation.reply != "row":
            faults.error(statement.where, f"statement {statement.name}: only a GET of one row has children")
        elif array is None or array.kind != "array" or array.items.kind != "object":
            faults.error(statement.where, f"statement {statement.name}: the reply has no array of objects {statement.part}")


def check_use(operation: Operation, own: list[Statement], faults: Faults) -> None:
    """What a caller sends and nothing reads is a promise that is not kept."""
    names = {bind.name for statement in own for variant in statement.variants for bind in variant.binds}
    names |= {condition.name for statement in own for condition in statement.conditions}
    for parameter in operation.parameters:
        if parameter.bind_name not in names and parameter.bind_name not in ENGINE_PARAMETERS:
            faults.error(parameter.where, f"{operation.id}: no statement binds the parameter {parameter.name}")
    for name in ("limit", "cursor", "as_of", "if_match"):
        if operation.parameter(name) is not None and name not in names:
            faults.error(operation.where, f"{operation.id}: no statement binds :{name}")
    if operation.body is None or "body" in names:
        return
    for name, schema in operation.body.properties.items():
        if name not in names and schema.blind not in names:
            faults.error(schema.where, f"{operation.id}: no statement binds the member {name} of the body")


# ── SQL ───────────────────────────────────────────────────────────────────────────────────────────────────────


def lint(statement: Statement, faults: Faults) -> None:
    for number, text, _ in statement.lines:
        where = f"{statement.file}:{number}"
        masked = mask_sql(text)
        for found in re.finditer(r"(?<![\w.:])([A-Za-z_]\w*)(\s*\()?", masked):
            word, is_call = found.groups()
            if word.lower() in BANNED and (word.lower() != "now" or is_call):
                faults.error(where, f"{word}: {BANNED[word.lower()]}")
        if ";" in masked:
            faults.error(where, f"statement {statement.name}: one statement, without ;")
    first = statement.whole().split(None, 1)[0].lower()
    if first not in ("select", "with"):
        faults.error(statement.where, f"statement {statement.name} must begin with select or with")
    operation = statement.operation
    if operation.method != "get" and not operation.steps and not is_routine_call(statement.whole()):
        faults.error(statement.where, f"statement {statement.name}: a write is one select … from schema.routine(…)")


def is_routine_call(text: str) -> bool:
    masked = mask_sql(text)
    found = re.match(r"\s*select\b[^()]*?\bfrom\s+[a-z_]\w*\.[a-z_]\w*\s*\(", masked, re.S | re.I)
    if found is None:
        found = re.match(r"\s*select\b.*?\bfrom\s+[a-z_]\w*\.[a-z_]\w*\s*\(", masked, re.S | re.I)
    if found is None:
        return False
    end = closing(masked, found.end() - 1)
    return end > 0 and re.fullmatch(r"\s*(as\s+)?[a-z_]?\w*\s*", masked[end + 1:], re.I) is not None


# ── schemas ───────────────────────────────────────────────────────────────────────────────────────────────────


def check_files(contract: Contract, faults: Faults) -> None:
    """Every resource file: names that stand twice, path items without a line in the root, parts nobody uses."""
    homes: dict[tuple[str, str], str] = {}
    roots = [contract.root_name] + [name for name in contract.files.find("server/domains/*/*.yaml")
                                    if not name.endswith("/problems.yaml")]
    for file in roots:
        node = contract.files.yaml(file)
        inside = node.get("components") or Map(file, 1) if file == contract.root_name else node
        for section in SECTIONS & set(inside):
            for name in inside[section] or {}:
                where = inside[section].at(name)
                if (section, name) in homes:
                    faults.error(where, f"{section} {name} stands twice (also {homes[(section, name)]})")
                homes[(section, name)] = where
                if file != contract.root_name and (file, f"{section}/{name}") not in contract.used_pointers:
                    faults.warn(where, f"{section} {name} is not used")
        if file != contract.root_name:
            check_resource(contract, file, node, faults)


def check_resource(contract: Contract, file: str, node: Map, faults: Faults) -> None:
    for key, value in node.items():
        if key in SECTIONS:
            continue
        if not isinstance(value, Map) or not set(value) & set(METHODS):
            faults.error(node.at(key), f"{key} is neither a path nor one of {', '.join(sorted(SECTIONS))}")
        elif (file, key) not in contract.used_pointers:
            faults.error(node.at(key), f"path {key} has no line in {contract.root_name}")


def check_codecs(contract: Contract, faults: Faults) -> None:
    """Sealed and masked fields stand where a column is: not inside JSON that passes through verbatim."""
    for operation in contract.operations:
        if operation.body is not None:
            for name, schema in operation.body.properties.items():
                inner = [*schema.properties.values(), *([schema.items] if schema.items else [])]
                for child in inner:
                    refuse_codecs(child, f"{operation.id}.{name}", faults)
        if operation.reply_schema is not None and not operation.steps:
            check_reply_codecs(operation.reply_schema, operation.id, faults)


def check_reply_codecs(schema: Schema, what: str, faults: Faults) -> None:
    for name, child in schema.properties.items():
        if child.kind == "object" and child.nullable and not child.json:
            faults.error(child.where, f"{what}.{name}: an object that can be null is one column: x-json: true")
        if child.kind == "object" and child.json:
            refuse_codecs(child, f"{what}.{name}", faults)
        elif child.kind == "object":
            check_reply_codecs(child, f"{what}.{name}", faults)


def refuse_codecs(schema: Schema, what: str, faults: Faults) -> None:
    if schema.sealed or schema.blind or schema.masked:
        faults.error(schema.where, f"{what}: a field inside JSON cannot be sealed or masked")
    for child in [*schema.properties.values(), *([schema.items] if schema.items else [])]:
        refuse_codecs(child, what, faults)


def check_children_codecs(joined: dict[str, list[Statement]], faults: Faults) -> None:
    """Arrays of a reply that no child statement fills are JSON columns, too."""
    for own in joined.values():
        if not own or own[0].operation.reply_schema is None or own[0].operation.steps:
            continue
        children = {statement.child for statement in own}
        for name, schema in own[0].operation.reply_schema.properties.items():
            if schema.kind == "array" and name not in children:
                refuse_codecs(schema.items, f"{own[0].operation.id}.{name}", faults)
            elif schema.kind == "array":
                check_reply_codecs(schema.items, f"{own[0].operation.id}.{name}", faults)


# ── problems ──────────────────────────────────────────────────────────────────────────────────────────────────


def check_problems(contract: Contract, problems: list[Problem], faults: Faults) -> None:
    known = {problem.name: problem for problem in problems}
    used = {name for problem in problems if problem.constraints for name in [problem.name]}
    for operation in contract.operations:
        for name, status, where in operation.problems:
            used.add(name)
            if name not in known:
                faults.error(where, f"{operation.id}: problem {name} is not in any problems.yaml")
            elif known[name].status != status:
                faults.error(where, f"{operation.id}: problem {name} has status {known[name].status}, not {status}")
    for file, line, name in [*sql_problems(contract), *c_problems(contract)]:
        used.add(name)
        if name not in known:
            faults.error(f"{file}:{line}", f"problem {name} is not in any problems.yaml")
    ours = contract.files.find("server/**/problems.yaml")
    code = "".join(contract.files.text(file) for file in contract.files.find("server/**/*.c"))
    for problem in problems:
        is_ours = problem.where.rsplit(":", 1)[0] in ours
        if is_ours and problem.name not in used and f'"{problem.name}"' not in code:
            faults.warn(problem.where, f"problem {problem.name} is used nowhere")


def sql_problems(contract: Contract):
    """Names in core.expect(…, 'name') and in messages raised with LI000."""
    for file in contract.files.find("migrations/*.sql") + contract.files.find("migrations/routines/*.sql"):
        text = contract.files.text(file)
        masked = mask_sql(re.sub(r"\$\w*\$", lambda found: " " * len(found.group(0)), text))
        for found in re.finditer(r"\bexpect\s*\(", masked):
            end = closing(masked, found.end() - 1)
            if end < 0 or re.search(r"\bfunction\s+(core\.)?$", masked[:found.start()].rstrip() + " ", re.I):
                continue
            parts = split_commas(text[found.end():end], masked[found.end():end])
            for part in parts[1:2]:
                literal = re.fullmatch(r"\s*'([a-z][a-z0-9_]*)'\s*", part)
                if literal:
                    yield file, text.count("\n", 0, found.start()) + 1, literal.group(1)
        for found in re.finditer(r"raise\b[^;]*'LI000'[^;]*;", text, re.I):
            literal = re.search(r"message\s*=\s*'([a-z][a-z0-9_]*)'", found.group(0), re.I)
            if literal:
                yield file, text.count("\n", 0, found.start()) + 1, literal.group(1)


def c_problems(contract: Contract):
    pattern = re.compile(r"\b(?:request_problem|problem_[a-z_]+|contract_find_problem)\s*\((?:[^\"();]*,)?\s*\"([a-z][a-z0-9_]*)\"")
    for file in contract.files.find("server/**/*.c"):
        text = contract.files.text(file)
        for found in pattern.finditer(text):
            yield file, text.count("\n", 0, found.start()) + 1, found.group(1)
