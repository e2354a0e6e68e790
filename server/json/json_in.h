/* Strict JSON reading over jansson: the only way a body becomes values.
 *
 * Refuses duplicate keys, depth over 32, more than `nodes` values, NUL in strings, bad UTF-8, trailing bytes,
 * numbers that are not integers where no schema may want them (reals are parsed and left to validate). The
 * tree is owned by the arena (arena_defer). Call json_in_setup once before any thread (hash seed).
 */
#ifndef LINLI_JSON_JSON_IN_H
#define LINLI_JSON_JSON_IN_H

#include <jansson.h>
#include "core/arena.h"

enum json_in_error {
    JSON_IN_OK,
    JSON_IN_SYNTAX,
    JSON_IN_DUPLICATE_KEY,
    JSON_IN_TOO_DEEP,
    JSON_IN_TOO_MANY,
    JSON_IN_MEMORY
};

struct json_in_limits {
    unsigned depth;
    unsigned nodes;
};

void json_in_setup(void);
/* On JSON_IN_OK *tree is set. position: byte offset of the error, for the problem's detail. */
enum json_in_error json_in_parse(struct arena *arena, const char *bytes, size_t length,
                                 struct json_in_limits limits, json_t **tree, size_t *position);

#endif
