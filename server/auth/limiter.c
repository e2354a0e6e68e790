#include "auth/limiter.h"

#include <stdatomic.h>

#include "core/alloc.h"
#include "core/random.h"

#define BUCKETS 4096u /* a power of two */
#define MINUTE_NS UINT64_C(60000000000)
#define SECOND_NS UINT64_C(1000000000)

struct limiter {
    uint64_t seed, token_ns, burst_ns;
    _Atomic uint64_t spent_until[BUCKETS]; /* all tokens are back at this instant */
};

struct limiter *limiter_create(unsigned per_minute) {
    struct limiter *limiter = alloc_zeroed(1, sizeof *limiter);
    if (limiter != NULL) {
        random_fill(&limiter->seed, sizeof limiter->seed);
        limiter->token_ns = MINUTE_NS / (per_minute == 0 ? 1 : per_minute);
        limiter->burst_ns = MINUTE_NS;
    }
    return limiter;
}

void limiter_destroy(struct limiter *limiter) {
    alloc_release(limiter);
}

static _Atomic uint64_t *bucket_of(struct limiter *limiter, struct text key) {
    uint64_t hash = limiter->seed ^ UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < key.length; i++) {
        hash = (hash ^ (unsigned char)key.bytes[i]) * UINT64_C(0x100000001b3);
    }
    return &limiter->spent_until[(hash ^ (hash >> 32)) & (BUCKETS - 1)];
}

unsigned limiter_take(struct limiter *limiter, struct text key, uint64_t now_ns) {
    _Atomic uint64_t *bucket = bucket_of(limiter, key);
    uint64_t until = atomic_load_explicit(bucket, memory_order_relaxed), after;
    do {
        after = (until > now_ns ? until : now_ns) + limiter->token_ns;
        if (after - now_ns > limiter->burst_ns) {
            return (unsigned)((after - now_ns - limiter->burst_ns + SECOND_NS - 1) / SECOND_NS);
        }
    } while (!atomic_compare_exchange_weak_explicit(bucket, &until, after, memory_order_relaxed,
                                                    memory_order_relaxed));
    return 0;
}
