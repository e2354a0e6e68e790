#include "json/row_json.h"
#include <string.h>
#include "core/arena.h"
#include "core/clock.h"
#include "core/text.h"
#include "json/json_out.h"

/* ── timestamps ── */

/* PostgreSQL's ISO form: 10 of the day, a blank, 8 of the time, the fraction, the zone. */
#define STAMP_SECONDS 19u
#define STAMP_LONGEST 40u

_Static_assert(ROW_STAMP_SIZE >= CLOCK_STAMP_SIZE && ROW_STAMP_SIZE > STAMP_LONGEST, "every stamp fits");

/* Length of `.123456` behind the seconds. */
static size_t row_json_fraction(struct cell cell) {
    size_t end = STAMP_SECONDS;
    if (end < cell.length && cell.text[end] == '.')
        for (end++; end < cell.length && cell.text[end] >= '0' && cell.text[end] <= '9';)
            end++;
    return end - STAMP_SECONDS;
}

/* Zones other than UTC are moved to UTC; the fraction stays as it came. False when it is not such a timestamp
 * (`infinity`, years with five digits or before Christ). */
static bool row_json_move_stamp(char out[ROW_STAMP_SIZE], struct cell cell, size_t fraction) {
    char whole[STAMP_LONGEST + 4];
    size_t zone = cell.length - STAMP_SECONDS - fraction;
    memcpy(whole, cell.text, STAMP_SECONDS);
    whole[10] = 'T';
    memcpy(whole + STAMP_SECONDS, cell.text + STAMP_SECONDS + fraction, zone);
    memcpy(whole + STAMP_SECONDS + zone, ":00", 3);
    size_t length = STAMP_SECONDS + (zone == 3 ? 6 : zone);
    int64_t instant;
    if (!clock_read_stamp(whole, length, &instant))
        return false;
    size_t written = clock_write_stamp(out, instant, 0);
    memcpy(out + written - 1, cell.text + STAMP_SECONDS, fraction);
    out[written - 1 + fraction] = 'Z';
    out[written + fraction] = '\0';
    return true;
}

/* In our sessions' own zone, where only two characters differ. Looked at one by one: what the contract calls a time may be
 * a text of the database. */
static bool row_json_is_utc(struct cell cell, size_t fraction) {
    static const char shape[] = "0000-00-00 00:00:00";
    size_t zone = STAMP_SECONDS + fraction;
    if (cell.length != zone + 3 || memcmp(cell.text + zone, "+00", 3) != 0)
        return false;
    for (size_t i = 0; i < STAMP_SECONDS; i++) {
        char c = cell.text[i];
        if (shape[i] == '0' ? c < '0' || c > '9' : c != shape[i])
            return false;
    }
    return true;
}

size_t row_json_stamp(char out[ROW_STAMP_SIZE], struct cell cell) {
    if (cell.length <= STAMP_SECONDS || cell.length > STAMP_LONGEST || cell.text[10] != ' ')
        return 0;
    size_t fraction = row_json_fraction(cell);
    if (row_json_is_utc(cell, fraction)) {
        size_t length = cell.length - 3;
        memcpy(out, cell.text, length);
        out[10] = 'T';
        out[length] = 'Z';
        return length + 1;
    }
    return fraction <= 7 && row_json_move_stamp(out, cell, fraction) ? strlen(out) : 0;
}

static void row_json_quote_stamp(struct buf *out, struct cell cell) {
    char quoted[ROW_STAMP_SIZE + 2] = "\"";
    size_t length = row_json_stamp(quoted + 1, cell);
    if (length == 0) {
        json_out_string(out, cell.text, cell.length);
        return;
    }
    quoted[1 + length] = '"';
    buf_append(out, quoted, length + 2);
}

/* ── rows ── */

static void row_json_value(struct buf *out, enum value_type type, struct cell cell) {
    if (!cell.text) {
        buf_append(out, "null", 4);
        return;
    }
    switch (type) {
    case VALUE_INTEGER:
    case VALUE_NUMBER:
    case VALUE_OBJECT:
    case VALUE_ARRAY:
        buf_append(out, cell.text, cell.length);
        return;
    case VALUE_BOOLEAN:
        buf_text(out, cell.length && cell.text[0] == 't' ? "true" : "false");
        return;
    case VALUE_TIMESTAMP:
        row_json_quote_stamp(out, cell);
        return;
    case VALUE_STRING:
    case VALUE_UUID:
    case VALUE_DATE:
        break;
    }
    json_out_string(out, cell.text, cell.length);
}

void row_json_open(struct buf *out, const struct reply_plan *plan, const struct cell *cells) {
    for (uint16_t i = 0; i < plan->column_count; i++) {
        const struct column *column = &plan->columns[i];
        if (!column->before)
            continue;
        buf_text(out, column->before);
        row_json_value(out, column->type, cells[i]);
    }
}

void row_json_close(struct buf *out, const struct reply_plan *plan) {
    buf_text(out, plan->after);
}

void row_json_write(struct buf *out, const struct reply_plan *plan, const struct cell *cells) {
    row_json_open(out, plan, cells);
    row_json_close(out, plan);
}

/* ── stored replies ── */

/* Behind the opening quote: copies up to the closing one; doubled quotes and backslashes stand for one. */
static bool row_json_take_quoted(const char *text, size_t length, size_t *at, char *to, size_t *taken) {
    while (*at < length) {
        char c = text[(*at)++];
        if (c == '"') {
            if (*at == length || text[*at] != '"')
                return true;
            (*at)++;
        } else if (c == '\\') {
            if (*at == length)
                return false;
            c = text[(*at)++];
        }
        to[(*taken)++] = c;
    }
    return false;
}

/* One field up to the comma or the closing parenthesis, which stays; `to` has room for all that is left. */
static bool row_json_take_field(const char *text, size_t length, size_t *at, char *to, struct cell *cell) {
    size_t start = *at, taken = 0;
    while (*at < length && text[*at] != ',' && text[*at] != ')') {
        char c = text[(*at)++];
        if (c == '"') {
            if (!row_json_take_quoted(text, length, at, to, &taken))
                return false;
        } else if (c == '(') {
            return false;
        } else if (c == '\\') {
            if (*at == length)
                return false;
            to[taken++] = text[(*at)++];
        } else {
            to[taken++] = c;
        }
    }
    *cell = *at == start ? (struct cell){NULL, 0} : (struct cell){to, taken};
    return *at < length;
}

bool row_json_split(struct arena *arena, const char *composite, size_t length, struct cell *cells,
                    size_t count) {
    if (length < 2 || composite[0] != '(' || composite[length - 1] != ')')
        return false;
    if (count == 0)
        return length == 2;
    /* Every field shrinks or keeps its length and its separator becomes the NUL. */
    char *to = arena_alloc(arena, length);
    if (!to)
        return false;
    size_t at = 1;
    for (size_t i = 0; i < count; i++) {
        if (!row_json_take_field(composite, length, &at, to, &cells[i]))
            return false;
        bool last = i + 1 == count;
        if (composite[at] != (last ? ')' : ','))
            return false;
        at++;
        to += cells[i].length + 1;
    }
    return at == length;
}
