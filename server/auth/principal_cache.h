/* Principal cache of one loop: login session → principal, as long as nothing may have changed.
 *
 * Owns its entries, each with an arena of its own. An entry is valid for the Shanghai day on which it was
 * read and for at most PRINCIPAL_AGE_MS (a session ends without a notice). A change of grants drops its
 * person; a lost listener drops all, and until it listens again nothing is kept. What was read before a
 * change must not be stored after it: whoever loads takes the generation first and hands it to store. No
 * locks: one loop, one thread.
 */
#ifndef LINLI_AUTH_PRINCIPAL_CACHE_H
#define LINLI_AUTH_PRINCIPAL_CACHE_H

#include "auth/principal.h"

#define PRINCIPAL_AGE_MS 60000

struct principal_cache;

struct principal_cache *principal_cache_create(size_t entries); /* NULL: out of memory */
void principal_cache_destroy(struct principal_cache *cache);
/* false: not there. Copies into the arena. `wall_us` is now. */
bool principal_cache_find(struct principal_cache *cache, struct arena *arena, const char *session_id,
                          int64_t wall_us, struct principal *principal);
uint64_t principal_cache_generation(const struct principal_cache *cache);
void principal_cache_store(struct principal_cache *cache, uint64_t generation, int64_t wall_us,
                           const struct principal *principal);
void principal_cache_drop(struct principal_cache *cache, const char *person_id);
void principal_cache_listening(struct principal_cache *cache, bool listening);

struct principal_cache_figures {
    uint64_t hits, misses, kept;
};
struct principal_cache_figures principal_cache_figures(const struct principal_cache *cache);

#endif
