#include "auth/token_cache.h"

#include "core/alloc.h"
#include "core/random.h"

#define REMEMBERED_LENGTH_MAX 510 /* ours have about 420 bytes */

struct slot {
    struct token_claims claims;
    uint16_t length; /* 0: empty */
    char token[REMEMBERED_LENGTH_MAX];
};

struct token_cache {
    size_t mask;
    uint64_t seed;
    struct token_cache_figures figures;
    struct slot slots[];
};

struct token_cache *token_cache_create(size_t slots) {
    size_t count = 1;
    while (count < slots) {
        count *= 2;
    }
    struct token_cache *cache = alloc_zeroed(1, sizeof *cache + count * sizeof(struct slot));
    if (cache != NULL) {
        cache->mask = count - 1;
        random_fill(&cache->seed, sizeof cache->seed);
    }
    return cache;
}

void token_cache_destroy(struct token_cache *cache) {
    alloc_release(cache);
}

/* FNV-1a from a random start: only tokens signed by us are remembered, so nobody chooses what collides. */
static struct slot *slot_of(struct token_cache *cache, const char *token, size_t length) {
    uint64_t hash = cache->seed ^ UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (unsigned char)token[i]) * UINT64_C(0x100000001b3);
    }
    return &cache->slots[(hash ^ (hash >> 32)) & cache->mask];
}

bool token_cache_verify(struct token_cache *cache, struct arena *arena, const char *token, size_t length,
                        int64_t now, struct token_claims *claims) {
    if (length == 0 || length > REMEMBERED_LENGTH_MAX) {
        return token_verify(arena, token, length, now, claims);
    }
    struct slot *slot = slot_of(cache, token, length);
    if (slot->length == length && memcmp(slot->token, token, length) == 0) {
        cache->figures.hits++;
        *claims = slot->claims;
        return claims->expires > now;
    }
    cache->figures.misses++;
    if (!token_verify(arena, token, length, now, claims)) {
        return false;
    }
    slot->claims = *claims;
    slot->length = (uint16_t)length;
    memcpy(slot->token, token, length);
    return true;
}

struct token_cache_figures token_cache_figures(const struct token_cache *cache) {
    return cache->figures;
}
