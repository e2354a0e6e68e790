#include "commands/chain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/text.h"
#include "seal/digest.h"

#define CHECKPOINTS_MAX 40000u
#define ROW_SHOWN 240

void chain_find(struct chain *chain, int64_t seal_no, const char *what, const char *row) {
    chain->findings++;
    chain->found(chain->context, seal_no, what, row);
}

void chain_start(struct chain *chain, int64_t after_no, const unsigned char *previous) {
    chain->last_no = after_no;
    chain->started = after_no == 0 || previous != NULL;
    if (previous != NULL) {
        memcpy(chain->previous, previous, sizeof chain->previous);
    } else {
        memset(chain->previous, 0, sizeof chain->previous);
    }
}

/* sha256(hash before || number || ' ' || canonical text), as core.seal_hash has it. */
static void row_hash(const struct chain *chain, const struct seal_row *row, struct arena *arena,
                     unsigned char out[DIGEST_SIZE]) {
    char number[24];
    size_t digits = (size_t)snprintf(number, sizeof number, "%" PRId64 " ", row->seal_no);
    size_t size = sizeof chain->previous + digits + row->canonical_length;
    char *bytes = arena_alloc(arena, size);
    if (bytes == NULL) {
        memset(out, 0, DIGEST_SIZE);
        return;
    }
    memcpy(bytes, chain->previous, sizeof chain->previous);
    memcpy(bytes + sizeof chain->previous, number, digits);
    memcpy(bytes + sizeof chain->previous + digits, row->canonical, row->canonical_length);
    digest_bytes(out, bytes, size);
}

static void judge_row(struct chain *chain, const struct seal_row *row,
                      const unsigned char stored[DIGEST_SIZE]) {
    char shown[ROW_SHOWN + 64];
    unsigned char hash[DIGEST_SIZE];
    if (row->canonical == NULL) {
        snprintf(shown, sizeof shown, "%s %" PRId64, row->stream, row->source_id);
        chain_find(chain, row->seal_no, "the row was deleted", shown);
        return;
    }
    struct arena *arena = arena_create(row->canonical_length + 65536);
    if (arena == NULL) {
        chain_find(chain, row->seal_no, "out of memory", "");
        return;
    }
    row_hash(chain, row, arena, hash);
    arena_destroy(arena);
    if (memcmp(hash, stored, DIGEST_SIZE) != 0) {
        snprintf(shown, sizeof shown, "%.*s", ROW_SHOWN, row->canonical);
        chain_find(chain, row->seal_no, "the row was changed", shown);
    }
}

static void judge_checkpoints(struct chain *chain, const struct seal_row *row) {
    while (chain->next_checkpoint < chain->checkpoint_count) {
        const struct checkpoint *checkpoint = &chain->checkpoints[chain->next_checkpoint];
        if (checkpoint->seal_no > row->seal_no) {
            return;
        }
        if (checkpoint->seal_no == row->seal_no && strcmp(checkpoint->hash, row->hash) != 0) {
            chain_find(chain, row->seal_no, "the chain differs from the checkpoint of this day",
                       checkpoint->day);
        }
        chain->next_checkpoint++;
    }
}

void chain_take(struct chain *chain, const struct seal_row *row) {
    unsigned char stored[DIGEST_SIZE];
    bool whole = chain->started;
    chain->rows++;
    if (strlen(row->hash) != 64 || !text_read_hex(stored, row->hash, 64)) {
        chain_find(chain, row->seal_no, "the seal has no hash", "");
        return;
    }
    if (chain->started && row->seal_no != chain->last_no + 1) {
        char range[64];
        snprintf(range, sizeof range, "%" PRId64 " to %" PRId64, chain->last_no + 1, row->seal_no - 1);
        chain_find(chain, row->seal_no, "seals are missing", range);
        whole = false;
    }
    if (whole) {
        judge_row(chain, row, stored);
    }
    judge_checkpoints(chain, row);
    memcpy(chain->previous, stored, sizeof chain->previous);
    chain->last_no = row->seal_no;
    chain->started = true;
}

void chain_end(struct chain *chain) {
    if (chain->next_checkpoint < chain->checkpoint_count) {
        const struct checkpoint *last = &chain->checkpoints[chain->checkpoint_count - 1];
        if (last->seal_no > chain->last_no) {
            chain_find(chain, last->seal_no, "the chain ends before a checkpoint; its end was cut off",
                       last->day);
        }
    }
}

/* ── checkpoint files ── */

static int compare_checkpoints(const void *a, const void *b) {
    int64_t left = ((const struct checkpoint *)a)->seal_no, right = ((const struct checkpoint *)b)->seal_no;
    return (left > right) - (left < right);
}

bool chain_read_checkpoints(struct arena *arena, const char *path, struct checkpoint **checkpoints,
                            size_t *count) {
    char line[256];
    bool good = true;
    *count = 0;
    *checkpoints = arena_alloc(arena, CHECKPOINTS_MAX * sizeof **checkpoints);
    FILE *file = *checkpoints != NULL ? fopen(path, "re") : NULL;
    if (file == NULL) {
        return false;
    }
    while (good && fgets(line, sizeof line, file) != NULL) {
        good = *count < CHECKPOINTS_MAX && checkpoint_read(line, &(*checkpoints)[*count]);
        *count += good;
    }
    fclose(file);
    qsort(*checkpoints, *count, sizeof **checkpoints, compare_checkpoints);
    return good;
}
