#include "http/metrics.h"

#include "core/alloc.h"
#include "http/server.h"

static const unsigned statuses[METRICS_STATUSES] = {
    200, 201, 202, 204, 206, 301, 304, 308, 400, 401, 403, 404, 405, 406,
    408, 409, 410, 412, 413, 414, 415, 422, 428, 429, 431, 500, 503, 0 /* any other */
};

/* Upper bounds in microseconds; the last bucket has none. */
static const uint64_t bounds[METRICS_BUCKETS - 1] = {500,   1000,   2500,   5000,    10000,   25000,
                                                     50000, 100000, 500000, 2000000, 10000000};

struct metrics *metrics_create(void) {
    struct metrics *metrics = alloc_zeroed(1, sizeof *metrics);
    if (metrics != NULL) {
        metrics->operations = alloc_zeroed(contract_operation_count + 1, sizeof metrics->operations[0]);
    }
    if (metrics == NULL || metrics->operations == NULL) {
        alloc_release(metrics);
        return NULL;
    }
    return metrics;
}

void metrics_destroy(struct metrics *metrics) {
    if (metrics != NULL) {
        alloc_release(metrics->operations);
    }
    alloc_release(metrics);
}

static void add(_Atomic uint64_t *counter, uint64_t value) {
    atomic_fetch_add_explicit(counter, value, memory_order_relaxed);
}

static uint64_t get(const _Atomic uint64_t *counter) {
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void metrics_count(struct metrics *metrics, const struct operation *operation, unsigned status,
                   uint64_t nanoseconds) {
    size_t which = operation == NULL ? contract_operation_count : (size_t)(operation - contract_operations);
    struct metrics_operation *figures = &metrics->operations[which];
    size_t at = 0, bucket = 0;
    while (at < METRICS_STATUSES - 1 && statuses[at] != status) {
        at++;
    }
    while (bucket < METRICS_BUCKETS - 1 && nanoseconds / 1000 > bounds[bucket]) {
        bucket++;
    }
    add(&figures->statuses[at], 1);
    add(&figures->buckets[bucket], 1);
    add(&figures->nanoseconds, nanoseconds);
}

void metrics_lane(struct metrics *metrics, enum lane_kind lane, const struct lane_figures *figures) {
    struct metrics_lane *to = &metrics->lanes[lane];
    metrics_set(&to->calls, figures->calls);
    metrics_set(&to->refused, figures->refused);
    metrics_set(&to->unsent, figures->unsent);
    metrics_set(&to->unknown, figures->unknown);
    metrics_set(&to->connected, figures->connected);
    metrics_set(&to->in_flight, figures->in_flight);
    metrics_set(&to->queued, figures->queued);
}

static const char *name_of(size_t which) {
    return which == contract_operation_count ? "other" : contract_operations[which].id;
}

static void write_statuses(struct buf *out, struct metrics *const *loops, size_t count, size_t which) {
    for (size_t status = 0; status < METRICS_STATUSES; status++) {
        uint64_t sum = 0;
        for (size_t i = 0; i < count; i++) {
            sum += get(&loops[i]->operations[which].statuses[status]);
        }
        if (sum > 0) {
            buf_format(out, "linli_requests_total{operation=\"%s\",status=\"%u\"} %llu\n", name_of(which),
                       statuses[status], (unsigned long long)sum);
        }
    }
}

static void write_durations(struct buf *out, struct metrics *const *loops, size_t count, size_t which) {
    uint64_t buckets[METRICS_BUCKETS] = {0}, nanoseconds = 0, total = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t bucket = 0; bucket < METRICS_BUCKETS; bucket++) {
            buckets[bucket] += get(&loops[i]->operations[which].buckets[bucket]);
        }
        nanoseconds += get(&loops[i]->operations[which].nanoseconds);
    }
    for (size_t bucket = 0; bucket < METRICS_BUCKETS; bucket++) {
        total += buckets[bucket];
    }
    if (total == 0) {
        return;
    }
    uint64_t below = 0;
    for (size_t bucket = 0; bucket < METRICS_BUCKETS - 1; bucket++) {
        below += buckets[bucket];
        buf_format(out, "linli_request_seconds_bucket{operation=\"%s\",le=\"%g\"} %llu\n", name_of(which),
                   (double)bounds[bucket] / 1e6, (unsigned long long)below);
    }
    buf_format(out, "linli_request_seconds_bucket{operation=\"%s\",le=\"+Inf\"} %llu\n", name_of(which),
               (unsigned long long)total);
    buf_format(out, "linli_request_seconds_sum{operation=\"%s\"} %.6f\n", name_of(which),
               (double)nanoseconds / 1e9);
    buf_format(out, "linli_request_seconds_count{operation=\"%s\"} %llu\n", name_of(which),
               (unsigned long long)total);
}

