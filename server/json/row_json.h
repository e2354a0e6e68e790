/* Rows of text cells → JSON, straight into the reply, by the generated plan: no tree.
 *
 * Cells come in the order of plan->columns (reserved columns included, skipped here). Integers and booleans
 * are written bare, timestamps of PostgreSQL (`2026-11-24 07:00:00.123+00`) as RFC 3339 UTC
 * (`2026-11-24T07:00:00.123Z`), JSON columns verbatim, all else as escaped strings. Codecs are applied by the
 * caller before (seal/codec).
 */
#ifndef LINLI_JSON_ROW_JSON_H
#define LINLI_JSON_ROW_JSON_H

#include <stdbool.h>
#include "core/buf.h"
#include "core/contract.h"

struct cell {
    const char *text; /* NULL = SQL NULL; PostgreSQL text format */
    size_t length;
};

/* The heading of a column in an exported list. */
static inline const char *column_title(const struct column *column, enum language language) {
    return column->title[language] != NULL ? column->title[language] : column->name;
}

/* Writes `{…` without plan->after, so that children can follow. */
void row_json_open(struct buf *out, const struct reply_plan *plan, const struct cell *cells);
void row_json_close(struct buf *out, const struct reply_plan *plan);
/* open + close */
void row_json_write(struct buf *out, const struct reply_plan *plan, const struct cell *cells);

/* A timestamp of PostgreSQL as RFC 3339 in UTC. Its length, without an end mark; 0 when it is none that RFC
 * 3339 can tell (`infinity`, years with five digits or before Christ). */
#define ROW_STAMP_SIZE 48
size_t row_json_stamp(char out[ROW_STAMP_SIZE], struct cell cell);

/* Splits PostgreSQL's composite text `(a,"b ""c""",,d)` into cells (arena memory). false when malformed or
 * when the number of fields is not `count`. Used to replay a stored reply (M3). */
struct arena;
bool row_json_split(struct arena *arena, const char *composite, size_t length, struct cell *cells,
                    size_t count);

#endif
