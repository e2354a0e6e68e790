/* Bulk import as a job: the sealed file is read piece by piece, twice (which charset is it? then its lines),
 * every line is handed to the database's temporary tables, and routines judge or write all of them at once.
 */
#include <inttypes.h>
#include <string.h>

#include "core/charset.h"
#include "core/text.h"
#include "domains/work/blobs.h"
#include "domains/work/import_line.h"
#include "domains/work/kinds.h"
#include "seal/codec.h"

#define PIECE_SIZE 65536
#define PIECE_MEMORY ((size_t)1 << 20)

struct import {
    struct worker_job *job;
    const char *id, *blob_id;
    int64_t size;
    struct arena *piece; /* emptied for each piece */
    struct csv_in *csv;
    struct import_lines lines;
    struct charset_guess guess;
    enum charset_name charset;
    struct charset *reader;
};

/* ── what is asked for ── */

static const char *copy(struct worker_job *job, struct cell cell) {
    return cell.text == NULL ? NULL : arena_copy(job->arena, cell.text, cell.length);
}

static int64_t number_of(struct cell cell) {
    int64_t number = 0;
    return cell.text != NULL && text_parse_integer(cell.text, cell.length, &number) ? number : 0;
}

static bool read_import(struct import *import) {
    struct worker_job *job = import->job;
    const char *const values[] = {job->arguments};
    const struct call_result *rows =
        session_query(job->session,
                      "select i.id, i.blob_id, b.size from core.import i join core.blob b on b.id = i.blob_id"
                      " where i.id = ($1::jsonb ->> 'import')::uuid",
                      values, 1);
    import->id = copy(job, result_cell(rows, 0, 0));
    import->blob_id = copy(job, result_cell(rows, 0, 1));
    import->size = number_of(result_cell(rows, 0, 2));
    result_release(rows);
    return import->id != NULL && import->blob_id != NULL;
}

static enum import_form form_of(const char *name) {
    static const char *const names[] = {"text", "date", "number", "phone", "id_number"};
    size_t form = 0;
    while (form < FORM_ID_NUMBER && strcmp(names[form], name) != 0) {
        form++;
    }
    return (enum import_form)form;
}

static void read_column(struct worker_job *job, const struct call_result *rows, size_t row,
                        struct import_column *column) {
    *column = (struct import_column){
        .slot = (size_t)number_of(result_cell(rows, row, 0)),
        .name = copy(job, result_cell(rows, row, 1)),
        .title_zh = copy(job, result_cell(rows, row, 2)),
        .title_en = copy(job, result_cell(rows, row, 3)),
        .required = result_cell(rows, row, 4).text[0] == 't',
        .form = form_of(result_cell(rows, row, 5).text),
        .length_most = (size_t)number_of(result_cell(rows, row, 6)),
        .sealed = copy(job, result_cell(rows, row, 7)),
        .blind = copy(job, result_cell(rows, row, 8)),
        .blind_slot = (size_t)number_of(result_cell(rows, row, 9)),
        .birth_slot = (size_t)number_of(result_cell(rows, row, 10)),
        .sex_slot = (size_t)number_of(result_cell(rows, row, 11)),
    };
}

static bool read_columns(struct import *import) {
    struct worker_job *job = import->job;
    const char *const values[] = {import->id};
    const struct call_result *rows = session_query(
        job->session,
        "select c.slot, c.name, c.title_zh, c.title_en, c.required, c.form, c.length_most, c.sealed, c.blind,"
        " c.blind_slot, c.birth_slot, c.sex_slot"
        " from core.import i join core.import_column c on c.kind = i.kind where i.id = $1::uuid order by "
        "c.slot",
        values, 1);
    import->lines.column_count = result_rows(rows);
    import->lines.columns =
        arena_alloc(job->arena, (import->lines.column_count + 1) * sizeof *import->lines.columns);
    for (size_t i = 0; i < result_rows(rows) && import->lines.columns != NULL; i++) {
        read_column(job, rows, i, &import->lines.columns[i]);
    }
    result_release(rows);
    return import->lines.column_count > 0 && import->lines.columns != NULL && !arena_exhausted(job->arena);
}

/* ── the file ── */

/* Piece `number`, opened. NULL: `lines.outcome` says why. */
static const char *open_piece(struct import *import, int64_t number, size_t *length) {
    struct worker_job *job = import->job;
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    arena_reset(import->piece);
    const char *const values[] = {import->blob_id, text};
    const struct call_result *rows = session_query(
        job->session, "select sealed from core.blob_piece where blob_id = $1::uuid and number = $2::integer",
        values, 2);
    struct cell sealed = result_cell(rows, 0, 0);
    const char *aad = blob_aad(import->piece, import->blob_id, (uint64_t)number);
    const char *bytes = sealed.text == NULL || aad == NULL
                            ? NULL
                            : codec_open(job->ring, import->piece, aad, sealed.text, sealed.length, length);
    import->lines.outcome = rows == NULL ? WORKER_SQL : bytes == NULL ? WORKER_MEMORY : WORKER_DONE;
    result_release(rows);
    return bytes;
}