struct figure {
    const char *name, *type, *help;
    size_t offset;
};

static const struct figure lane_figures_table[] = {
    {"linli_lane_calls_total", "counter", "Calls that were answered.", offsetof(struct metrics_lane, calls)},
    {"linli_lane_refused_total", "counter", "Calls that SQL refused.",
     offsetof(struct metrics_lane, refused)},
    {"linli_lane_unsent_total", "counter", "Calls that could not be sent.",
     offsetof(struct metrics_lane, unsent)},
    {"linli_lane_unknown_total", "counter", "Calls lost after sending.",
     offsetof(struct metrics_lane, unknown)},
    {"linli_lane_connected", "gauge", "Database connections that are up.",
     offsetof(struct metrics_lane, connected)},
    {"linli_lane_in_flight", "gauge", "Calls sent and not yet answered.",
     offsetof(struct metrics_lane, in_flight)},
    {"linli_lane_queued", "gauge", "Calls waiting to be sent.", offsetof(struct metrics_lane, queued)},
};

static const struct figure loop_figures_table[] = {
    {"linli_connections", "gauge", "Open client connections.", offsetof(struct metrics, connections)},
    {"linli_requests_in_flight", "gauge", "Requests under way.", offsetof(struct metrics, in_flight)},
    {"linli_token_cache_hits_total", "counter", "Tokens found verified.",
     offsetof(struct metrics, token_hits)},
    {"linli_token_cache_misses_total", "counter", "Tokens verified anew.",
     offsetof(struct metrics, token_misses)},
    {"linli_principal_cache_hits_total", "counter", "Principals found.",
     offsetof(struct metrics, principal_hits)},
    {"linli_principal_cache_misses_total", "counter", "Principals loaded.",
     offsetof(struct metrics, principal_misses)},
    {"linli_principals", "gauge", "Principals remembered.", offsetof(struct metrics, principals)},
};

static void write_head(struct buf *out, const struct figure *figure) {
    buf_format(out, "# HELP %s %s\n# TYPE %s %s\n", figure->name, figure->help, figure->name, figure->type);
}

static uint64_t read_at(const void *base, size_t offset) {
    return get((const _Atomic uint64_t *)(const void *)((const char *)base + offset));
}

static void write_lanes(struct buf *out, struct metrics *const *loops, size_t count) {
    static const char *const names[LANE_COUNT] = {"read", "write", "slow"};
    for (size_t f = 0; f < sizeof lane_figures_table / sizeof lane_figures_table[0]; f++) {
        write_head(out, &lane_figures_table[f]);
        for (size_t lane = 0; lane < LANE_COUNT; lane++) {
            uint64_t sum = 0;
            for (size_t i = 0; i < count; i++) {
                sum += read_at(&loops[i]->lanes[lane], lane_figures_table[f].offset);
            }
            buf_format(out, "%s{lane=\"%s\"} %llu\n", lane_figures_table[f].name, names[lane],
                       (unsigned long long)sum);
        }
    }
}

static void write_loops(struct buf *out, struct metrics *const *loops, size_t count) {
    for (size_t f = 0; f < sizeof loop_figures_table / sizeof loop_figures_table[0]; f++) {
        uint64_t sum = 0;
        for (size_t i = 0; i < count; i++) {
            sum += read_at(loops[i], loop_figures_table[f].offset);
        }
        write_head(out, &loop_figures_table[f]);
        buf_format(out, "%s %llu\n", loop_figures_table[f].name, (unsigned long long)sum);
    }
}

void metrics_write(struct buf *out, struct metrics *const *loops, size_t count) {
    buf_text(out, "# HELP linli_requests_total Requests by operation and status (0: any other).\n"
                  "# TYPE linli_requests_total counter\n");
    for (size_t which = 0; which <= contract_operation_count; which++) {
        write_statuses(out, loops, count, which);
    }
    buf_text(out, "# HELP linli_request_seconds From the request line to the end of the reply.\n"
                  "# TYPE linli_request_seconds histogram\n");
    for (size_t which = 0; which <= contract_operation_count; which++) {
        write_durations(out, loops, count, which);
    }
    write_lanes(out, loops, count);
    write_loops(out, loops, count);
}

void server_metric(struct buf *out, const char *name, const char *help, uint64_t value) {
    buf_format(out, "# HELP %s %s\n# TYPE %s gauge\n%s %llu\n", name, help, name, name,
               (unsigned long long)value);
}
