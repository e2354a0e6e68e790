#include "json/row_csv.h"

#include <string.h>

#define MARK "\xEF\xBB\xBF"

static bool begins_with(const char *text, size_t length, const char *prefix) {
    return length >= strlen(prefix) && memcmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_formula(const char *text, size_t length) {
    static const char *const starts[] = {"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        if (begins_with(text, length, starts[i])) {
            return true;
        }
    }
    return false;
}

static void write_quoted(struct buf *out, const char *before, const char *text, size_t length) {
    buf_char(out, '"');
    buf_text(out, before);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"') {
            buf_char(out, '"');
        }
        buf_char(out, text[i]);
    }
    buf_char(out, '"');
}

static bool needs_quotes(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (memchr(",\"\r\n", text[i], 4) != NULL) {
            return true;
        }
    }
    return length > 0 && (text[0] == ' ' || text[length - 1] == ' ');
}

static void write_text(struct buf *out, const char *text, size_t length) {
    if (is_formula(text, length)) {
        write_quoted(out, "'", text, length);
    } else if (needs_quotes(text, length)) {
        write_quoted(out, "", text, length);
    } else {
        buf_append(out, text, length);
    }
}

static void write_stamp(struct buf *out, struct cell cell) {
    char stamp[ROW_STAMP_SIZE];
    size_t length = row_json_stamp(stamp, cell);
    buf_append(out, length > 0 ? stamp : cell.text, length > 0 ? length : cell.length);
}

static void write_cell(struct buf *out, enum value_type type, struct cell cell) {
    if (cell.text == NULL) {
        return;
    }
    switch (type) {
    case VALUE_INTEGER:
        buf_append(out, cell.text, cell.length);
        return;
    case VALUE_BOOLEAN:
        buf_text(out, cell.length > 0 && cell.text[0] == 't' ? "true" : "false");
        return;
    case VALUE_TIMESTAMP:
        write_stamp(out, cell);
        return;
    default:
        write_text(out, cell.text, cell.length);
    }
}

void row_csv_heading(struct buf *out, const struct reply_plan *plan, enum language language) {
    bool first = true;
    buf_text(out, MARK);
    for (uint16_t i = 0; i < plan->column_count; i++) {
        const struct column *column = &plan->columns[i];
        if (column->before != NULL) {
            const char *title = column_title(column, language);
            buf_text(out, first ? "" : ",");
            write_text(out, title, strlen(title));
            first = false;
        }
    }
    buf_text(out, "\r\n");
}

void row_csv_write(struct buf *out, const struct reply_plan *plan, const struct cell *cells) {
    bool first = true;
    for (uint16_t i = 0; i < plan->column_count; i++) {
        if (plan->columns[i].before != NULL) {
            buf_text(out, first ? "" : ",");
            write_cell(out, plan->columns[i].type, cells[i]);
            first = false;
        }
    }
    buf_text(out, "\r\n");
}
