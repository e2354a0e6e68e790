/* M3, the part of it that is not SQL: the key's form and what makes two requests the same. Owns nothing.
 *
 * The claim is the first statement of the call (db/call); a twin waits there for its elder, and LI200 brings
 * the stored reply, which reply.c writes through the same plan. Only committed outcomes are remembered.
 */
#ifndef LINLI_HTTP_IDEMPOTENCY_H
#define LINLI_HTTP_IDEMPOTENCY_H

#include <stdbool.h>
#include "core/arena.h"
#include "core/buf.h"
#include "core/contract.h"
#include "core/text.h"

#define IDEMPOTENCY_HEADER "Idempotency-Key"

/* 8 to 128 letters, digits and -_.:~ */
bool idempotency_check_key(const char *key);
/* `\x…` of the SHA-256 over method, path, query and body. NULL: the arena is exhausted. */
const char *idempotency_fingerprint(struct arena *arena, const struct operation *operation, struct text path,
                                    struct text query, const struct buf *body);

#endif
