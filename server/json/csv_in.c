#include "json/csv_in.h"

#include "core/alloc.h"

enum csv_state {
    BETWEEN,
    PLAIN,
    QUOTED,
    QUOTE_SEEN,
    BEHIND
}; /* BEHIND: after a closing quote and stray text */

struct csv_in {
    struct csv_in_limits limits;
    bool (*row)(void *context, const struct csv_row *row);
    void *context;
    enum csv_state state;
    enum csv_fault fault;
    uint64_t line, begun;           /* now; where the row began */
    size_t length, start;           /* bytes of the row; where the cell at hand begins */
    size_t count;                   /* cells ended */
    bool quoted, after_cr, stopped; /* quoted: the cell at hand, or one before it, was */
    struct text *cells;
    char *bytes;
};

struct csv_in *csv_in_create(struct csv_in_limits limits,
                             bool (*row)(void *context, const struct csv_row *row), void *context) {
    struct csv_in *csv = alloc_zeroed(1, sizeof *csv);
    if (csv == NULL) {
        return NULL;
    }
    *csv = (struct csv_in){.limits = limits, .row = row, .context = context, .line = 1, .begun = 1};
    csv->cells = alloc_zeroed(limits.cells, sizeof *csv->cells);
    csv->bytes = alloc_bytes(limits.bytes);
    if (csv->cells == NULL || csv->bytes == NULL) {
        csv_in_destroy(csv);
        return NULL;
    }
    return csv;
}

void csv_in_destroy(struct csv_in *csv) {
    if (csv != NULL) {
        alloc_release(csv->cells);
        alloc_release(csv->bytes);
        alloc_release(csv);
    }
}

static void blame(struct csv_in *csv, enum csv_fault fault) {
    csv->fault = csv->fault == CSV_FINE ? fault : csv->fault; /* the first is the cause */
}

static void put(struct csv_in *csv, char c) {
    if (csv->length == csv->limits.bytes) {
        blame(csv, CSV_TOO_LONG);
        return;
    }
    csv->bytes[csv->length++] = c;
}

static void end_cell(struct csv_in *csv) {
    if (csv->count == csv->limits.cells) {
        blame(csv, CSV_TOO_MANY);
    } else {
        csv->cells[csv->count++] = (struct text){csv->bytes + csv->start, csv->length - csv->start};
    }
    csv->start = csv->length;
    csv->state = BETWEEN;
}

static void end_row(struct csv_in *csv) {
    end_cell(csv);
    bool empty = csv->count == 1 && csv->length == 0 && !csv->quoted && csv->fault == CSV_FINE;
    const struct csv_row row = {csv->begun, csv->cells, csv->count, csv->fault};
    if (!empty && !csv->row(csv->context, &row)) {
        csv->stopped = true;
    }
    csv->length = csv->start = csv->count = 0;
    csv->quoted = false;
    csv->fault = CSV_FINE;
}

/* A byte outside quotes. */
static void take_plain(struct csv_in *csv, char c) {
    if (c == ',') {
        end_cell(csv);
    } else if (c == '\n' || c == '\r') {
        end_row(csv);
        csv->begun = csv->line;
    } else if (csv->state == BETWEEN && c == '"') {
        csv->state = QUOTED;
        csv->quoted = true;
    } else if (csv->state == QUOTE_SEEN || csv->state == BEHIND) {
        blame(csv, CSV_STRAY_QUOTE);
        csv->state = BEHIND;
        put(csv, c);
    } else {
        csv->state = PLAIN;
        put(csv, c); /* a quote in the middle is text, as spreadsheets have it */
    }
}

static void take(struct csv_in *csv, char c) {
    bool second = csv->after_cr && c == '\n'; /* of CRLF: one line end */
    csv->after_cr = c == '\r';
    csv->line += (c == '\n' || c == '\r') && !second;
    if (csv->state == QUOTED) {
        csv->state = c == '"' ? QUOTE_SEEN : QUOTED;
        if (c != '"') {
            put(csv, c);
        }
    } else if (csv->state == QUOTE_SEEN && c == '"') {
        csv->state = QUOTED;
        put(csv, c);
    } else if (second) {
        csv->begun = csv->line;
    } else {
        take_plain(csv, c);
    }
}

bool csv_in_feed(struct csv_in *csv, const char *bytes, size_t length) {
    for (size_t i = 0; i < length && !csv->stopped; i++) {
        take(csv, bytes[i]);
    }
    return !csv->stopped;
}

bool csv_in_end(struct csv_in *csv) {
    if (csv->state == QUOTED) {
        blame(csv, CSV_OPEN_QUOTE);
    }
    if (!csv->stopped && (csv->count > 0 || csv->length > 0 || csv->quoted || csv->state != BETWEEN)) {
        end_row(csv);
    }
    return !csv->stopped;
}
