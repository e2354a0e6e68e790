"""The contract as the build sees it: operations, parameters and schemas, each with the line it stands on.

`$ref`s are resolved here; nothing is emitted and nothing about SQL is known.
"""
from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field

from source import Faults, Files, Map, Seq

METHODS = ("get", "post", "put", "patch", "delete")
LANES = ("read", "write", "slow")
SAFE = 9007199254740991  # the largest integer that every JSON reader keeps exact
UNBOUNDED = 4294967295
BODY_LIMIT = 65536

KEYWORDS = {
    "type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "uniqueItems", "enum",
    "const", "minLength", "maxLength", "pattern", "minimum", "maximum", "format", "default", "description", "examples",
    "title", "$ref", "x-sealed", "x-blind", "x-masked", "x-json", "x-id-parts",
}
FORMATS = {"uuid": "uuid", "date": "date", "date-time": "timestamp", "email": "string", "cn-id-number": "string"}
MASKS = ("phone", "name", "id_number")


@dataclass
class Schema:
    """A resolved schema. kind: string uuid date timestamp integer number boolean object array."""
    where: str
    kind: str = "string"
    name: str | None = None
    nullable: bool = False
    min_length: int = 0
    max_length: int = UNBOUNDED
    pattern: str | None = None
    text_format: str | None = None  # email, cn-id-number: strings that are more than their letters
    choices: list[str] | None = None
    minimum: int = -SAFE
    maximum: int = SAFE
    items: "Schema | None" = None
    min_items: int = 0
    max_items: int = UNBOUNDED
    unique_items: bool = False
    properties: dict[str, "Schema"] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    sealed: str | None = None
    blind: str | None = None
    masked: str | None = None
    id_parts: str | None = None  # prefix of the binds with the day of birth and the sex that an identity number says
    json: bool = False
    preset: str | None = None

    def sorted_properties(self) -> list[str]:
        return sorted(self.properties, key=lambda name: name.encode())


@dataclass
class Parameter:
    where: str
    name: str
    place: str  # path, query, header
    required: bool
    schema: Schema

    @property
    def bind_name(self) -> str:
        return self.name.lower().replace("-", "_")


@dataclass
class Operation:
    where: str
    id: str
    file: str
    method: str
    path: str
    node: Map
    parameters: list[Parameter] = field(default_factory=list)
    body: Schema | None = None
    body_required: bool = False
    body_limit: int = BODY_LIMIT
    body_type: str | None = None
    stream_types: list[str] = field(default_factory=list)  # of a body that is taken in chunks
    permission: list[str] = field(default_factory=list)
    lane: str = "read"
    takes_key: bool = False
    if_match: str | None = None
    has_etag: bool = False
    has_location: bool = False
    status: int = 200
    reply: str = "none"  # none, row, list, stream
    reply_schema: Schema | None = None  # of the row, or of an item of the list
    steps: str | None = None
    problems: list[tuple[str, int, str]] = field(default_factory=list)  # name, status, where

    def parameter(self, bind_name: str) -> int | None:
        for index, parameter in enumerate(self.parameters):
            if parameter.bind_name == bind_name:
                return index
        return None


@dataclass
class Role:
    name: str
    staff: bool
    leadership: bool
    files: bool


