/* SHA-256, for fingerprints, entity tags and what is stored of a refresh token. Owns nothing. */
#ifndef LINLI_SEAL_DIGEST_H
#define LINLI_SEAL_DIGEST_H

#include <stddef.h>
#include "core/arena.h"
#include "core/text.h"

#define DIGEST_SIZE 32

/* Of all parts, each preceded by its length, so that no two lists of parts share a digest. The process ends
 * when OpenSSL cannot hash: nothing could be trusted any more. */
void digest_parts(unsigned char out[DIGEST_SIZE], const struct text *parts, size_t count);
void digest_bytes(unsigned char out[DIGEST_SIZE], const void *bytes, size_t length);
/* `\x…`, bytea's text form, of the parts. NULL: the arena is exhausted. */
char *digest_bytea(struct arena *arena, const struct text *parts, size_t count);

#endif
