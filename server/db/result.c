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

void result_row(const struct call_result *result, size_t row, struct cell *cells, size_t count) {
    size_t columns = row < result_rows(result) ? result_columns(result) : 0;
    for (size_t i = 0; i < count; i++) {
        int length = i < columns ? PQgetlength(pg(result), (int)row, (int)i) : 0;
        bool is_null = i >= columns || (length == 0 && PQgetisnull(pg(result), (int)row, (int)i));
        cells[i] = is_null ? (struct cell){NULL, 0}
                           : (struct cell){PQgetvalue(pg(result), (int)row, (int)i), (size_t)length};
    }
}

struct cell result_named(const struct call_result *result, size_t row, const char *column) {
    for (size_t i = 0; i < result_columns(result); i++) {
        if (strcmp(PQfname(pg(result), (int)i), column) == 0) {
            return result_cell(result, row, i);
        }
    }
    return (struct cell){NULL, 0};
}
