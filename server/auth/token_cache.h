/* Token cache: verified tokens of one loop, so that a request need not hash again what was hashed a moment
 * ago.
 *
 * Owns fixed slots, allocated once; a token's slot follows from a keyed hash, and the newer token takes it
 * over. Only token_verify's yes goes in; a token is forgotten by expiry, judged at every look. No locks: one
 * loop, one thread.
 */
#ifndef LINLI_AUTH_TOKEN_CACHE_H
#define LINLI_AUTH_TOKEN_CACHE_H

#include "auth/token.h"

struct token_cache;

struct token_cache *token_cache_create(size_t slots); /* rounded up to a power of two; NULL: out of memory */
void token_cache_destroy(struct token_cache *cache);
/* token_verify with a memory. */
bool token_cache_verify(struct token_cache *cache, struct arena *arena, const char *token, size_t length,
                        int64_t now, struct token_claims *claims);

struct token_cache_figures {
    uint64_t hits, misses;
};
struct token_cache_figures token_cache_figures(const struct token_cache *cache);

#endif
