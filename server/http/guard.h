/* Guard: refuses what libmicrohttpd 0.9.75 lets through, before anything of the request is believed.
 *
 * Owns nothing. Judges the raw request target and each header once; two readings of a message (by us and by a
 * proxy in front) must never differ, so whatever could be read in two ways is refused and the connection
 * closed.
 */
#ifndef LINLI_HTTP_GUARD_H
#define LINLI_HTTP_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/text.h"

enum guard_verdict {
    GUARD_PASS,
    GUARD_BAD,              /* 400: cannot be read in one way only */
    GUARD_TARGET_TOO_LONG,  /* 414 */
    GUARD_HEADERS_TOO_LARGE /* 431 */
};

/* The target as sent, undecoded: origin form, printable ASCII, whole escapes, no %00. */
enum guard_verdict guard_target(struct text target, size_t limit);

struct guard {
    size_t bytes, limit, count;
    uint32_t seen; /* bit per header that may come once */
    bool has_length, chunked;
    uint64_t length; /* of the body, when has_length */
    enum guard_verdict verdict;
};

void guard_begin(struct guard *guard, size_t limit);
void guard_header(struct guard *guard, struct text name, struct text value);
/* After the last header. old: HTTP/1.0, which knows no transfer encodings and need not name a host. */
enum guard_verdict guard_finish(struct guard *guard, bool old);

#endif
