/* Limiter: token buckets in memory against floods of logins. Shared by all threads, without locks.
 *
 * Owns a fixed table of atomics. A key (an address, a user name) falls into a bucket by a keyed hash; two
 * keys in one bucket share it, which errs on the side of refusing. Lockout of a user name over restarts and
 * servers is the database's.
 */
#ifndef LINLI_AUTH_LIMITER_H
#define LINLI_AUTH_LIMITER_H

#include <stdbool.h>
#include <stdint.h>
#include "core/text.h"

struct limiter;

struct limiter *limiter_create(unsigned per_minute); /* also the burst; NULL: out of memory */
void limiter_destroy(struct limiter *limiter);
/* Takes one token. From any thread. 0: go on; otherwise the whole seconds until there is one again. */
unsigned limiter_take(struct limiter *limiter, struct text key, uint64_t now_ns);

#endif
