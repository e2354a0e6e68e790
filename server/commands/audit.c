#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "commands/chain.h"
#include "commands/command.h"
#include "core/config.h"
#include "core/text.h"
#include "json/json_in.h"
#include "json/json_out.h"

#define BATCH "5000"
#define ARENA_MOST ((size_t)16 * 1024 * 1024)
#define LINE_MOST ((size_t)8 * 1024 * 1024)
#define FINDINGS_SHOWN 200u

static const struct command_usage usage = {
    .name = "audit",
    .arguments = "verify|export|ledger",
    .description =
        "  verify  recomputes the audit chain and names every row that was changed, deleted or put in "
        "afterwards;\n"
        "          with --file it needs no database\n"
        "  export  writes the chain as JSON lines, for an auditor to keep and to verify elsewhere\n"
        "  ledger  checks the invariants of points, minutes and funds\n\n"
        "Exit code 1 when something is found. Connects with owner_url.\n",
    .options = {{"file", "FILE", "verify: a chain that was exported"},
                {"checkpoint", "FILE", "verify: checkpoints that left the database (checkpoints.jsonl)"},
                {"output", "FILE", "export: where to, default standard output"},
                {"after", "N", "export: only seals after this number"}},
    .arguments_least = 1,
    .arguments_most = 1,
};

/* Findings as lines or as members of the JSON document. */
struct findings {
    bool json;
    struct buf out;
    uint64_t count;
};

static void findings_start(struct findings *findings, const struct command_line *line) {
    *findings = (struct findings){.json = line->json};
    buf_init(&findings->out, LINE_MOST);
    if (line->json) {
        buf_text(&findings->out, "{\"findings\":[");
    }
}

static void finding_add(struct findings *findings, const char *subject, const char *what, const char *row) {
    if (findings->count++ >= FINDINGS_SHOWN) {
        return;
    }
    if (!findings->json) {
        buf_format(&findings->out, "%s: %s%s%s\n", subject, what, row[0] != '\0' ? ": " : "", row);
        return;
    }
    if (findings->count > 1) {
        buf_char(&findings->out, ',');
    }
    buf_char(&findings->out, '{');
    command_json_text(&findings->out, "subject", subject);
    command_json_text(&findings->out, "what", what);
    command_json_text(&findings->out, "row", row);
    buf_char(&findings->out, '}');
}

static int findings_end(struct findings *findings, const char *checked, uint64_t rows) {
    int code = findings->count > 0 ? COMMAND_FAILED : COMMAND_OK;
    struct buf *out = &findings->out;
    if (findings->json) {
        buf_char(out, ']');
        command_json_flag(out, "ok", findings->count == 0);
        command_json_integer(out, checked, (long long)rows);
        command_json_integer(out, "found", (long long)findings->count);
        buf_text(out, "}\n");
    } else if (findings->count > 0) {
        buf_format(out, "%" PRIu64 " %s, %" PRIu64 " found wrong\n", rows, checked, findings->count);
    } else {
        buf_format(out, "%" PRIu64 " %s, nothing wrong\n", rows, checked);
    }
    return command_print(out, code);
}

static void chain_found(void *context, int64_t seal_no, const char *what, const char *row) {
    char subject[48];
    snprintf(subject, sizeof subject, "seal %" PRId64, seal_no);
    finding_add(context, subject, what, row);
}

static int64_t cell_integer(const struct call_result *rows, size_t row, size_t column) {
    struct cell cell = result_cell(rows, row, column);
    int64_t value = 0;
    return cell.text != NULL && text_parse_integer(cell.text, cell.length, &value) ? value : 0;
}

static const char *cell_text(const struct call_result *rows, size_t row, size_t column) {
    const char *text = result_cell(rows, row, column).text;
    return text != NULL ? text : "";
}

/* ── from the database ── */

static const struct call_result *seal_batch(struct session *session, int64_t after_no) {
    char after[24];
    snprintf(after, sizeof after, "%" PRId64, after_no);
    const char *const values[] = {after, BATCH};
    return session_query(session,
                         "select seal_no, stream, source_id, canonical, hash, core.utc_text(sealed_at)"
                         " from core.seal_lines($1::bigint, $2::integer)",
                         values, 2);
}

static struct seal_row seal_row_of(const struct call_result *rows, size_t row) {
    struct cell canonical = result_cell(rows, row, 3);
    return (struct seal_row){.seal_no = cell_integer(rows, row, 0),
                             .stream = cell_text(rows, row, 1),
                             .source_id = cell_integer(rows, row, 2),
                             .canonical = canonical.text,
                             .canonical_length = canonical.length,
                             .hash = cell_text(rows, row, 4)};
}

/* Rows of a query (subject, row) that are each a finding. */
static bool find_rows(struct session *session, struct findings *findings, const char *query,
                      const char *what) {
    const struct call_result *rows = session_query(session, query, NULL, 0);
    for (size_t i = 0; i < result_rows(rows); i++) {
        finding_add(findings, cell_text(rows, i, 0), what, cell_text(rows, i, 1));
    }
    result_release(rows);
    return rows != NULL;
}

