/* Entity tags: what a client holds against what is current. Pure functions; own nothing. */
#ifndef LINLI_HTTP_CONDITIONAL_H
#define LINLI_HTTP_CONDITIONAL_H

#include <stdbool.h>
#include "core/arena.h"

/* `"value"`, or NULL when the arena is exhausted. */
const char *conditional_etag(struct arena *arena, const char *value, size_t length);
/* Does If-None-Match name this tag (weak comparison), or `*`? */
bool conditional_matches(const char *if_none_match, const char *etag);

enum if_match { IF_MATCH_NONE, IF_MATCH_ANY, IF_MATCH_VERSION, IF_MATCH_NEVER };

/* If-Match: absent, `*`, one tag that is a version number of ours (*version: its digits, arena), or anything
 * else, which can match nothing that we gave out. */
enum if_match conditional_if_match(struct arena *arena, const char *if_match, const char **version);

#endif
