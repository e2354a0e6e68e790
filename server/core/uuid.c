#include "core/uuid.h"
#include <stdint.h>
#include <string.h>
#include <time.h>
#include "core/random.h"
#include "core/text.h"

#define UUID_DASHES(position) ((position) == 8 || (position) == 13 || (position) == 18 || (position) == 23)

static void uuid_write(char out[UUID_SIZE], const unsigned char bytes[16]) {
    char hex[33];
    text_write_hex(hex, bytes, 16);
    for (size_t from = 0, to = 0; from < 32; to++)
        out[to] = UUID_DASHES(to) ? '-' : hex[from++];
    out[UUID_SIZE - 1] = '\0';
}

/* The kernel is asked once for many: ids are unique, not secret. */
static void uuid_random(unsigned char out[8]) {
    static _Thread_local unsigned char pool[512];
    static _Thread_local size_t left;
    if (left == 0) {
        random_fill(pool, sizeof pool);
        left = sizeof pool;
    }
    left -= 8;
    memcpy(out, pool + left, 8);
}

void uuid_generate(char out[UUID_SIZE]) {
    unsigned char bytes[16];
    uuid_random(bytes + 8);
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t milliseconds = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    /* RFC 9562, 6.2, method 3: the twelve bits after the version are the fraction of the millisecond. */
    unsigned fraction = (unsigned)(((uint64_t)now.tv_nsec % 1000000) * 4096 / 1000000);
    for (int i = 0; i < 6; i++)
        bytes[i] = (unsigned char)(milliseconds >> (40 - 8 * i));
    bytes[6] = (unsigned char)(0x70 | fraction >> 8);
    bytes[7] = (unsigned char)fraction;
    bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
    uuid_write(out, bytes);
}

static char uuid_lower_digit(char c) {
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))
        return c;
    return c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : '\0';
}

bool uuid_normalise(char out[UUID_SIZE], const char *bytes, size_t length) {
    if (length != UUID_SIZE - 1)
        return false;
    for (size_t i = 0; i < length; i++) {
        out[i] = UUID_DASHES(i) ? (bytes[i] == '-' ? '-' : '\0') : uuid_lower_digit(bytes[i]);
        if (!out[i])
            return false;
    }
    out[length] = '\0';
    return true;
}

bool uuid_check(const char *bytes, size_t length) {
    char ignored[UUID_SIZE];
    return uuid_normalise(ignored, bytes, length);
}
