"""openapi.json: the contract in one document, as `redocly bundle` makes it.

References between files become references to components, named by the last segment of their pointer; references to what
is no component (path items) are replaced by what they name.
"""
from __future__ import annotations

import copy
import posixpath

from source import Faults, Files, Map, Seq

COMPONENTS = {"schemas", "parameters", "responses", "requestBodies", "headers", "examples", "links", "securitySchemes"}


def kind_of(path: list[str]) -> str | None:
    """Which kind of component a node at this path is, as OpenAPI's structure says."""
    if not path:
        return None
    last, parent = path[-1], path[-2] if len(path) > 1 else ""
    if last in ("schema", "items") or parent == "properties":
        return "schemas"
    if parent == "parameters":
        return "parameters"
    if parent == "responses":
        return "responses"
    if parent == "headers":
        return "headers"
    if parent == "examples" and isinstance(last, str):
        return "examples"
    if last == "requestBody":
        return "requestBodies"
    if parent in ("schemas", "requestBodies"):
        return parent
    return None


class Bundle:
    def __init__(self, files: Files, root_name: str, faults: Faults):
        self.files, self.root_name, self.faults = files, root_name, faults
        self.components: dict[str, dict] = {}
        self.homes: dict[tuple[str, str], tuple[str, str]] = {}
        self.root = files.yaml(root_name)

    def make(self) -> dict:
        own = self.root.get("components") or {}
        for kind, nodes in own.items():
            for name in nodes:
                self.homes[(kind, name)] = (self.root_name, f"components/{kind}/{name}")
        result = {key: self.walk(value, [key]) for key, value in self.root.items() if key != "components"}
        for kind, nodes in own.items():
            target = self.components.setdefault(kind, {})
            for name, node in nodes.items():
                target[name] = self.walk(node, ["components", kind, name])
        result["components"] = self.components
        return result

    def walk(self, node, path: list):
        if isinstance(node, Seq):
            return [self.walk(child, [*path, index]) for index, child in enumerate(node)]
        if not isinstance(node, Map):
            return copy.copy(node)
        if isinstance(node.get("$ref"), str):
            return self.follow(node, path)
        return {key: self.walk(value, [*path, key]) for key, value in node.items()}

    def follow(self, node: Map, path: list):
        place, pointer = node["$ref"].split("#", 1)
        file = posixpath.normpath(posixpath.join(posixpath.dirname(node.file), place)) if place else node.file
        target = self.files.yaml(file)
        for segment in pointer.lstrip("/").split("/"):
            target = target[segment.replace("~1", "/").replace("~0", "~")]
        siblings = {key: self.walk(value, [*path, key]) for key, value in node.items() if key != "$ref"}
        kind = kind_of(path)
        if kind is None:
            return {**self.walk(target, path), **siblings}
        name = pointer.rsplit("/", 1)[-1]
        self.save(kind, name, file, pointer.lstrip("/"), target, node)
        return {"$ref": f"#/components/{kind}/{name}", **siblings}

    def save(self, kind: str, name: str, file: str, pointer: str, target, node: Map) -> None:
        home = self.homes.get((kind, name))
        if home == (file, pointer):
            return
        if home is not None:
            self.faults.error(node.at("$ref"), f"{kind} {name} is another one in {home[0]}")
            return
        self.homes[(kind, name)] = (file, pointer)
        self.components.setdefault(kind, {})[name] = None
        self.components[kind][name] = self.walk(target, ["components", kind, name])
