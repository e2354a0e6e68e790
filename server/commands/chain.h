/* The audit chain, recomputed: which sealed row no longer says what was sealed.
 *
 * Owns nothing; fed with the seals in the order of their numbers, from the database or from an exported file.
 * Each row is judged by the hash stored before it, so that every changed row is named, not only the first.
 * Checkpoints that left the database are what a whole rewritten chain cannot satisfy.
 */
#ifndef LINLI_COMMANDS_CHAIN_H
#define LINLI_COMMANDS_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/arena.h"
#include "work/checkpoint_file.h"

struct seal_row {
    int64_t seal_no, source_id;
    const char *stream;    /* "audit" or "event" */
    const char *canonical; /* NULL: the row is gone */
    size_t canonical_length;
    const char *hash; /* 64 hexadecimal digits */
};

struct chain {
    int64_t last_no;
    uint64_t rows, findings;
    bool started;
    unsigned char previous[32];
    const struct checkpoint *checkpoints; /* by seal_no */
    size_t checkpoint_count, next_checkpoint;
    void (*found)(void *context, int64_t seal_no, const char *what, const char *row);
    void *context;
};

/* previous: the hash before the first row; NULL at the chain's beginning. */
void chain_start(struct chain *chain, int64_t after_no, const unsigned char *previous);
void chain_take(struct chain *chain, const struct seal_row *row);
/* Checkpoints behind the last row mean that the end was cut off. */
void chain_end(struct chain *chain);
void chain_find(struct chain *chain, int64_t seal_no, const char *what, const char *row);

/* All lines of a checkpoint file, by seal_no. false: unreadable or a line is no checkpoint. */
bool chain_read_checkpoints(struct arena *arena, const char *path, struct checkpoint **checkpoints,
                            size_t *count);

#endif
