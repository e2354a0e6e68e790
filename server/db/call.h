/* A call: statements that share one sync, hence one implicit transaction and one round trip.
 *
 * The caller fills a struct call from its request arena, submits it to a lane of its own event loop and is
 * told once, on the same thread, through `done`; results stay readable until the request's arena is reset
 * (PGresults are deferred there). Results may be read only after `done`: status and body are held until the
 * sync has come, since a deferred constraint fails after the rows were delivered.
 */
#ifndef LINLI_DB_CALL_H
#define LINLI_DB_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/arena.h"
#include "core/contract.h"
#include "json/row_json.h"

/* Transaction-local settings (see migrations/routines/core.sql). Text; "" when absent. ltree[] literals:
 * {1.2,1.5} */
struct call_settings {
    const char *person, *scope, *scope_lead, *paths, *lead, *files, *operation, *request_id;
};

enum call_outcome {
    CALL_DONE,    /* committed, results readable */
    CALL_REFUSED, /* rolled back by an error of SQL: see error */
    CALL_UNSENT,  /* lane full or no connection: nothing was sent */
    CALL_UNKNOWN, /* connection lost after sending: a write may or may not have happened */
    CALL_PREVIEW  /* M4: abandoned on purpose after success; results readable */
};

struct sql_error {
    char state[6];          /* SQLSTATE */
    const char *message;    /* arena; problem name when state is LI000 */
    const char *detail;     /* pointer for LI000, stored reply for LI200 */
    const char *constraint; /* NULL when none */
};

struct call_result; /* rows of one statement */
size_t result_rows(const struct call_result *result);
size_t result_columns(const struct call_result *result);
/* All cells of a row; cells beyond the result's columns are NULL. */
void result_row(const struct call_result *result, size_t row, struct cell *cells, size_t count);
struct cell result_cell(const struct call_result *result, size_t row, size_t column);
/* Convenience for steps: by column name; {NULL,0} when NULL or absent. */
struct cell result_named(const struct call_result *result, size_t row, const char *column);

#define CALL_STATEMENTS_MAX 16 /* the generator refuses operations with more */

struct call_part {
    const struct statement_variant *variant; /* prepared on first use per connection */
    const char *const *values;               /* variant->bind_count texts, NULL = SQL NULL; arena memory */
    const struct call_result *result;        /* filled; NULL unless CALL_DONE or CALL_PREVIEW */
};

struct call {
    struct arena *arena;
    enum lane_kind lane;
    struct call_settings settings;
    struct {
        const char *key, *operation, *fingerprint;
    } claim;      /* M3; key NULL = none; fingerprint as \x… text */
    bool preview; /* M4 */
    struct call_part parts[CALL_STATEMENTS_MAX];
    size_t part_count;
    void (*done)(struct call *call);
    void *owner; /* the request */
    /* filled before done */
    enum call_outcome outcome;
    struct sql_error error;
    uint64_t queued_ns, sent_ns, done_ns; /* monotonic, for metrics */
    struct call *next;                    /* the lane's queue */
};

/* Fixed engine statements (principal, login tables…) have their own variants: ids from contract_variant_count
 * on. See db/engine.h. */

#endif
