"""operations.txt: the route table for people, one line an operation."""
from __future__ import annotations

from contract import Contract
from statements import Statement


def operations(contract: Contract, joined: dict[str, list[Statement]]) -> str:
    rows = [("METHOD", "PATH", "OPERATION", "LANE", "TRAITS", "MAY BE CALLED BY")]
    for operation in sorted(contract.operations, key=lambda one: (one.path, one.method)):
        traits = [f"steps:{operation.steps}"] if operation.steps else []
        traits += ["key"] if operation.takes_key else []
        traits += [f"if-match:{operation.if_match}"] if operation.if_match else []
        traits += ["etag"] if operation.has_etag else []
        traits += [f"{operation.status}:{operation.reply}"]
        children = [statement.child for statement in joined[operation.id] if statement.child]
        traits += ["children:" + ",".join(children)] if children else []
        rows.append((operation.method.upper(), operation.path, operation.id, operation.lane, " ".join(traits),
                     " ".join(operation.permission)))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[5]]).rstrip() for row in rows]
    return "\n".join(lines) + "\n"
