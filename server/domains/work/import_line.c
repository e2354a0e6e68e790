#include "domains/work/import_line.h"

#include <inttypes.h>
#include <string.h>
#include "core/clock.h"
#include "core/id_number.h"
#include "seal/codec.h"

#define BATCH_LINES 1000
#define BATCH_BYTES (1u << 20) /* of one slot; a fuller batch is handed over early */
#define BUF_MOST ((size_t)64 << 20)
#define SCRATCH_MOST ((size_t)64 << 20)
#define REPLACEMENT "\xEF\xBF\xBD"

/* ── batches ── */

bool import_lines_begin(struct import_lines *lines) {
    lines->scratch = arena_create(SCRATCH_MOST);
    for (size_t i = 0; i <= IMPORT_SLOTS; i++) {
        buf_init(&lines->batch[i], BUF_MOST);
    }
    for (size_t i = 0; i < 3; i++) {
        buf_init(&lines->faults[i], BUF_MOST);
    }
    return lines->scratch != NULL;
}

void import_lines_end(struct import_lines *lines) {
    arena_destroy(lines->scratch);
    for (size_t i = 0; i <= IMPORT_SLOTS; i++) {
        buf_free(&lines->batch[i]);
    }
    for (size_t i = 0; i < 3; i++) {
        buf_free(&lines->faults[i]);
    }
}

/* One more element of an array literal. */
static void add_element(struct buf *list, const char *text) {
    buf_char(list, list->length == 0 ? '{' : ',');
    if (text == NULL) {
        buf_text(list, "NULL");
        return;
    }
    buf_char(list, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            buf_char(list, '\\');
        }
        buf_char(list, *text);
    }
    buf_char(list, '"');
}

void import_blame(struct import_lines *lines, uint64_t line, const char *column, const char *code) {
    char number[24];
    snprintf(number, sizeof number, "%" PRIu64, line);
    add_element(&lines->faults[0], number);
    add_element(&lines->faults[1], column);
    add_element(&lines->faults[2], code);
}

/* Closes the literals, sends them and empties them. */
static bool send_lists(struct import_lines *lines, const char *text, struct buf *lists, size_t count) {
    const char *values[IMPORT_SLOTS + 1] = {NULL};
    bool whole = true;
    for (size_t i = 0; i < count; i++) {
        buf_char(&lists[i], '}');
        whole = whole && !buf_failed(&lists[i]);
        values[i] = lists[i].data;
    }
    bool sent = whole && session_run(lines->job->session, text, values, count);
    for (size_t i = 0; i < count; i++) {
        buf_clear(&lists[i]);
    }
    if (!sent) {
        lines->outcome = whole ? WORKER_SQL : WORKER_MEMORY;
    }
    return sent;
}

bool import_flush(struct import_lines *lines) {
    static const char add_lines[] = "select core.add_lines($1::bigint[], $2::text[], $3::text[], $4::text[], "
                                    "$5::text[], $6::text[], $7::text[],"
                                    " $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], "
                                    "$13::text[], $14::text[], $15::text[],"
                                    " $16::text[], $17::text[])";
    static const char add_faults[] = "select core.add_faults($1::bigint[], $2::text[], $3::text[])";
    bool good = (lines->waiting == 0 || send_lists(lines, add_lines, lines->batch, IMPORT_SLOTS + 1)) &&
                (lines->faults[0].length == 0 || send_lists(lines, add_faults, lines->faults, 3));
    lines->waiting = 0;
    arena_reset(lines->scratch);
    return good;
}

static bool is_full(const struct import_lines *lines) {
    bool full = lines->waiting >= BATCH_LINES || lines->faults[0].length >= BATCH_BYTES;
    for (size_t i = 1; i <= IMPORT_SLOTS; i++) {
        full = full || lines->batch[i].length >= BATCH_BYTES;
    }
    return full;
}

/* ── the heading ── */

static struct import_column *find_column(struct import_lines *lines, struct text title) {
    for (size_t i = 0; i < lines->column_count; i++) {
        struct import_column *column = &lines->columns[i];
        if (text_is_ignoring_case(title, column->name) || text_is(title, column->title_zh) ||
            text_is_ignoring_case(title, column->title_en)) {
            return column;
        }
    }
    return NULL;
}

