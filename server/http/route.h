/* Routing: method and raw path → operation, from the generated tree. Allocates nothing.
 *
 * The path is taken as it came on the wire, without the query: segments are split first and percent-decoded
 * afterwards, so that an encoded slash stays inside its value, and never decoded twice. Refused as not found:
 * anything outside the base path, empty segments (also a trailing slash), `.` and `..`, broken escapes, %00,
 * invalid UTF-8, control bytes.
 */
#ifndef LINLI_HTTP_ROUTE_H
#define LINLI_HTTP_ROUTE_H

#include <stddef.h>
#include <stdint.h>

#include "core/contract.h"
#include "core/text.h"

#define ROUTE_VALUES_MAX 8
#define ROUTE_STORAGE 1024 /* bytes of all decoded values; a path that needs more is not found */

enum route_result { ROUTE_FOUND, ROUTE_NOT_FOUND, ROUTE_WRONG_METHOD };

struct route_match {
    const struct operation *operation; /* NULL unless ROUTE_FOUND */
    struct text
        values[ROUTE_VALUES_MAX]; /* decoded, NUL-terminated; values[i] is of operation->parameters[i] */
    size_t count;
    uint32_t methods;            /* bit per enum http_method that this path knows; 0 when not found */
    char storage[ROUTE_STORAGE]; /* what the values point into: do not copy a match */
};

/* method may be METHOD_COUNT (OPTIONS and unknown ones): then a known path gives ROUTE_WRONG_METHOD. */
enum route_result route_find(enum http_method method, const char *path, size_t length,
                             struct route_match *match);

#endif
