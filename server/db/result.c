/* Rows of a finished statement. struct call_result is libpq's result under a name that other rooms may know.
 */
#include <libpq-fe.h>
#include <string.h>
#include "db/call.h"

static const PGresult *pg(const struct call_result *result) {
    return (const PGresult *)result;
}

size_t result_rows(const struct call_result *result) {
    return result != NULL ? (size_t)PQntuples(pg(result)) : 0;
}

size_t result_columns(const struct call_result *result) {
    return result != NULL ? (size_t)PQnfields(pg(result)) : 0;
}

struct cell result_cell(const struct call_result *result, size_t row, size_t column) {
    if (row >= result_rows(result) || column >= result_columns(result) ||
        PQgetisnull(pg(result), (int)row, (int)column)) {
        return (struct cell){NULL, 0};
    }
    return (struct cell){PQgetvalue(pg(result), (int)row, (int)column),
                         (size_t)PQgetlength(pg(result), (int)row, (int)column)};
}

struct cell result_named(const struct call_result *result, size_t row, const char *column) {
    for (size_t i = 0; i < result_columns(result); i++) {
        if (strcmp(PQfname(pg(result), (int)i), column) == 0) {
            return result_cell(result, row, i);
        }
    }
    return (struct cell){NULL, 0};
}
