/* Files in the database: what others need to read their pieces. */
#ifndef LINLI_DOMAINS_WORK_BLOBS_H
#define LINLI_DOMAINS_WORK_BLOBS_H

#include <stdint.h>
#include "core/arena.h"

/* The additional data that a piece is sealed with. NULL: the arena is exhausted. */
const char *blob_aad(struct arena *arena, const char *blob_id, uint64_t number);

#endif
