/* Query strings: strict, by the operation's parameters. Values are arena copies, NUL-terminated.
 *
 * `a=1&b=2`, percent-decoded, '+' is a blank. An unknown name, a repeated one, a broken escape, %00, invalid
 * UTF-8 or a pair without '=' is an error that names the parameter; an empty query is none.
 */
#ifndef LINLI_HTTP_QUERY_H
#define LINLI_HTTP_QUERY_H

#include "core/arena.h"
#include "core/contract.h"
#include "http/request.h"
#include "http/validate.h"

/* query: what follows '?', may be NULL. Fills values[i] for every parameter i of operation that stands in the
 * query and was given; leaves all others as they are. true when no error was appended. */
bool query_read(struct arena *arena, const struct operation *operation, const char *query, size_t length,
                struct value *values, struct field_errors *errors);

#endif
