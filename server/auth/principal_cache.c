#include "auth/principal_cache.h"

#include "auth/principal_read.h"
#include "core/alloc.h"
#include "core/random.h"

#define WAYS 4 /* entries in which one session may stand */
#define ENTRY_MEMORY (16 * 1024)
#define DAY_US INT64_C(86400000000)
#define SHANGHAI_US INT64_C(28800000000)

struct entry {
    struct arena *arena; /* made at first use, kept */
    struct principal principal;
    int64_t read_us;
    bool valid;
};

struct principal_cache {
    size_t mask; /* of sets */
    uint64_t seed, generation;
    bool listening;
    struct principal_cache_figures figures;
    struct entry entries[];
};

struct principal_cache *principal_cache_create(size_t entries) {
    size_t sets = 1;
    while (sets * WAYS < entries) {
        sets *= 2;
    }
    struct principal_cache *cache = alloc_zeroed(1, sizeof *cache + sets * WAYS * sizeof(struct entry));
    if (cache != NULL) {
        cache->mask = sets - 1;
        random_fill(&cache->seed, sizeof cache->seed);
    }
    return cache;
}

static size_t entry_count(const struct principal_cache *cache) {
    return (cache->mask + 1) * WAYS;
}

static void forget(struct principal_cache *cache, struct entry *entry) {
    if (entry->valid) {
        entry->valid = false;
        arena_reset(entry->arena);
        cache->figures.kept--;
    }
}

void principal_cache_destroy(struct principal_cache *cache) {
    for (size_t i = 0; cache != NULL && i < entry_count(cache); i++) {
        if (cache->entries[i].arena != NULL) {
            arena_destroy(cache->entries[i].arena);
        }
    }
    alloc_release(cache);
}

static struct entry *set_of(struct principal_cache *cache, const char *session_id) {
    uint64_t hash = cache->seed ^ UINT64_C(0xcbf29ce484222325);
    for (const char *at = session_id; *at != '\0'; at++) {
        hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
    }
    return &cache->entries[((hash ^ (hash >> 32)) & cache->mask) * WAYS];
}

/* Rights are today's: midnight in Shanghai ends them, and so does age. */
static bool fresh(const struct entry *entry, int64_t wall_us) {
    return wall_us - entry->read_us < INT64_C(1000) * PRINCIPAL_AGE_MS && wall_us >= entry->read_us &&
           (wall_us + SHANGHAI_US) / DAY_US == (entry->read_us + SHANGHAI_US) / DAY_US;
}

static struct entry *find(struct principal_cache *cache, const char *session_id) {
    struct entry *set = set_of(cache, session_id);
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].valid && strcmp(set[i].principal.session_id, session_id) == 0) {
            return &set[i];
        }
    }
    return NULL;
}

bool principal_cache_find(struct principal_cache *cache, struct arena *arena, const char *session_id,
                          int64_t wall_us, struct principal *principal) {
    struct entry *entry = find(cache, session_id);
    if (entry != NULL && !fresh(entry, wall_us)) {
        forget(cache, entry);
        entry = NULL;
    }
    if (entry == NULL || !principal_copy(arena, &entry->principal, principal)) {
        cache->figures.misses++;
        return false;
    }
    cache->figures.hits++;
    return true;
}

uint64_t principal_cache_generation(const struct principal_cache *cache) {
    return cache->generation;
}

/* The entry of this session, else an empty one, else the oldest of the set. */
static struct entry *place(struct principal_cache *cache, const char *session_id) {
    struct entry *same = find(cache, session_id), *set = set_of(cache, session_id), *best = set;
    if (same != NULL) {
        return same;
    }
    for (size_t i = 0; i < WAYS; i++) {
        if (!set[i].valid) {
            return &set[i];
        }
        best = set[i].read_us < best->read_us ? &set[i] : best;
    }
    return best;
}

void principal_cache_store(struct principal_cache *cache, uint64_t generation, int64_t wall_us,
                           const struct principal *principal) {
    if (!cache->listening || generation != cache->generation) {
        return;
    }
    struct entry *entry = place(cache, principal->session_id);
    forget(cache, entry);
    if (entry->arena == NULL) {
        entry->arena = arena_create(ENTRY_MEMORY);
    }
    if (entry->arena == NULL || !principal_copy(entry->arena, principal, &entry->principal)) {
        return;
    }
    entry->read_us = wall_us;
    entry->valid = true;
    cache->figures.kept++;
}

void principal_cache_drop(struct principal_cache *cache, const char *person_id) {
    cache->generation++;
    for (size_t i = 0; i < entry_count(cache); i++) {
        struct entry *entry = &cache->entries[i];
        const char *agent = entry->principal.agent_id;
        if (entry->valid && (strcmp(entry->principal.person_id, person_id) == 0 ||
                             (agent != NULL && strcmp(agent, person_id) == 0))) {
            forget(cache, entry);
        }
    }
}

void principal_cache_listening(struct principal_cache *cache, bool listening) {
    cache->listening = listening;
    cache->generation++;
    for (size_t i = 0; i < entry_count(cache); i++) {
        forget(cache, &cache->entries[i]);
    }
}

struct principal_cache_figures principal_cache_figures(const struct principal_cache *cache) {
    return cache->figures;
}
