/* Principals from the rows of engine_principal, and copies from one arena into another. Owns nothing. */
#ifndef LINLI_AUTH_PRINCIPAL_READ_H
#define LINLI_AUTH_PRINCIPAL_READ_H

#include "auth/principal.h"

/* false: the session is closed (no row), or the arena is exhausted. Everything is copied into the arena. */
bool principal_read(struct arena *arena, const struct call_result *result, const char *session_id,
                    struct principal *principal);
bool principal_copy(struct arena *arena, const struct principal *from, struct principal *to);

#endif