/* Faults of the heading are those of line 1: nothing more is asked about such a file. */
static void take_heading(struct import_lines *lines, const struct csv_row *row) {
    lines->headed = true;
    lines->heading_cells = row->count;
    for (size_t i = 0; i < row->count; i++) {
        struct text title = text_trim(row->cells[i]);
        struct import_column *column = find_column(lines, title);
        lines->of_cell[i] = column;
        if (column == NULL && title.length > 0) {
            const char *shown =
                arena_copy(lines->scratch, title.bytes, title.length < 60 ? title.length : 60);
            bool whole = shown != NULL && text_check_utf8(shown, strlen(shown));
            import_blame(lines, 1, whole ? shown : NULL, "column_unknown");
        } else if (column != NULL && column->seen) {
            import_blame(lines, 1, column->name, "column_repeated");
        } else if (column != NULL) {
            column->seen = true;
        }
    }
    for (size_t i = 0; i < lines->column_count; i++) {
        if (lines->columns[i].required && !lines->columns[i].seen) {
            import_blame(lines, 1, lines->columns[i].name, "column_missing");
        }
    }
}

/* ── forms: the value as it is stored; NULL: `*code` says what is wrong ── */

/* 2026-03-05, 2026/3/5, 2026.3.5, 2026年3月5日 or 20260305. */
static const char *read_date(struct arena *arena, const char *text, const char **code) {
    int year = 0, month = 0, day = 0, end = 0;
    size_t length = strlen(text);
    static const char *const forms[] = {"%4d-%2d-%2d%n", "%4d/%2d/%2d%n", "%4d.%2d.%2d%n",
                                        "%4d年%2d月%2d日%n"};
    bool found = length == 8 && strspn(text, "0123456789") == 8 &&
                 sscanf(text, "%4d%2d%2d%n", &year, &month, &day, &end) == 3;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0] && !found; i++) {
        end = 0;
        found = sscanf(text, forms[i], &year, &month, &day, &end) == 3 && (size_t)end == length;
    }
    const char *date = found ? arena_format(arena, "%04d-%02d-%02d", year, month, day) : NULL;
    if (date == NULL || !clock_check_date(date, strlen(date))) {
        *code = "bad_date";
        return NULL;
    }
    return date;
}

static const char *read_phone(const char *text, const char **code) {
    size_t digits = 0;
    for (const char *c = text; *c != '\0'; c++) {
        digits += *c >= '0' && *c <= '9';
        if (strchr("0123456789-+() ", *c) == NULL) {
            digits = 0;
            break;
        }
    }
    *code = digits < 5 || digits > 20 ? "bad_phone" : NULL;
    return *code == NULL ? text : NULL;
}

static const char *read_form(struct import_lines *lines, const struct import_column *column, const char *text,
                             const char **code) {
    int64_t number;
    switch (column->form) {
    case FORM_TEXT:
        return text;
    case FORM_DATE:
        return read_date(lines->scratch, text, code);
    case FORM_PHONE:
        return read_phone(text, code);
    case FORM_NUMBER:
        *code = text_parse_integer(text, strlen(text), &number) ? NULL : "bad_number";
        break;
    case FORM_ID_NUMBER:
        *code = id_number_check(text, strlen(text)) ? NULL : "bad_id_number";
        break;
    }
    return *code == NULL ? text : NULL;
}

/* Control bytes are no text, and U+FFFD stands where the file had none. */
static bool is_readable(struct text cell) {
    for (size_t i = 0; i < cell.length; i++) {
        unsigned char c = (unsigned char)cell.bytes[i];
        if (c == 0x7F || (c < 0x20 && c != '\t' && c != '\n' && c != '\r')) {
            return false;
        }
    }
    return memmem(cell.bytes, cell.length, REPLACEMENT, 3) == NULL;
}

/* ── a line ── */