class Contract:
    def __init__(self, files: Files, root_name: str, faults: Faults):
        self.files, self.faults, self.root_name = files, faults, root_name
        self.root = files.yaml(root_name)
        self.base = self.base_path()
        self.roles = self.read_roles()
        self.operations: list[Operation] = []
        self.schema_names: dict[str, str] = {}
        self.used_pointers: set[tuple[str, str]] = set()
        self.stack: list[tuple[str, str]] = []
        self.checked_nodes: set[int] = set()
        self.read_paths()

    # ── references ────────────────────────────────────────────────────────────────────────────────────────

    def resolve(self, node, what: str):
        """The node itself or the one its $ref names, with the siblings of $ref laid over it."""
        seen = 0
        while isinstance(node, Map) and "$ref" in node:
            target = self.target(node, what)
            if target is None or seen > 8:
                return None
            seen += 1
            siblings = {key: value for key, value in node.items() if key != "$ref"}
            if siblings and isinstance(target, Map):
                laid = Map(node.file, node.line)
                laid.update(target)
                laid.lines.update(target.lines)
                laid.update(siblings)
                laid.lines.update({key: node.lines[key] for key in siblings})
                target = laid
            node = target
        return node

    def target(self, node: Map, what: str):
        reference = node["$ref"]
        if not isinstance(reference, str) or "#/" not in reference:
            self.faults.error(node.at("$ref"), f"{what}: $ref must be file#/pointer")
            return None
        place, pointer = reference.split("#", 1)
        name = posixpath.normpath(posixpath.join(posixpath.dirname(node.file), place)) if place else node.file
        if name.startswith(".."):
            self.faults.error(node.at("$ref"), f"{what}: {reference} leaves the project")
            return None
        found = self.files.yaml(name)
        for segment in pointer.lstrip("/").split("/"):
            segment = segment.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, Map) or segment not in found:
                self.faults.error(node.at("$ref"), f"{what}: {reference} leads nowhere")
                return None
            found = found[segment]
        self.used_pointers.add((name, pointer.lstrip("/")))
        return found

    # ── the root ──────────────────────────────────────────────────────────────────────────────────────────

    def base_path(self) -> str:
        servers = self.root.get("servers") or [{}]
        return (servers[0].get("url") or "").rstrip("/")

    def read_roles(self) -> list[Role]:
        roles = []
        for entry in self.root.get("x-roles") or []:
            flags = [entry.get(flag, False) is True for flag in ("staff", "leadership", "files")]
            roles.append(Role(entry.get("name"), *flags))
        if not roles or len(roles) > 32:
            self.faults.error(self.root.at("x-roles"), "x-roles must name 1 to 32 roles")
        return roles

    def read_paths(self) -> None:
        paths = self.root.get("paths")
        if not isinstance(paths, Map):
            self.faults.error(self.root.at("paths"), "paths must be a mapping")
            return
        for path, reference in paths.items():
            item = self.resolve(reference, f"path {path}")
            if not isinstance(item, Map):
                continue
            shared = item.get("parameters") or []
            for method in METHODS:
                if method in item:
                    self.read_operation(path, method, item, shared)
            for key in item:
                if key not in METHODS and key not in ("parameters", "summary", "description"):
                    self.faults.error(item.at(key), f"{path}: {key} is not a method the server knows")

    # ── operations ────────────────────────────────────────────────────────────────────────────────────────

    def read_operation(self, path: str, method: str, item: Map, shared) -> None:
        node = item[method]
        where = item.at(method)
        if not isinstance(node, Map):
            self.faults.error(where, f"{method} {path} must be a mapping")
            return
        identity = node.get("operationId")
        if not identity or not re.fullmatch(r"[a-z][A-Za-z0-9]*", str(identity)):
            self.faults.error(where, f"{method} {path} needs an operationId in camelCase")
            return
        where = node.at("operationId")
        for other in self.operations:
            if other.id == identity:
                self.faults.error(where, f"operationId {identity} stands twice (also {other.where})")
        operation = Operation(where, identity, node.file, method, path, node)
        self.read_parameters(operation, [*shared, *(node.get("parameters") or [])])
        self.read_permission(operation)
        self.read_body(operation)
        self.read_traits(operation)
        self.read_responses(operation)
        self.operations.append(operation)

    def read_parameters(self, operation: Operation, nodes) -> None:
        found: dict[tuple[str, str], Parameter] = {}
        for entry in nodes:
            node = self.resolve(entry, f"{operation.id} parameter")
            if not isinstance(node, Map):
                continue
            name, place = node.get("name"), node.get("in")
            where = entry.at("$ref" if "$ref" in entry else "name")
            if place not in ("path", "query", "header") or not name:
                self.faults.error(where, f"{operation.id}: parameters stand in path, query or header")
                continue
            schema = self.schema(node.get("schema"), f"{operation.id} parameter {name}", True, where)
            if schema.kind in ("object", "array", "number"):
                self.faults.error(where, f"{operation.id}: parameter {name} must be one text, integer or boolean")
            found[(place, name)] = Parameter(where, name, place, node.get("required") is True or place == "path", schema)
        template = re.findall(r"\{([^}]*)\}", operation.path)
        declared = [name for place, name in found if place == "path"]
        if sorted(template) != sorted(declared):
            self.faults.error(operation.where, f"{operation.id}: the path has {template}, the parameters declare {declared}")
        if len(template) > 8:
            self.faults.error(operation.where, f"{operation.id}: more than 8 parameters in the path")
        operation.parameters = [found[("path", name)] for name in template if ("path", name) in found]
        for place in ("query", "header"):
            operation.parameters += [one for (where, _), one in found.items() if where == place]

    def read_permission(self, operation: Operation) -> None:
        permission = operation.node.get("x-permission")
        known = [role.name for role in self.roles]
        if not isinstance(permission, Seq) or not permission:
            self.faults.error(operation.where, f"{operation.id} has no x-permission")
            return
        for name in permission:
            if name not in known and name not in ("anyone", "authenticated"):
                self.faults.error(operation.node.at("x-permission"), f"{operation.id}: role {name} is not known")
        if len(permission) > 1 and "anyone" in permission:
            self.faults.error(operation.node.at("x-permission"), f"{operation.id}: anyone stands alone")
        operation.permission = list(permission)

    def read_body(self, operation: Operation) -> None:
        if "requestBody" not in operation.node:
            return
        body = self.resolve(operation.node["requestBody"], f"{operation.id} requestBody")
        content = body.get("content") if isinstance(body, Map) else None
        operation.body_limit = operation.node.get("x-body-limit", BODY_LIMIT)
        if operation.node.get("x-body-stream") is True:
            self.read_stream_body(operation, content)
            return
        if not isinstance(content, Map) or len(content) != 1:
            self.faults.error(operation.node.at("requestBody"), f"{operation.id}: requestBody needs content of one media type")
            return
        operation.body_type = next(iter(content))
        media = content[operation.body_type]
        operation.body = self.schema(media.get("schema"), f"{operation.id} body", True, operation.node.at("requestBody"))
        operation.body_required = body.get("required") is True
        if operation.body.kind != "object":
            self.faults.error(operation.node.at("requestBody"), f"{operation.id}: the body must be an object")

    def read_stream_body(self, operation: Operation, content) -> None:
        """Raw bytes of one of these types: no schema, and steps that take them chunk by chunk."""
        where = operation.node.at("x-body-stream")
        if not isinstance(content, Map) or not content or "application/json" in content:
            self.faults.error(where, f"{operation.id}: a streamed body names its media types, and JSON is none of them")
            return
        if any(media.get("schema") for media in content.values()):
            self.faults.error(where, f"{operation.id}: a streamed body has no schema")
        if "x-steps" not in operation.node or operation.method != "put":
            self.faults.error(where, f"{operation.id}: a streamed body is put, and taken by x-steps")
        operation.stream_types = list(content)

    def read_traits(self, operation: Operation) -> None:
        node, fail = operation.node, self.faults.error
        default = "read" if operation.method == "get" else "write"
        operation.lane = node.get("x-lane", "write" if node.get("x-logged-read") is True else default)
        if operation.lane not in LANES:
            fail(node.at("x-lane"), f"{operation.id}: x-lane is read, write or slow")
        operation.steps = node.get("x-steps")
        operation.if_match = node.get("x-if-match")
        if operation.if_match not in (None, "required", "optional"):
            fail(node.at("x-if-match"), f"{operation.id}: x-if-match is required or optional")
        has_key = operation.parameter("idempotency_key") is not None
        operation.takes_key = operation.method in ("post", "patch") and node.get("x-idempotent", True) is not False
        if operation.takes_key and (operation.steps or operation.permission == ["anyone"]):
            fail(operation.where, f"{operation.id}: needs x-idempotent: false (steps, or nobody is signed in)")
        if operation.takes_key != has_key:
            says = "lacks" if operation.takes_key else "must not have"
            fail(operation.where, f"{operation.id} {says} the parameter IdempotencyKey")
        if operation.if_match and operation.parameter("if_match") is None:
            fail(operation.where, f"{operation.id} lacks the parameter IfMatch")

    def read_responses(self, operation: Operation) -> None:
        responses = operation.node.get("responses")
        if not isinstance(responses, Map):
            self.faults.error(operation.where, f"{operation.id} has no responses")
            return
        successes = sorted(status for status in responses if re.fullmatch(r"2\d\d", status))
        if not successes:
            self.faults.error(responses.at(), f"{operation.id} has no 2xx response")
        for status, reference in responses.items():
            if isinstance(reference, Map):
                for name in reference.get("x-problems") or []:
                    number = int(status) if status.isdigit() else 0
                    operation.problems.append((name, number, reference.at("x-problems")))
            response = self.resolve(reference, f"{operation.id} response {status}")
            if isinstance(response, Map) and successes and status == successes[0]:
                operation.status = int(status)
                self.read_success(operation, response, responses.at(status))

    def read_success(self, operation: Operation, response: Map, where: str) -> None:
        headers = response.get("headers") or {}
        operation.has_location = "Location" in headers
        operation.has_etag = "ETag" in headers or operation.node.get("x-etag") is True
        content = response.get("content")
        if not content:
            return
        if operation.node.get("x-reply-stream") is True:
            if "application/json" in content or "x-steps" not in operation.node:
                self.faults.error(where, f"{operation.id}: a streamed reply is not JSON, and made by x-steps")
            operation.reply = "stream"
            return
        media = content.get("application/json")
        if not isinstance(media, Map):
            self.faults.error(where, f"{operation.id}: the reply must be application/json")
            return
        schema = self.schema(media.get("schema"), f"{operation.id} reply", False, where)
        is_list = set(schema.properties) == {"items", "next_cursor"} and schema.properties["items"].items is not None
        operation.reply = "list" if is_list else "row"
        operation.reply_schema = schema.properties["items"].items if is_list else schema
        if operation.reply_schema.kind != "object":
            self.faults.error(where, f"{operation.id}: the reply must be an object or a list of objects")

    # ── schemas ───────────────────────────────────────────────────────────────────────────────────────────

    def schema(self, node, what: str, request: bool, where: str) -> Schema:
        pointers = []
        name = None
        while isinstance(node, Map) and set(node) == {"$ref"}:
            pointers.append((node.file, node["$ref"]))
            name = str(node["$ref"]).rsplit("/", 1)[-1]
            node = self.target(node, what)
        if isinstance(node, Map) and "$ref" in node:
            name = str(node["$ref"]).rsplit("/", 1)[-1]
            pointers.append((node.file, node["$ref"]))
            node = self.resolve(node, what)
        if not isinstance(node, Map):
            self.faults.error(where, f"{what} has no schema")
            return Schema(where)
        if any(pointer in self.stack for pointer in pointers):
            self.faults.error(node.at(), f"{what}: the schema contains itself")
            return Schema(node.at())
        self.stack += pointers
        schema = self.plain_schema(node, what, request)
        schema.name = name
        del self.stack[len(self.stack) - len(pointers):]
        return schema

    def plain_schema(self, node: Map, what: str, request: bool) -> Schema:
        schema = Schema(node.at())
        for key in node:
            if key not in KEYWORDS:
                self.faults.error(node.at(key), f"{what}: {key} is not a keyword the server checks")
        self.read_kind(schema, node, what)
        self.read_codec(schema, node, what)
        if schema.kind == "object":
            self.read_object(schema, node, what, request)
        elif schema.kind == "array":
            self.read_array(schema, node, what, request)
        else:
            self.read_scalar(schema, node, what, request)
        return schema

    def read_kind(self, schema: Schema, node: Map, what: str) -> None:
        kinds = node.get("type")
        kinds = list(kinds) if isinstance(kinds, Seq) else [kinds]
        schema.nullable = "null" in kinds
        kinds = [kind for kind in kinds if kind != "null"]
        if len(kinds) != 1 or kinds[0] not in ("string", "integer", "number", "boolean", "object", "array"):
            self.faults.error(node.at("type"), f"{what}: type must be one of string integer number boolean object array (and null)")
            return
        schema.kind = kinds[0]
        if "format" in node:
            if schema.kind != "string" or node["format"] not in FORMATS:
                self.faults.error(node.at("format"), f"{what}: format {node['format']} is not one the server checks")
                return
            schema.kind = FORMATS[node["format"]]
            schema.text_format = node["format"] if schema.kind == "string" else None

    def read_codec(self, schema: Schema, node: Map, what: str) -> None:
        schema.sealed, schema.blind, schema.masked = node.get("x-sealed"), node.get("x-blind"), node.get("x-masked")
        schema.json = node.get("x-json") is True
        schema.id_parts = node.get("x-id-parts")
        if schema.id_parts and schema.text_format != "cn-id-number":
            self.faults.error(node.at("x-id-parts"), f"{what}: x-id-parts is for the format cn-id-number")
        if (schema.sealed or schema.blind or schema.masked) and schema.kind != "string":
            self.faults.error(node.at(), f"{what}: x-sealed, x-blind and x-masked are for strings without format")
        if schema.masked and schema.masked not in MASKS:
            self.faults.error(node.at("x-masked"), f"{what}: x-masked is one of {', '.join(MASKS)}")

    def read_object(self, schema: Schema, node: Map, what: str, request: bool) -> None:
        if node.get("additionalProperties") is not False:
            self.faults.error(node.at("additionalProperties"), f"{what}: an object needs additionalProperties: false")
        properties = node.get("properties") or Map(node.file, node.line)
        for name, child in properties.items():
            schema.properties[name] = self.schema(child, f"{what}.{name}", request, properties.at(name))
        schema.required = list(node.get("required") or [])
        for name in schema.required:
            if name not in schema.properties:
                self.faults.error(node.at("required"), f"{what}: required {name} is not a property")

    def read_array(self, schema: Schema, node: Map, what: str, request: bool) -> None:
        schema.items = self.schema(node.get("items"), f"{what}[]", request, node.at("items"))
        schema.min_items, schema.max_items = node.get("minItems", 0), node.get("maxItems", UNBOUNDED)
        schema.unique_items = node.get("uniqueItems") is True
        if request and "maxItems" not in node:
            self.faults.error(node.at(), f"{what}: an array of a request needs maxItems")

    def read_scalar(self, schema: Schema, node: Map, what: str, request: bool) -> None:
        schema.min_length, schema.max_length = node.get("minLength", 0), node.get("maxLength", UNBOUNDED)
        schema.minimum, schema.maximum = node.get("minimum", -SAFE), node.get("maximum", SAFE)
        if request and schema.kind == "number" and not {"minimum", "maximum"} <= set(node):
            self.faults.error(node.at(), f"{what}: a number of a request needs minimum and maximum")
        choices = [node["const"]] if "const" in node else node.get("enum")
        if choices is not None:
            schema.choices = [str(choice) for choice in choices if choice is not None]
        if request and schema.kind == "string" and choices is None and "maxLength" not in node:
            self.faults.error(node.at(), f"{what}: a string of a request needs maxLength")
        if node.get("default") is not None:
            default = node["default"]
            schema.preset = str(default).lower() if isinstance(default, bool) else str(default)
        schema.pattern = node.get("pattern")
        if schema.pattern is not None:
            self.check_pattern(node, schema.pattern, what)

    def check_pattern(self, node: Map, pattern: str, what: str) -> None:
        """What POSIX and ECMA expressions read alike: ASCII, anchored, no classes by backslash, no groups with ?."""
        outside = re.sub(r"\[\^?\]?[^\]]*\]", "[]", pattern)
        inside = "".join(re.findall(r"\[\^?\]?[^\]]*\]", pattern))
        wrong = (not pattern.isascii() or not pattern.startswith("^") or not pattern.endswith("$")
                 or re.search(r"\\[A-Za-z0-9]|\(\?|[*+?}][?+]", outside) or "\\" in inside or "[:" in inside)
        try:
            re.compile(pattern)
        except re.error:
            wrong = True
        if wrong:
            self.faults.error(node.at("pattern"), f"{what}: pattern must be anchored and read alike by POSIX and JavaScript")
