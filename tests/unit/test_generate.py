"""The generator's refusals, each with file and line, and what it makes of a good contract.

    python3 -m unittest tests/unit/test_generate.py
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HOME = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = HOME / "tests/unit/contract"
MAIN = HOME / "server/generate/main.py"
sys.dont_write_bytecode = True
sys.path.insert(0, str(MAIN.parent))
from main import generate  # noqa: E402
from source import Faults  # noqa: E402

YAML = "server/domains/sample/things.yaml"
SQL = "server/domains/sample/things.sql"
PROBLEMS = "server/domains/sample/problems.yaml"
ROOT = "openapi.yaml"


def run(root: pathlib.Path, into: pathlib.Path):
    command = [sys.executable, "-B", str(MAIN), "--root", str(root / ROOT), "--into", str(into)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


# What is changed in which file (old → new), the file the refusal names, a text on the line it names, and what it says.
REFUSALS = [
    ("statement without operation", SQL, "-- name: getStatus", "-- name: getStatuses", SQL, "-- name: getStatuses", "belongs to no operation"),
    ("operation without statement", SQL, "-- name: getStatus\nselect 'good' as name\n", "", YAML, "operationId: getStatus", "operation getStatus has no statement"),
    ("statement twice", SQL, "-- name: getStatus", "-- name: getThing", SQL, "-- name: getThing\nselect 'good'", "stands twice"),
    ("SQL before a name", SQL, "-- name: listThings", "-- nome: listThings", SQL, "select t.id, t.name", "SQL before the first -- name:"),
    ("unbindable name", SQL, "t.id = :thing_id", "t.id = :thing", SQL, "-- name: getThing\n", "nothing binds :thing"),
    ("unbindable condition", SQL, "-- if :kind", "-- if :kinds", SQL, "-- name: listThings", "nothing binds :kinds"),
    ("too many conditions", SQL, " order by t.made_at", "   and t.limited = :limit -- if :limit\n order by t.made_at", SQL, "-- name: listThings", "7 conditions"),
    ("unknown column", SQL, "select p.name, p.size", "select p.name, p.size, p.colour", SQL, "-- name: getThing/parts", "column colour is not in the reply's schema"),
    ("property without column", SQL, "select p.name, p.size", "select p.name", SQL, "-- name: getThing/parts", "property size of the reply has no column"),
    ("column twice", SQL, "select p.name, p.size", "select p.name, p.size, p.name", SQL, "-- name: getThing/parts", "column name stands twice"),
    ("column without a name", SQL, "'good' as name", "'good' || 'ness'", SQL, "-- name: getStatus", "a name with as"),
    ("missing etag", SQL, "select t.*, t.version::text as _etag", "select t.id, t.name", SQL, "-- name: getThing\n", "column _etag is missing"),
    ("unknown reserved column", SQL, "'good' as name", "'good' as name, 1 as _total", SQL, "-- name: getStatus", "reserved column _total"),
    ("scattered nested columns", SQL, "select t.*, t.version::text as _etag",
     'select t.id, t."owner.id", t.name, t."owner.name", t."owner.home.unit", t.kind, t.phone, t.open, t.count, t.made_at, t.version, t.version::text as _etag',
     SQL, "-- name: getThing\n", "the columns of owner must stand together"),
    ("child that is no array", SQL, "-- name: getThing/parts", "-- name: getThing/owner", SQL, "-- name: getThing/owner", "no array of objects owner"),
    ("child of a write", SQL, "-- name: getThing/parts", "-- name: updateThing/parts", SQL, "-- name: updateThing/parts", "only a GET of one row has children"),
    ("write that is no routine", SQL, "select * from sample.update_thing(:thing_id, :if_match, :name)", "select * from sample.thing where id = :thing_id and version = :if_match and name = :name",
     SQL, "-- name: updateThing", "a write is one select"),
    ("data-modifying SQL", SQL, "select * from sample.delete_part(:thing_id, :name)", "delete from sample.part where thing_id = :thing_id and name = :name", SQL, "delete from", "delete: writes go through routines"),
    ("BEGIN", SQL, "select 'good' as name", "begin", SQL, "begin", "begin: a group is one implicit transaction"),
    ("COMMIT", SQL, "select 'good' as name", "select 'good' as name; commit", SQL, "commit", "commit: a group"),
    ("SET", SQL, "select 'good' as name", "set local x = 1", SQL, "-- name: getStatus", "must begin with select or with"),
    ("VACUUM", SQL, "select 'good' as name", "vacuum", SQL, "vacuum", "vacuum: cannot run inside a group"),
    ("now()", SQL, "'good' as name", "now()::text as name", SQL, "now()", "core.app_now()"),
    ("parameter nobody reads", SQL, "   and t.kind = :kind                                  -- if :kind\n", "", YAML, "name: kind, in: query", "no statement binds the parameter kind"),
    ("member nobody reads", SQL, ":if_match, :name)", ":if_match)", YAML, "name: {type: string, minLength: 2, maxLength: 5}\n  Thing:", "binds the member name"),
    ("schema twice", YAML, "schemas:\n", "schemas:\n  Problem: {type: string}\n", YAML, "Problem: {type: string}", "schemas Problem stands twice"),
    ("key twice", YAML, "  Kind: {", "  Kind: {type: string}\n  Kind: {", YAML, "Kind: {type: string, enum", "key Kind stands twice"),
    ("reference to nothing", YAML, "schema: {$ref: '#/schemas/Kind'}}", "schema: {$ref: '#/schemas/Sort'}}", YAML, "schemas/Sort", "leads nowhere"),
    ("schema in itself", YAML, "items: {$ref: '#/schemas/Part'}", "items: {$ref: '#/schemas/Thing'}", YAML, "    type: object\n    additionalProperties: false\n    required: [id, name, kind, owner", "contains itself"),
    ("unknown problem of a response", YAML, "[name_taken]", "[name_lost]", YAML, "[name_lost]", "problem name_lost is not in any"),
    ("problem of another status", PROBLEMS, "status: 409", "status: 404", YAML, "[name_taken]", "has status 404, not 409"),
    ("problem without a title", PROBLEMS, "  en: The name is taken\n", "", PROBLEMS, "name_taken:", "needs its title in en"),
    ("unknown keyword", YAML, "minLength: 2, maxLength: 5}\n      kind", "minLength: 2, maxLength: 5, contentEncoding: x}\n      kind", YAML, "contentEncoding", "contentEncoding is not a keyword"),
    ("oneOf", YAML, "      open: {type: boolean}\n      owner", "      open: {oneOf: []}\n      owner", YAML, "oneOf", "oneOf is not a keyword"),
    ("unknown format", YAML, "day: {type: string, format: date}", "day: {type: string, format: week}", YAML, "format: week", "format week"),
    ("parts of what is no identity number", YAML, "mail: {type: string, format: email, maxLength: 60}", "mail: {type: string, format: email, maxLength: 60, x-id-parts: id}", YAML, "x-id-parts: id", "x-id-parts is for the format"),
    ("open object", YAML, "  ThingPatch:\n    type: object\n    additionalProperties: false\n", "  ThingPatch:\n    type: object\n", YAML, "    type: object\n    properties:\n      name", "additionalProperties: false"),
    ("request string without maxLength", YAML, "name: {type: string, minLength: 2, maxLength: 5}\n  Thing:", "name: {type: string, minLength: 2}\n  Thing:", YAML, "name: {type: string, minLength: 2}\n  Thing:", "needs maxLength"),
    ("request array without maxItems", YAML, "minItems: 1, maxItems: 3,", "minItems: 1,", YAML, "tags: {", "needs maxItems"),
    ("pattern that is not anchored", YAML, "'^[A-Z][0-9]+$'", "'[A-Z][0-9]+'", YAML, "[A-Z][0-9]+", "must be anchored"),
    ("pattern of one dialect", YAML, "'^[A-Z][0-9]+$'", "'^[A-Z]\\d+$'", YAML, "[A-Z]\\d+", "read alike"),
    ("no permission", YAML, "    x-permission: [authenticated]\n    responses", "    responses", YAML, "operationId: getNewestThing", "has no x-permission"),
    ("unknown role", YAML, "[administrator, community_worker]", "[administrator, king]", YAML, "king", "role king is not known"),
    ("anyone and a role", YAML, "[anyone]", "[anyone, resident]", YAML, "[anyone, resident]", "stands alone"),
    ("anyone with a token", YAML, "    security: []\n", "", YAML, "operationId: getStatus", "security: []"),
    ("unknown operation key", YAML, "x-if-match: required", "x-if-matches: required", YAML, "x-if-matches", "x-if-matches is not known here"),
    ("no default response", YAML, "      '204': {description: Gone.}\n      default: {$ref: '../../../openapi.yaml#/components/responses/Problem'}", "      '204': {description: Gone.}", YAML, "    responses:\n      '204'", "lacks the response default"),
    ("key without parameter", YAML, "    x-etag: true\n    parameters:\n      - $ref: '../../../openapi.yaml#/components/parameters/IdempotencyKey'\n", "    x-etag: true\n", YAML, "operationId: createThing", "lacks the parameter IdempotencyKey"),
    ("parameters that are not the path's", YAML, "{name: thing_id, in: path", "{name: id, in: path", YAML, "operationId: getThing", "the parameters declare ['id']"),
    ("nullable object in columns", YAML, "          home:\n            type: object", "          home:\n            type: [object, 'null']", YAML, "            type: [object, 'null']", "x-json: true"),
    ("masked inside JSON", YAML, "      name: {type: string}\n      size", "      name: {type: string, x-masked: name}\n      size", YAML, "name: {type: string, x-masked: name}\n      size", "cannot be sealed or masked"),
    ("sealed integer", YAML, "      size: {type: integer}", "      size: {type: integer, x-sealed: a}", YAML, "x-sealed: a", "are for strings"),
    ("path without a line in the root", ROOT, "  /status: {$ref: 'server/domains/sample/things.yaml#/status'}\n", "", YAML, "status:  ", "path status has no line in openapi.yaml"),
    ("line in the root without a path", ROOT, "#/status'}", "#/statuses'}", ROOT, "#/statuses", "leads nowhere"),
    ("no roles", ROOT, "x-roles:", "x-rolls:", ROOT, "openapi: 3.1.0", "x-roles must name"),
    ("no YAML", YAML, "schemas:\n", "schemas: [\n", YAML, "  ThingName:\n", "not YAML"),
]


class Refusals(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copytree(SAMPLE, self.folder / "sample")
        self.root = self.folder / "sample"

    def change(self, file, old, new):
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        self.assertIn(old, text)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def line_of(self, file, mark):
        text = (self.root / file).read_text(encoding="utf-8")
        self.assertIn(mark, text)
        return text.count("\n", 0, text.index(mark)) + 1

    def assert_refused(self, where, says):
        faults = Faults()
        self.assertEqual(generate(self.root / ROOT, [], faults), {})
        found = [line for line in faults.errors if line.startswith(f"{where}: ") and says in line]
        self.assertTrue(found, f"nothing refused at {where} with {says!r} in\n" + "\n".join(faults.errors))

    def test_refusals(self):
        for name, file, old, new, where, mark, says in REFUSALS:
            with self.subTest(name):
                shutil.rmtree(self.root)
                shutil.copytree(SAMPLE, self.root)
                self.change(file, old, new)
                self.assert_refused(f"{where}:{self.line_of(where, mark)}", says)

    def test_a_problem_that_a_routine_raises_must_exist(self):
        routines = self.root / "migrations/routines"
        routines.mkdir(parents=True)
        text = "perform core.expect(a = 'x, y' and f(b, 1), 'name_taken');\nperform core.expect(true, 'no_such_thing', '/name');\n"
        (routines / "sample.sql").write_text(text, encoding="utf-8")
        self.assert_refused("migrations/routines/sample.sql:2", "problem no_such_thing is not in any problems.yaml")

    def test_a_problem_that_c_answers_must_exist(self):
        (self.root / "server/domains/sample/thing.c").write_text('return request_problem(request, "name_lost", NULL);\n')
        self.assert_refused("server/domains/sample/thing.c:1", "problem name_lost")

    def test_an_operation_with_more_statements_than_a_call_takes(self):
        path = self.root / SQL
        more = "".join(f"-- name: getThing/parts{n}\nselect p.name, p.size from sample.part p\n" for n in range(15))
        path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
        self.assert_refused(f"{YAML}:{self.line_of(YAML, 'operationId: getThing')}", "17 statements, more than 16")

    def test_a_refusal_writes_nothing_and_exits_with_1(self):
        self.change(YAML, "[anyone]", "[someone]")
        result = run(self.root, self.folder / "into")
        self.assertEqual(result.returncode, 1)
        self.assertIn("1 errors in the contract", result.stderr)
        self.assertFalse((self.folder / "into").exists())

    def test_a_problem_nobody_uses_is_a_warning(self):
        path = self.root / PROBLEMS
        path.write_text(path.read_text() + "lonely: {status: 409, zh: 甲, en: A}\n", encoding="utf-8")
        result = run(self.root, self.folder / "into")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stderr, rf"{PROBLEMS}:\d+: warning: problem lonely is used nowhere")

    def test_steps_name_their_statements_after_the_operation(self):
        self.change(YAML, "    operationId: getStatus\n", "    operationId: getStatus\n    x-steps: status\n")
        self.assert_refused(f"{SQL}:{self.line_of(SQL, '-- name: getStatus')}", "an operation with x-steps names them getStatus/…")


class Output(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp())
        cls.into = cls.folder / "into"
        result = run(SAMPLE, cls.into)
        assert result.returncode == 0, result.stderr

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def text(self, name):
        return (self.into / name).read_text(encoding="utf-8")

    def variants(self, name):
        """The texts of a statement's variants, as SQL."""
        at = re.search(rf'\.name = "{name}".*?\.variants = (\w+)', self.text("statements.c")).group(1)
        body = re.search(rf"struct statement_variant {at}\[\] = \{{(.*?)\n\}};", self.text("statements.c"), re.S).group(1)
        return [text.replace("\\n", "\n").replace('\\"', '"') for text in re.findall(r'\.text = "((?:[^"\\]|\\.)*)"', body)]

    def test_same_contract_same_bytes(self):
        run(SAMPLE, self.folder / "again")
        for path in sorted(self.into.iterdir()):
            self.assertEqual(path.read_bytes(), (self.folder / "again" / path.name).read_bytes(), path.name)

    def test_files_are_written_only_when_they_change(self):
        before = {path.name: path.stat().st_mtime_ns for path in self.into.iterdir()}
        run(SAMPLE, self.into)
        self.assertEqual(before, {path.name: path.stat().st_mtime_ns for path in self.into.iterdir()})

    def test_every_combination_of_optional_lines(self):
        texts = self.variants("listThings")
        self.assertEqual(len(texts), 64)
        self.assertEqual(len(set(texts)), 32)  # :owner and :open share a line: only both together add it
        self.assertNotIn("owner_id", texts[0])
        self.assertIn("':not_a_bind'", texts[0])
        self.assertNotIn("comment", texts[0])
        self.assertIn("limit $2::bigint", texts[0])
        self.assertIn("(($7::jsonb->>0)::timestamptz, ($7::jsonb->>1)::uuid)", texts[63])

    def test_a_keyed_write_keeps_its_reply(self):
        plain, keyed = self.variants("createThing")
        self.assertTrue(plain.startswith('select "id", "name", "kind", "owner.id"'))
        self.assertIn("sample.create_thing($1::jsonb, $2::text, $3::bytea, $4::bytea, $5::uuid)", plain)
        self.assertTrue(keyed.startswith("with reply as materialized (\n" + plain))
        self.assertIn("where person_id = core.person() and key = $6::text", keyed)
        self.assertEqual(len(self.variants("deletePart")), 1)

    def test_the_plan_nests_and_closes(self):
        source = self.text("statements.c")
        self.assertIn(r'{"owner.home.unit", COLUMN_FIELD, VALUE_STRING, ",\"home\":{\"unit\":"', source)
        self.assertIn(r'{"phone", COLUMN_FIELD, VALUE_STRING, "}},\"phone\":", {"thing.phone", NULL, MASK_PHONE}, {NULL, NULL}}', source)

    def test_the_bundle_refers_to_itself_only(self):
        document = json.loads(self.text("openapi.json"))
        references = re.findall(r'"\$ref":"([^"]*)"', self.text("openapi.json"))
        self.assertTrue(references)
        for reference in references:
            node = document
            for segment in reference.removeprefix("#/").split("/"):
                node = node[segment]
        self.assertEqual(document["paths"]["/things"]["post"]["operationId"], "createThing")

    def test_the_page_of_problems_needs_no_style(self):
        page = self.text("problems.html")
        self.assertIn('<section id="name_taken">', page)
        self.assertNotRegex(page, r"<style|<script|style=|javascript:")

    def test_one_line_an_operation(self):
        lines = self.text("operations.txt").splitlines()
        self.assertEqual(len(lines), 1 + 7)
        self.assertRegex(lines[3], r"^POST +/things +createThing +write +key etag 201:row +community_worker$")


if __name__ == "__main__":
    unittest.main()