static void put_derived(struct import_lines *lines, const struct import_column *column, const char *text,
                        const char *slots[IMPORT_SLOTS + 1]) {
    struct id_number number;
    if (column->birth_slot != 0 && id_number_read(text, strlen(text), &number)) {
        slots[column->birth_slot] = arena_string(lines->scratch, number.birth_date);
        slots[column->sex_slot] = number.male ? "male" : "female";
    }
    if (column->blind_slot != 0) {
        slots[column->blind_slot] =
            codec_blind(lines->job->ring, lines->scratch, column->blind, text, strlen(text));
    }
}

static void put_value(struct import_lines *lines, const struct import_column *column, const char *text,
                      const char *slots[IMPORT_SLOTS + 1]) {
    put_derived(lines, column, text, slots);
    if (column->sealed != NULL) {
        slots[column->slot] =
            lines->seals ? codec_seal(lines->job->ring, lines->scratch, column->sealed, text, strlen(text))
                         : NULL;
    } else if (column->blind == NULL) {
        slots[column->slot] = text;
    } /* else it is only what a person is found by, and never kept */
}

/* NULL: fine. */
static const char *judge_cell(struct import_lines *lines, const struct import_column *column,
                              struct text cell, const char *slots[IMPORT_SLOTS + 1]) {
    const char *code = NULL;
    if (cell.length == 0) {
        return column->required ? "missing" : NULL;
    }
    if (!is_readable(cell)) {
        return "bad_encoding";
    }
    if (text_count(cell.bytes, cell.length) > column->length_most) {
        return "too_long";
    }
    const char *text = arena_copy(lines->scratch, cell.bytes, cell.length);
    text = text == NULL ? NULL : read_form(lines, column, text, &code);
    if (text != NULL) {
        put_value(lines, column, text, slots);
    }
    return code;
}

static bool is_blank(const struct csv_row *row) {
    for (size_t i = 0; i < row->count; i++) {
        if (text_trim(row->cells[i]).length > 0) {
            return false;
        }
    }
    return row->fault == CSV_FINE;
}

static void judge_row(struct import_lines *lines, const struct csv_row *row) {
    static const char *const codes[] = {[CSV_STRAY_QUOTE] = "stray_quote",
                                        [CSV_OPEN_QUOTE] = "open_quote",
                                        [CSV_TOO_LONG] = "too_long",
                                        [CSV_TOO_MANY] = "too_many_cells"};
    if (row->fault != CSV_FINE) {
        import_blame(lines, row->line, NULL, codes[row->fault]);
    }
    for (size_t i = lines->heading_cells; i < row->count; i++) {
        if (text_trim(row->cells[i]).length > 0) {
            import_blame(lines, row->line, NULL, "too_many_cells");
            return;
        }
    }
}

static void take_line(struct import_lines *lines, const struct csv_row *row) {
    const char *slots[IMPORT_SLOTS + 1] = {NULL};
    char number[24];
    judge_row(lines, row);
    for (size_t i = 0; i < lines->heading_cells; i++) {
        const struct import_column *column = lines->of_cell[i];
        struct text cell = i < row->count ? text_trim(row->cells[i]) : (struct text){"", 0};
        const char *code = column == NULL ? NULL : judge_cell(lines, column, cell, slots);
        if (code != NULL) {
            import_blame(lines, row->line, column->name, code);
        }
    }
    snprintf(number, sizeof number, "%" PRIu64, row->line);
    slots[0] = number;
    for (size_t i = 0; i <= IMPORT_SLOTS; i++) {
        add_element(&lines->batch[i], slots[i]);
    }
    lines->lines++;
    lines->waiting++;
}

bool import_take_row(void *context, const struct csv_row *row) {
    struct import_lines *lines = context;
    if (is_blank(row)) {
        return true;
    }
    if (!lines->headed) {
        take_heading(lines, row);
        return true;
    }
    if (lines->lines == IMPORT_LINES_MOST) {
        import_blame(lines, 1, NULL, "too_many_lines");
        return false;
    }
    take_line(lines, row);
    if (arena_exhausted(lines->scratch)) {
        lines->outcome = WORKER_MEMORY;
        return false;
    }
    return !is_full(lines) || import_flush(lines);
}
