/* Metrics: counters of each loop, and their page in Prometheus' text form on the administration address.
 *
 * A loop's figures are written by its thread alone and read by the administration thread: relaxed atomics, no
 * locks.
 */
#ifndef LINLI_HTTP_METRICS_H
#define LINLI_HTTP_METRICS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include "core/buf.h"
#include "core/contract.h"
#include "db/lane.h"

#define METRICS_STATUSES 28
#define METRICS_BUCKETS 12

struct metrics_operation {
    _Atomic uint64_t statuses[METRICS_STATUSES];
    _Atomic uint64_t buckets[METRICS_BUCKETS]; /* not cumulative */
    _Atomic uint64_t nanoseconds;
};

struct metrics_lane {
    _Atomic uint64_t calls, refused, unsent, unknown, connected, in_flight, queued;
};

struct metrics {
    struct metrics_operation *operations; /* one each, and a last one for all that is not an operation */
    struct metrics_lane lanes[LANE_COUNT];
    _Atomic uint64_t connections, in_flight, late_connections;
    _Atomic uint64_t token_hits, token_misses, principal_hits, principal_misses, principals;
};

struct metrics *metrics_create(void); /* NULL: out of memory */
void metrics_destroy(struct metrics *metrics);
/* operation NULL: something else. */
void metrics_count(struct metrics *metrics, const struct operation *operation, unsigned status,
                   uint64_t nanoseconds);
void metrics_lane(struct metrics *metrics, enum lane_kind lane, const struct lane_figures *figures);
static inline void metrics_set(_Atomic uint64_t *gauge, uint64_t value) {
    atomic_store_explicit(gauge, value, memory_order_relaxed);
}

/* The page. Sums over the loops. */
void metrics_write(struct buf *out, struct metrics *const *loops, size_t count);

#endif