/* Every piece to `take`, with progress. Ends early when `take` has had enough. */
static bool read_file(struct import *import, const char *phase,
                      bool (*take)(struct import *import, const char *bytes, size_t length)) {
    for (int64_t at = 0; at < import->size; at += PIECE_SIZE) {
        size_t length = 0;
        if (!worker_progress(import->job, at, import->size, phase)) {
            import->lines.outcome = WORKER_STOPPED;
            return false;
        }
        const char *bytes = open_piece(import, at / PIECE_SIZE, &length);
        if (bytes == NULL) {
            return false;
        }
        if (!take(import, bytes, length)) {
            break;
        }
    }
    return import->lines.outcome == WORKER_DONE;
}

static bool take_guess(struct import *import, const char *bytes, size_t length) {
    charset_guess_feed(&import->guess, bytes, length);
    return !import->guess.broken;
}

static bool take_text(void *context, const char *utf8, size_t length) {
    return csv_in_feed(context, utf8, length);
}

static bool take_lines(struct import *import, const char *bytes, size_t length) {
    return charset_feed(import->reader, bytes, length, take_text, import->csv);
}

static bool read_lines(struct import *import) {
    import->reader = charset_open(import->charset);
    import->csv = csv_in_create((struct csv_in_limits){IMPORT_CELLS, IMPORT_ROW_BYTES}, import_take_row,
                                &import->lines);
    if (import->reader == NULL || import->csv == NULL) {
        import->lines.outcome = WORKER_MEMORY;
        return false;
    }
    bool read =
        read_file(import, "reading", take_lines) && charset_end(import->reader, take_text, import->csv);
    csv_in_end(import->csv);
    if (read && import->lines.lines == 0) {
        import_blame(&import->lines, 1, NULL, "empty_file");
    }
    return import->lines.outcome == WORKER_DONE && import_flush(&import->lines);
}

/* ── the job ── */

static bool ask(struct import *import, const char *text, const char *const *values, size_t count) {
    const struct call_result *result = worker_query(import->job, text, values, count);
    if (result == NULL) {
        import->lines.outcome = worker_failed(import->job);
    }
    result_release(result);
    return result != NULL;
}

static bool load(struct import *import) {
    const char *const id[] = {import->id};
    if (!session_run(import->job->session, "select core.begin_import()", NULL, 0)) {
        import->lines.outcome = WORKER_SQL;
        return false;
    }
    if (!read_file(import, "opening", take_guess)) {
        return false;
    }
    import->charset = charset_guess_end(&import->guess);
    return read_lines(import) &&
           worker_progress(import->job, import->lines.lines, import->lines.lines, "checking") &&
           ask(import, "select core.check_lines($1::uuid)", id, 1);
}

static bool note(struct import *import) {
    char lines[24];
    snprintf(lines, sizeof lines, "%" PRId64, import->lines.lines);
    const char *const values[] = {import->id, import->charset == CHARSET_UTF8 ? "UTF-8" : "GB18030", lines};
    return ask(import, "select core.note_check($1::uuid, $2::text, $3::bigint)", values, 3);
}

static bool apply(struct import *import) {
    const char *const id[] = {import->id};
    return worker_progress(import->job, 0, import->lines.lines, "applying") &&
           ask(import, "select core.apply_lines($1::uuid)", id, 1);
}

static enum worker_outcome run(struct worker_job *job, bool seals, bool (*finish)(struct import *import)) {
    struct import import = {.job = job, .lines = {.job = job, .seals = seals}};
    import.piece = arena_create(PIECE_MEMORY);
    if (import.piece == NULL || !import_lines_begin(&import.lines)) {
        import.lines.outcome = WORKER_MEMORY;
    } else if (!read_import(&import) || !read_columns(&import)) {
        import.lines.outcome = WORKER_SQL;
    } else if (!(load(&import) && finish(&import)) && import.lines.outcome == WORKER_DONE) {
        import.lines.outcome = WORKER_STOPPED; /* a sign of life was answered with that */
    }
    csv_in_destroy(import.csv);
    charset_close(import.reader);
    import_lines_end(&import.lines);
    arena_destroy(import.piece);
    return import.lines.outcome;
}

enum worker_outcome import_check(struct worker_job *job) {
    return run(job, false, note);
}

enum worker_outcome import_apply(struct worker_job *job) {
    return run(job, true, apply);
}