/* What the chain alone cannot show: rows slipped in behind the sealer's back, payloads that no digest covers.
 */
static bool verify_around(struct session *session, struct findings *findings) {
    return find_rows(
               session, findings,
               "select 'audit record ' || r.id, r.table_name || ' ' || r.row_key from core.audit_record r"
               " where r.xid < (select watermark from core.sealer) and not exists"
               " (select from core.seal s where s.stream = 'audit' and s.source_id = r.id)",
               "was put in after its time and never sealed") &&
           find_rows(
               session, findings,
               "select 'audit record ' || audit_id, table_name || ' ' || row_key from core.false_payloads()",
               "its payload is not what was recorded") &&
           find_rows(session, findings,
                     "select 'seal ' || s.seal_no, '' from core.sealer s where s.seal_no > 0 and not exists"
                     " (select from core.seal l where l.seal_no = s.seal_no and l.hash = s.hash)",
                     "the sealer ended with another hash");
}

static bool verify_database(struct session *session, struct chain *chain) {
    size_t taken;
    do {
        const struct call_result *rows = seal_batch(session, chain->last_no);
        if (rows == NULL) {
            return false;
        }
        taken = result_rows(rows);
        for (size_t i = 0; i < taken; i++) {
            struct seal_row row = seal_row_of(rows, i);
            chain_take(chain, &row);
        }
        result_release(rows);
    } while (taken > 0);
    chain_end(chain);
    return true;
}

/* The database's own checkpoints are read too: they cost nothing and catch the clumsy. */
static bool checkpoints_of_database(struct session *session, struct findings *findings) {
    return find_rows(session, findings,
                     "select 'checkpoint ' || c.day, 'seal ' || c.seal_no from core.checkpoint c"
                     " where c.seal_no > 0 and not exists"
                     " (select from core.seal l where l.seal_no = c.seal_no and l.hash = c.hash)",
                     "the chain differs from the checkpoint");
}

static int verify_online(struct chain *chain, struct findings *findings) {
    struct session *session = command_open_owner(&usage);
    if (session == NULL) {
        buf_free(&findings->out);
        return COMMAND_FAILED;
    }
    /* One snapshot: rows sealed meanwhile must not look like a hole. */
    bool good = session_run(session, "begin isolation level repeatable read read only", NULL, 0);
    chain_start(chain, 0, NULL);
    good = good && verify_database(session, chain) && checkpoints_of_database(session, findings) &&
           verify_around(session, findings);
    if (!good) {
        command_fail(&usage, "%s", session_error(session));
        buf_free(&findings->out);
    }
    session_close(session);
    return good ? findings_end(findings, "seals", chain->rows) : COMMAND_FAILED;
}

/* ── from a file ── */

static const char *member_text(const json_t *object, const char *name) {
    return json_string_value(json_object_get(object, name));
}

static bool take_line(struct chain *chain, const char *text, size_t length) {
    json_t *tree = NULL;
    size_t position;
    struct arena *arena = arena_create(LINE_MOST * 2);
    bool good = arena != NULL && json_in_parse(arena, text, length, (struct json_in_limits){4, 32}, &tree,
                                               &position) == JSON_IN_OK;
    if (good) {
        const char *canonical = member_text(tree, "canonical"), *hash = member_text(tree, "hash");
        const char *stream = member_text(tree, "stream");
        struct seal_row row = {.seal_no = json_integer_value(json_object_get(tree, "seal_no")),
                               .source_id = json_integer_value(json_object_get(tree, "source_id")),
                               .stream = stream != NULL ? stream : "",
                               .canonical = canonical,
                               .canonical_length = canonical != NULL ? strlen(canonical) : 0,
                               .hash = hash != NULL ? hash : ""};
        if (chain->rows == 0) {
            chain_start(chain, row.seal_no == 1 ? 0 : row.seal_no - 1, NULL);
        }
        chain_take(chain, &row);
    }
    if (arena != NULL) {
        arena_destroy(arena);
    }
    return good;
}

static int verify_file(const char *path, struct chain *chain, struct findings *findings) {
    FILE *file = fopen(path, "re");
    struct arena *arena = arena_create(LINE_MOST * 2);
    char *line = arena != NULL ? arena_alloc(arena, LINE_MOST) : NULL;
    bool good = file != NULL && line != NULL;
    uint64_t number = 0;
    while (good && fgets(line, (int)LINE_MOST, file) != NULL) {
        number++;
        good = take_line(chain, line, strlen(line) - (line[strlen(line) - 1] == '\n'));
    }
    if (file != NULL) {
        fclose(file);
    }
    if (arena != NULL) {
        arena_destroy(arena);
    }
    if (!good) {
        buf_free(&findings->out);
        return number > 0 ? command_fail(&usage, "%s:%" PRIu64 " is no line of a chain", path, number)
                          : command_fail(&usage, "%s cannot be read", path);
    }
    chain_end(chain);
    return findings_end(findings, "seals", chain->rows);
}

