/* Arena: all memory of one request (or of one connection, or of the process) in a few blocks, freed at once.
 *
 * Owns its blocks and the list of deferred clean-ups. `arena_alloc` never returns NULL for a size within the
 * cap: beyond the cap it sets `arena->exhausted` and returns NULL, and the caller answers with a problem.
 * Clean-ups run in reverse order of registration when the arena is reset or destroyed. Not thread-safe: one
 * owner at a time.
 */
#ifndef LINLI_CORE_ARENA_H
#define LINLI_CORE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* cap: the most bytes it may hold, over all blocks. NULL only when the system is out of memory. */
struct arena *arena_create(size_t cap);
void arena_destroy(struct arena *arena);
/* Runs the clean-ups and keeps the first block for the next request. */
void arena_reset(struct arena *arena);
void *arena_alloc(struct arena *arena, size_t size);                     /* zeroed, 16-aligned */
char *arena_copy(struct arena *arena, const char *bytes, size_t length); /* adds a NUL */
char *arena_string(struct arena *arena, const char *text);
char *arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Call right after anything foreign is acquired. false: out of memory, and clean_up has run already. */
bool arena_defer(struct arena *arena, void (*clean_up)(void *), void *what);
size_t arena_used(const struct arena *arena);
bool arena_exhausted(const struct arena *arena);

#endif
