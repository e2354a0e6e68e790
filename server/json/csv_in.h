/* Reading CSV (RFC 4180, as spreadsheets write it) piece by piece: bytes in, rows out, one row in memory.
 *
 * Bytes are UTF-8 without a mark in front (core/charset gives such). A row ends with LF, CRLF or CR; in
 * quotes all of them, commas and doubled quotes are text. What is wrong with a row is said with it, and the
 * next row is read again. Lines are counted as an editor does, from 1; a row's line is the one it begins on.
 */
#ifndef LINLI_JSON_CSV_IN_H
#define LINLI_JSON_CSV_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/text.h"

enum csv_fault {
    CSV_FINE,
    CSV_STRAY_QUOTE, /* text behind a closing quote */
    CSV_OPEN_QUOTE,  /* the file ends within quotes */
    CSV_TOO_LONG,    /* more bytes than a row may have: the rest was left out */
    CSV_TOO_MANY     /* more cells than a row may have: the rest was left out */
};

struct csv_row {
    uint64_t line;
    const struct text *cells; /* valid during the call */
    size_t count;             /* at least 1 */
    enum csv_fault fault;
};

struct csv_in_limits {
    size_t cells, bytes; /* of a row */
};

struct csv_in;

/* `row` is called for every row but empty lines; once it answers false nothing more is read. NULL: out of
 * memory. */
struct csv_in *csv_in_create(struct csv_in_limits limits,
                             bool (*row)(void *context, const struct csv_row *row), void *context);
void csv_in_destroy(struct csv_in *csv);                                /* NULL is fine */
bool csv_in_feed(struct csv_in *csv, const char *bytes, size_t length); /* false: `row` has had enough */
bool csv_in_end(struct csv_in *csv);                                    /* a last row without a line end */

#endif
