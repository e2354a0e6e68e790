#include "core/random.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include "core/log.h"

void random_fill(void *out, size_t length) {
    unsigned char *bytes = out;
    while (length) {
        ssize_t got = getrandom(bytes, length, 0);
        if (got < 0) {
            if (errno == EINTR)
                continue;
            log_event(LOG_LEVEL_ERROR, "no_random_bytes", log_integer("errno", errno));
            abort();
        }
        bytes += got;
        length -= (size_t)got;
    }
}