static int verify(const struct command_line *line) {
    const char *file = command_value(&usage, line, "file"),
               *checkpoint = command_value(&usage, line, "checkpoint");
    struct arena *arena = arena_create(ARENA_MOST);
    struct checkpoint *checkpoints = NULL;
    size_t count = 0;
    if (arena == NULL ||
        (checkpoint != NULL && !chain_read_checkpoints(arena, checkpoint, &checkpoints, &count))) {
        return command_fail(&usage, "%s is no file of checkpoints", checkpoint != NULL ? checkpoint : "");
    }
    struct findings findings;
    findings_start(&findings, line);
    struct chain chain = {
        .checkpoints = checkpoints, .checkpoint_count = count, .found = chain_found, .context = &findings};
    int code = file != NULL ? verify_file(file, &chain, &findings) : verify_online(&chain, &findings);
    arena_destroy(arena);
    return code;
}

/* ── export ── */

static void write_row(struct buf *out, const struct call_result *rows, size_t row) {
    struct cell canonical = result_cell(rows, row, 3);
    buf_char(out, '{');
    command_json_integer(out, "seal_no", cell_integer(rows, row, 0));
    command_json_text(out, "stream", cell_text(rows, row, 1));
    command_json_integer(out, "source_id", cell_integer(rows, row, 2));
    command_json_text(out, "sealed_at", cell_text(rows, row, 5));
    command_json_text(out, "canonical", canonical.text);
    command_json_text(out, "hash", cell_text(rows, row, 4));
    buf_text(out, "}\n");
}

static bool export_batch(FILE *file, const struct call_result *rows) {
    bool good = true;
    struct buf out;
    buf_init(&out, LINE_MOST);
    for (size_t i = 0; good && i < result_rows(rows); i++) {
        buf_clear(&out);
        write_row(&out, rows, i);
        good = !buf_failed(&out) && fwrite(out.data, 1, out.length, file) == out.length;
    }
    buf_free(&out);
    return good;
}

static int export_rows(struct session *session, FILE *file, int64_t after_no) {
    size_t taken = 1;
    while (taken > 0) {
        const struct call_result *rows = seal_batch(session, after_no);
        if (rows == NULL) {
            return command_fail(&usage, "%s", session_error(session));
        }
        taken = result_rows(rows);
        after_no = taken > 0 ? cell_integer(rows, taken - 1, 0) : after_no;
        bool written = export_batch(file, rows);
        result_release(rows);
        if (!written) {
            return command_fail(&usage, "the output cannot be written");
        }
    }
    return fflush(file) == 0 ? COMMAND_OK : command_fail(&usage, "the output cannot be written");
}

static int export_chain(const struct command_line *line) {
    const char *path = command_value(&usage, line, "output"), *after = command_value(&usage, line, "after");
    int64_t after_no = 0;
    if (after != NULL && (!text_parse_integer(after, strlen(after), &after_no) || after_no < 0)) {
        return command_misuse(&usage, "--after needs a number");
    }
    struct session *session = command_open_owner(&usage);
    FILE *file = session == NULL ? NULL : path != NULL ? fopen(path, "wxe") : stdout;
    int code = COMMAND_FAILED;
    if (file != NULL) {
        code = export_rows(session, file, after_no);
    } else if (session != NULL) {
        command_fail(&usage, "%s cannot be made; it must not exist yet", path);
    }
    if (file != NULL && file != stdout && fclose(file) != 0) {
        code = command_fail(&usage, "%s cannot be written", path);
    }
    session_close(session);
    return code;
}

/* ── ledger ── */

static int ledger(const struct command_line *line) {
    struct session *session = command_open_owner(&usage);
    if (session == NULL) {
        return COMMAND_FAILED;
    }
    struct findings findings;
    findings_start(&findings, line);
    char entries[24] = "0";
    const struct call_result *rows =
        session_query(session, "select invariant, subject, message from points.audit()", NULL, 0);
    for (size_t i = 0; i < result_rows(rows); i++) {
        char subject[160];
        snprintf(subject, sizeof subject, "%s %s", cell_text(rows, i, 0), cell_text(rows, i, 1));
        finding_add(&findings, subject, cell_text(rows, i, 2), "");
    }
    bool good = rows != NULL &&
                session_value(session, "select count(*) from points.entry", NULL, 0, entries, sizeof entries);
    if (!good) {
        command_fail(&usage, "%s", session_error(session));
        buf_free(&findings.out);
    }
    result_release(rows);
    session_close(session);
    int64_t count = 0;
    text_parse_integer(entries, strlen(entries), &count);
    return good ? findings_end(&findings, "entries", (uint64_t)count) : COMMAND_FAILED;
}

int command_audit(int argc, char **argv) {
    struct command_line line;
    int code = command_parse(&usage, argc, argv, &line);
    if (code >= 0) {
        return code;
    }
    const char *action = line.arguments[0];
    if (strcmp(action, "verify") == 0) {
        return verify(&line);
    }
    if (strcmp(action, "export") == 0) {
        return export_chain(&line);
    }
    if (strcmp(action, "ledger") == 0) {
        return ledger(&line);
    }
    return command_misuse(&usage, "there is no %s", action);
}
